"""Programs in which constructs meet: what interacts is what breaks. Strings only."""

PROGRAMS = {
    "exit_stack_with_awaits_between": """
import contextlib
out = []
async def main(fails):
    with contextlib.ExitStack() as stack:
        a = stack.enter_context(Manager("a"))
        stack.callback(out.append, await leaf("callback"))
        with contextlib.suppress(KeyError):
            stack.push(Manager("swallows", swallow=True))
            await leaf("inside")
            if fails:
                raise KeyError("k")
        kept = stack.pop_all() if not fails else None
        await leaf("popped")
    if kept:
        with kept:
            await leaf("kept")
    return a.name
names = [await main(False), await main(True)]
""",
    "with_returns_through_everything": """
async def work(how):
    for i in range(3):
        try:
            with Manager("outer", swallow=how == "swallow") as m:
                async with Manager("inner"):
                    await leaf((how, i))
                    match how:
                        case "return":
                            return [i]
                        case "break":
                            break
                        case "continue" if i < 2:
                            continue
                        case "raise" | "swallow":
                            raise ValueError(i)
                    eff("through")
        except ValueError as error:
            await leaf("caught")
            return repr(error)
        else:
            eff("else")
        finally:
            await leaf("finally")
    else:
        return "else"
    return "left"
out = [await work(how) for how in ("return", "break", "continue", "raise", "swallow", "none")]
""",
    "finally_replaces_what_was_pending": """
async def f(how):
    for i in range(2):
        try:
            try:
                if how < 3:
                    return await leaf("value")
                raise ValueError("lost")
            finally:
                await leaf("cleanup")
                if how in (0, 3):
                    continue
                if how in (1, 4):
                    break
                eff("kept")
        except ValueError as error:
            return await leaf(repr(error))
    return how, "after"
out = [await f(how) for how in range(6)]
""",
    "handlers_within_handlers": """
import sys
out = []
async def f(n):
    try:
        await leaf(n)
        raise KeyError(n)
    except KeyError as error:
        try:
            await leaf(("inner", n))
            raise ValueError(n)
        except ValueError as error2:
            await leaf("both")
            out.append((repr(error), repr(error2), error2.__context__ is error))
            out.append(sys.exc_info()[1] is error2)
        out.append(sys.exc_info()[1] is error)
        await leaf("one")
        try:
            raise
        except KeyError as again:
            out.append(again is error)
    out.append(sys.exc_info())
await f(1)
async def reraise():
    await leaf("in the callee")
    raise
try:
    raise OSError("original")
except OSError:
    try:
        await reraise()
    except OSError as error:
        out.append(await leaf(repr(error)))
""",
    "raise_from_and_context": """
out = []
def chain(error):
    return [repr(error), repr(error.__cause__), repr(error.__context__), error.__suppress_context__]
for how in range(5):
    try:
        try:
            await leaf(how, OSError("first"))
        except OSError as error:
            await leaf("handling")
            if how == 0:
                raise ValueError("second") from error
            if how == 1:
                raise ValueError("second") from None
            if how == 2:
                raise ValueError("second") from KeyError(await leaf("cause"))
            if how == 3:
                error.add_note(await leaf("a note"))
                error.attribute = [1]
                raise
            raise await leaf(KeyError)
    except Exception as error:
        await leaf("outside")
        notes = getattr(error, "__notes__", None), getattr(error, "attribute", None)
        out.append((chain(error), notes))
""",
    "exceptions_of_the_program": """
class Refused(Exception):
    def __init__(self, code, *, why="?"):
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, [why]
    def __str__(self):
        return f"refused {self.code}"
kept = []
for code in (1, 2):
    try:
        await leaf(code)
        raise Refused(code, why="no")
    except Refused as error:
        await leaf(str(error))
        kept.append(error)
        if code == 2:
            error.__cause__ = kept[0]
await leaf("between")
out = [(str(e), e.code, e.why, e.args) for e in kept]
same = kept[1].__cause__ is kept[0]
""",
    "except_star_that_jumps_and_nests": """
async def f(how):
    out = []
    for i in range(2):
        try:
            await leaf(i)
            raise ExceptionGroup("g", [ValueError(i), ExceptionGroup("h", [KeyError(i)])])
        except* ValueError as group:
            out.append((await leaf("v"), repr(group)))
            try:
                raise TypeError("inner")
            except* TypeError as inner:
                out.append(await leaf(repr(inner)))
        except* KeyError as group:
            out.append((await leaf("k"), repr(group)))
        finally:
            out.append(await leaf("f"))
            if how == 1:
                break
    return out
out = [await f(0), await f(1)]
for kinds in [(ValueError, TypeError), (KeyError,)]:
    try:
        try:
            raise ExceptionGroup("t", [TypeError(1), KeyError(2)])
        except* kinds as group:
            out.append(await leaf(repr(group)))
    except ExceptionGroup as left:
        out.append(await leaf(repr(left)))
        out.append(repr(left.__context__))
    group = left = None
""",
    "augmented_targets": """
class Spy:
    def __init__(self): self.__dict__["data"] = {"n": [1]}
    def __getattr__(self, name):
        if name.startswith("__") or "data" not in vars(self):
            raise AttributeError(name)
        eff(("get", name))
        return self.data[name]
    def __setattr__(self, name, value):
        eff(("set", name, value))
        self.data[name] = value
    def __getitem__(self, key):
        eff(("item", key))
        return 10
    def __setitem__(self, key, value):
        eff(("store", key, value))
spy = Spy()
spy.n += await leaf([2])
spy[eff("key")] -= await leaf(3)
spy[await leaf("a"), eff("b")] *= 2
spy[await leaf("late")] //= eff(3)
(await leaf(spy)).n += [eff(4)]
(await leaf(spy))[await leaf(1):eff(2)] **= await leaf(2)
x = y = [1]
x += await leaf([2])
same = x is y
async def f():
    n = 0
    data = [0, 0]
    for i in range(3):
        n += await leaf(i) + n
        data[i % 2] += await leaf(i) or n
    n @= 1
try:
    await f()
except TypeError as error:
    message = str(error)
n: int = 5
n += await leaf(1)
n |= await leaf(8)
""",
    "annotations_everywhere": """
async def f(a: int = 1, *b: str, c: "list" = await leaf([3]), **d: dict) -> tuple:
    x: eff("never") = await leaf(a)
    y: int
    z: list[int] = [await leaf(2)]
    (w): int = await leaf(3)
    d["k"]: str = await leaf("v")
    try:
        y
    except UnboundLocalError:
        eff("unbound")
    return x, z, w, b, c, d
out = await f(4, "s", q=1)
notes = f.__annotations__
class K:
    field: int = 3
    other: "str"
kinds = K.__annotations__
total: float = await leaf(1.5)
data = {}
data["k"]: int = await leaf(4)
later: eff(int)
module_notes = dict(__annotations__)
""",
    "del_global_nonlocal": """
count, gone = 0, 1
async def outer():
    global count, gone
    x, items = 1, [1, 2, 3]
    async def inner():
        nonlocal x
        del x
        await leaf("deleted")
        try:
            x
        except NameError as error:
            eff(type(error).__name__)
        x = await leaf(5)
    await inner()
    del items[await leaf(0)], items[-1]
    count += await leaf(1)
    del gone
    for gone in [await leaf(7)]:
        count += gone
    return x, items
out = await outer()
del count
try:
    await leaf(count)
except NameError as error:
    out += (str(error),)
class Box: pass
box = Box()
box.a = box.b = 1
del box.a, (await leaf(box)).b
left = vars(box)
""",
    "walrus_in_every_place": """
out = []
if (n := await leaf(3)) > 2 and (m := n + await leaf(1)):
    out.append((n, m))
print_me = f"{(k := await leaf('k'))!r} {k}"
values = [(v := await leaf(i)) + v for i in range(2)]
pairs = {(key := await leaf(i)): key for i in "ab"}
if any((hit := x) > 1 for x in [1, 2, 3]):
    out.append(await leaf(hit))
async def f():
    rows = [last := await leaf(i) for i in range(2) if (seen := await leaf(i + 1))]
    def inner():
        return last, seen
    total = sum(acc := i for i in range(3))
    await leaf("after")
    return inner(), acc
result = await f()
while (left := await leaf(len(out))) > 1: out.pop()
match (subject := await leaf([1, 2])):
    case [a, b] if (c := a + await leaf(b)):
        out.append(c)
""",
    "chained_comparisons": """
class N:
    def __init__(self, v): self.v = v
    def __lt__(self, other):
        eff(("lt", self.v, other.v))
        return self.v < other.v
    def __bool__(self):
        return bool(self.v)
out = []
for a, b, c in [(1, 2, 3), (2, 1, 3), (1, 3, 2)]:
    out.append(await leaf(N(a)) < N(b) < await leaf(N(c)))
    out.append(eff(a) < await leaf(b) < eff(c) > await leaf(0))
    out.append(not (await leaf(a) == a != await leaf(b) in [b, c]))
    out.append(1 if await leaf(a) < b < c else await leaf("no"))
x = 5
out.append(x < (x := await leaf(7)) < (x := await leaf(9)) == x)
""",
    "f_strings_that_nest": """
class V:
    def __format__(self, spec): return f"<{eff(spec)}>"
    def __repr__(self): return eff("repr") or "V"
v = V()
out = [f"{await leaf(1):>{await leaf(4)}.{eff(2)}f}|{v:a{await leaf('b')}c}|{v!r:>5}|{v}",
       f"{await leaf(f'{await leaf(2)}{eff(3)}')}", f"{{}}{await leaf('x')!s:^5}{{{eff(1)}}}",
       f"{await leaf(5)=}", f"{await leaf(6) = :>4}", "plain" f"{await leaf(7)}" rf"\\{eff(8)}"]
long = f'''
{await leaf("multi")}
    {eff("line")}'''
""",
    "starred_everywhere": """
def f(*a, **k): return a, k
def g():
    eff("g")
    yield 1
class M:
    def keys(self): return eff(["p"])
    def __getitem__(self, key): return eff(key)
out = [f(*g(), await leaf(1), *g(), x=await leaf(2), **M(), y=eff(3), **await leaf({"z": 4})),
       [*g(), await leaf(5), *await leaf((6, 7))], {*g(), await leaf(8)}, (*await leaf([9]),),
       {**await leaf({"a": 1}), "b": eff(2), **M(), "c": await leaf(3)}]
first, *rest = *await leaf([1, 2]), eff(3), await leaf(4)
print_args = f(*await leaf([1]), *g())
grid = {(1, 2): "t"}
cell = grid[await leaf(1), eff(2)]
for x in *g(), await leaf(3):
    out.append(await leaf(x))
async def h():
    return *await leaf([1]), await leaf(2)
out.append(await h())
for bad in (lambda: f(*5), lambda: f(**5), lambda: f(**{"a": 1}, a=2)):
    try:
        bad(await leaf("never"), *5)
    except TypeError as error:
        out.append(str(error).split("(")[0][-40:])
bad = None
try:
    f(a=await leaf(1), **{"a": 2})
except TypeError as error:
    out.append(str(error)[-44:])
""",
    "comprehension_scopes": """
async def f(n):
    x = "outer"
    rows = [[(x, y, n) for y in range(await leaf(x))] for x in range(1, 3) if await leaf(n)]
    nested = [[await leaf((x, y)) for y in range(2) if y != x] for x in range(2)]
    table = {x: {y async for y in Ticks(x)} for x in (1, 2) if x != await leaf(1)}
    agen = (await leaf(z) async for z in Ticks(3) if z != await leaf(2))
    pairs = [(a, b) async for a in agen for b in [await leaf(a), n]]
    deep = [lambda: (x, i, n) for i in [await leaf(1)]]
    sums = sum([z for z in [await leaf(4), 5]]) + len({await leaf(1): 2})
    return x, rows, nested, table, pairs, deep[0](), sums
out = await f(7)
class C:
    size = 2
    rows = [i for i in range(size)]
    async def m(self):
        return [await leaf((self.size, __class__.__name__)) for _ in "ab"]
out2 = await C().m()
first = [x for x in [await leaf(1)]]
gen = [v async for v in (await leaf(w) for w in "ab")]
""",
    "recursion_and_mutual_calls": """
depth_log = []
async def even(n):
    depth_log.append(n)
    return True if n == 0 else await odd(n - 1)
async def odd(n):
    try:
        return False if n == 0 else await even(await leaf(n - 1))
    finally:
        depth_log.append(await leaf(("back", n)))
out = [await even(3), await odd(3)]
async def fib(n, memo={}):
    if n < 2:
        return await leaf(n)
    if n not in memo:
        memo[n] = await fib(n - 1) + await fib(n - 2)
    return memo[n]
out.append(await fib(5))
async def permutations(xs):
    if not xs:
        yield []
        return
    for i, x in enumerate(xs):
        async for rest in permutations(xs[:i] + xs[i + 1:]):
            yield [await leaf(x), *rest]
out.append([p async for p in permutations([1, 2, 3])])
def tree(n):
    if n:
        yield n
        yield from tree(n - 1)
        yield -n
for v in tree(3):
    out.append(await leaf(v))
""",
    "tracebacks_of_errors_in_hand": """
import traceback
out = []
def where(error):
    return [(f.name, f.lineno) for f in traceback.extract_tb(error.__traceback__)]
def fail(n):
    raise ValueError(n)
async def deep(n):
    await leaf(n)
    if n % 2:
        fail(n)
    await leaf("bad", KeyError(n))
for n in range(2):
    try:
        await deep(n)
    except (ValueError, KeyError) as error:
        out.append(where(error))
        await leaf("handling")
        out.append(where(error))
        kept = error
    out.append(where(kept))
    await leaf("after")
    out.append(where(kept))
async def reraises(n):
    try:
        await deep(n)
    except Exception as error:
        await leaf("in the handler")
        out.append(where(error))
        raise
async def cleans(n):
    try:
        await deep(n)
    finally:
        await leaf("in the finally")
async def guarded(n):
    async with Manager("m"):
        with Manager("n"):
            await deep(n)
for f in (reraises, cleans, guarded):
    for n in range(2):
        try:
            await f(n)
        except Exception as error:
            out.append(where(error))
            await leaf("caught")
            out.append(where(error))
kept = error = None
""",
}
