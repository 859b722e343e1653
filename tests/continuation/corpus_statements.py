"""Programs, one for each statement and the combinations that interact. Strings only."""

PROGRAMS = {
    "for_range": """
total = 0
for i in range(4):
    eff(i)
    total += await leaf(i)
    eff(("total", total))
""",
    "for_else_break_continue": """
seen = []
for i in [1, 2, 3, 4]:
    if i == 2:
        eff("skip")
        continue
    seen.append(await leaf(i))
    if i == 3:
        break
else:
    seen.append("else")
for j in (5, 6):
    await leaf(j)
else:
    eff("else")
    seen.append(await leaf("else"))
eff("end")
""",
    "for_rebinds_its_name": """
for i in [1, 2, 3]:
    i = i * 10
    await leaf(i)
    eff(i)
    del i
for k in "ab":
    del k
    await leaf(1)
""",
    "for_list_grows": """
items = [1]
for item in items:
    await leaf(item)
    if len(items) < 4:
        items.append(item + 1)
""",
    "for_every_iterator": """
from collections import OrderedDict, deque
out = []
class Old:
    def __getitem__(self, i):
        if i > 2:
            raise IndexError
        return i
class Count:
    def __init__(self):
        self.n = 0
    def __iter__(self):
        eff("iter")
        return self
    def __next__(self):
        self.n += 1
        eff(("next", self.n))
        if self.n > 2:
            raise StopIteration
        return self.n
makers = [lambda: (1, 2), lambda: [3, 4], lambda: "ab", lambda: b"xy",
          lambda: range(10**20, 10**20 + 2), lambda: reversed([7, 8]), lambda: enumerate("pq"),
          lambda: zip("ab", [1, 2]), lambda: map(str, [1, 2]), lambda: filter(None, [0, 1, 2]),
          lambda: deque([1, 2]), Old, Count, lambda: {"k": 1, "l": 2}, lambda: {5},
          lambda: frozenset([6]), lambda: {"k": 1}.items(), lambda: {"k": 1}.values(),
          lambda: OrderedDict(a=1).items()]
for number, make in enumerate(makers):
    for item in make():
        out.append(await leaf(item))
makers = None
""",
    "for_targets": """
class Box: pass
box = Box()
data = {}
for box.value in [1, 2]:
    await leaf(box.value)
for data["k"] in [3, 4]:
    await leaf(data["k"])
for a, (b, *c) in [(1, (2, 3, 4)), (5, (6,))]:
    await leaf((a, b, c))
for data[await leaf("key")] in [7, 8]:
    eff(dict(data))
""",
    "nested_loops": """
hits = []
for a in range(3):
    for b in range(3):
        if b == 2:
            break
        for c in "xy":
            if a == 1:
                continue
            hits.append((a, b, c, await leaf((a, b, c))))
        else:
            eff("inner done")
    else:
        hits.append("never")
""",
    "while_tests": """
n = 0
while await leaf(n) < 3:
    n += 1
    if n == 2:
        eff("two")
        continue
    await leaf(("body", n))
else:
    await leaf("else")
while True:
    n -= 1
    if await leaf(n) == 0:
        break
else:
    eff("never")
while n < 2:
    n += 1
    await leaf(n)
else:
    eff("plain test, else")
    await leaf("after")
""",
    "if_chain": """
for i in range(4):
    if await leaf(i) == 0:
        eff("zero")
        await leaf("z")
        eff("zero again")
    elif i == 1:
        eff("one")
    elif await leaf("two?") and i == 2:
        await leaf("two")
    else:
        await leaf("else")
    eff("after")
""",
    "match_plain": """
class P:
    __match_args__ = ("x", "y")
    def __init__(self, x, y):
        self.x, self.y = x, y
for subject in [1, [1, 2, 3], {"k": 2, "l": 3}, P(1, 2), "s", None, (4,)]:
    match subject:
        case int(n):
            await leaf(("int", n))
        case [first, *others]:
            eff(first)
            await leaf(others)
            eff("listed")
        case {"k": value, **more}:
            await leaf((value, more))
        case P(x, y) if x < y:
            await leaf((x, y))
        case "s" | "t" as text:
            eff(text)
        case _:
            await leaf("other")
    eff("matched")
""",
    "match_awaiting_guards": """
out = []
for subject in [1, 2, 3, (4, 5), "x"]:
    match await leaf(subject):
        case int(n) if await leaf(("big?", n)) and n > 2:
            out.append(("big", n))
        case int(n) if n == 1:
            await leaf("one")
        case int(n):
            out.append(("int", await leaf(n)))
        case (a, b) if await leaf(False):
            out.append("never")
        case (a, b):
            await leaf(a + b)
    eff(subject)
""",
    "try_everywhere": """
out = []
for i in range(5):
    try:
        eff(("try", i))
        if i == 1:
            raise ValueError(i)
        if i == 2:
            raise KeyError(i)
        await leaf(i, OSError(i) if i == 3 else None)
        eff("fine")
    except ValueError as error:
        eff("handler")
        out.append((await leaf("v"), error.args))
        eff(error.args)
    except (KeyError, OSError) as error:
        out.append(error)
        await leaf("k")
        out.append(error)
    else:
        eff("else")
        await leaf("else")
        eff("else done")
    finally:
        eff("finally")
        await leaf("finally")
        eff("finally done")
out = [repr(o) for o in out]
""",
    "handler_rebinds_and_reraises": """
out = []
try:
    try:
        raise ValueError("first")
    except ValueError as error:
        kept = error
        error = "rebound"
        await leaf(1)
        out.append(error)
        try:
            await leaf(2)
            raise
        except ValueError as again:
            out.append(again is kept)
            await leaf(3)
            raise KeyError("second") from again
except KeyError as last:
    await leaf(4)
    out += [last.__cause__ is kept, last.__context__ is kept, last.__suppress_context__]
    del last
    await leaf(5)
try:
    out.append(last)
except NameError:
    out.append("gone")
""",
    "handler_context": """
try:
    try:
        await leaf(0, ValueError("a"))
    except ValueError:
        await leaf(1)
        {}["missing"]
except KeyError as error:
    await leaf(2)
    chain = [type(error).__name__, type(error.__context__).__name__]
import sys
async def who():
    await leaf("inside")
    return type(sys.exc_info()[1]).__name__
names = []
try:
    1 / 0
except ZeroDivisionError:
    names.append(await who())
    try:
        await leaf(1, KeyError(2))
    except KeyError:
        names.append(await who())
    names.append(await who())
names.append(await who())
""",
    "what_an_error_arose_from": """
def chain(error):
    return [] if error is None else [type(error).__name__, *chain(error.__context__)]
async def arises(kind):
    try:
        int("no number")
    except ValueError:
        await leaf("within")
        raise kind
async def cleans():
    try:
        await arises(KeyError)
    finally:
        await leaf("cleaned")
async def closes():
    for n in range(2):
        try:
            await arises(IndexError)
        finally:
            await leaf(n)
            if n == 0:
                continue
out = []
try:
    1 / 0
except ZeroDivisionError:
    for f, kind in (lambda: arises(KeyError), KeyError), (cleans, KeyError), (closes, IndexError):
        try:
            await leaf("before")
            await f()
        except kind as error:
            out.append(chain(error))
            await leaf("in hand")
            try:
                await leaf("deeper")
                raise OSError("later") from None
            except OSError as later:
                await leaf("deepest")
                out.append(chain(later))
            out.append(chain(error))
out.append(chain(None))
""",
    "handler_types_are_evaluated_once": """
def kind(cls):
    eff(cls.__name__)
    return cls
for i in range(2):
    try:
        raise [KeyError, ValueError][i]("x")
    except kind(KeyError):
        await leaf("key")
    except kind(ValueError):
        await leaf("value")
        await leaf("again")
""",
    "except_star": """
def shape(error):
    if isinstance(error, BaseExceptionGroup):
        return [type(error).__name__, error.args[0], *map(shape, error.exceptions)]
    return repr(error), repr(error.__context__)
async def run(make):
    seen = []
    try:
        try:
            seen.append(await leaf("body"))
            make()
        except* ValueError as group:
            eff(shape(group))
            seen.append((await leaf("value"), shape(group)))
            if len(group.exceptions) > 1 or "again" in repr(group):
                raise
        except* (KeyError, OSError) as group:
            await leaf("key")
            seen.append(shape(group))
            raise RuntimeError("new") from group
        except* TypeError as group:
            raise group
        else:
            await leaf("else")
        finally:
            await leaf("finally")
    except BaseException as error:
        seen.append(("left", shape(error), repr(error.__cause__)))
    return seen
def raises(error):
    raise error
def nothing():
    pass
deep = ExceptionGroup("h", [KeyError(2), ValueError(3), ZeroDivisionError()])
nested = ExceptionGroup("g", [ValueError(1), deep])
deep = None
out = []
for error in [ValueError("again"), KeyError(2), nested, ExceptionGroup("t", [TypeError(5)])]:
    out.append(await run(nothing if error is None else lambda: raises(error)))
    error = None
""",
    "except_star_simple": """
out = []
for error in [None, ValueError(1), ZeroDivisionError(3), TypeError(4)]:
    try:
        try:
            if error:
                raise error
            await leaf("body")
        except* ValueError:
            out.append(await leaf("value"))
        except* TypeError as group:
            raise group
        else:
            await leaf("else")
    except Exception as left:
        out.append(repr(left))
    error = left = None
""",
    "finally_jumps": """
async def returns():
    try:
        return eff("value")
    finally:
        await leaf("closing")
        eff("closed")
async def overrides():
    try:
        return 1
    finally:
        await leaf("x")
        return 2
async def nested():
    try:
        try:
            return [1]
        finally:
            await leaf("inner")
            eff("inner done")
    finally:
        eff("outer")
        await leaf("outer")
async def loops():
    out = []
    for i in range(5):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            out.append(i)
        finally:
            await leaf(("f", i))
            out.append(("f", i))
    else:
        out.append("never")
    return out
async def raises():
    try:
        try:
            raise ValueError("v")
        finally:
            await leaf("cleanup")
            eff("cleaned")
    except ValueError as error:
        return repr(error)
async def swallowed():
    while True:
        try:
            raise ValueError("lost")
        finally:
            await leaf("f")
            break
    return "kept"
async def replaced():
    try:
        try:
            raise ValueError("old")
        finally:
            await leaf("f")
            raise KeyError("new")
    except KeyError as error:
        await leaf("h")
        return repr(error), repr(error.__context__)
async def inside_plain_if(flag):
    for i in range(3):
        try:
            if flag:
                with Manager("m"):
                    for j in range(2):
                        if j:
                            break
                        continue
                    return i, j
        finally:
            await leaf("out")
out = [await f() for f in (returns, overrides, nested, loops, raises, swallowed, replaced)]
out.append(await inside_plain_if(True))
out.append(await inside_plain_if(False))
""",
    "finally_in_loop_alternates": """
out = []
for i in range(4):
    try:
        try:
            if i % 2:
                raise ValueError(i)
            out.append(await leaf(i))
        finally:
            out.append(("cleanup", i))
            await leaf("cleanup")
            eff("after cleanup")
    except ValueError as error:
        out.append(repr(error))
""",
    "return_value_through_finallies_of_a_loop": """
async def find(xs):
    for x in xs:
        try:
            for y in x:
                try:
                    await leaf(y)
                    if y == 3:
                        return [y]
                    if y == 2:
                        break
                finally:
                    await leaf(("inner", y))
        finally:
            await leaf(("outer", len(x)))
    return None
found = await find([[1, 2, 9], [3, 9]])
missing = await find([[1]])
""",
    "with_many": """
with Manager("a") as a, Manager("b"), Manager("c") as c:
    eff("in")
    await leaf(a.name)
    eff("still in")
with Manager("s", swallow=True):
    await leaf(1, ValueError("eaten"))
    eff("never")
try:
    with Manager("p") as p:
        await leaf(2)
        raise KeyError("through")
except KeyError:
    await leaf("caught")
for i in range(3):
    with Manager(("loop", i)):
        if i == 1:
            continue
        await leaf(i)
        if i == 2:
            break
async def early():
    with Manager("r") as m:
        await leaf("r")
        return m.name
name = await early()
d = {}
with Manager("t") as d["m"]:
    await leaf("t")
with (await leaf(Manager("made"))) as made:
    await leaf("made")
""",
    "with_contextlib": """
import contextlib
@contextlib.contextmanager
def block(name):
    eff(("open", name))
    try:
        yield [name]
    except ValueError as error:
        eff(("saw", repr(error)))
    finally:
        eff(("close", name))
with block("a") as got:
    got.append(await leaf("x"))
with block("b"):
    await leaf("y")
    raise ValueError("seen")
with contextlib.suppress(KeyError):
    await leaf("z", KeyError("k"))
with contextlib.ExitStack() as stack:
    stack.enter_context(Manager("one"))
    await leaf("stacked")
    stack.callback(eff, "called back")
    stack.enter_context(Manager("two"))
    await leaf("stacked twice")
""",
    "async_with": """
async with Manager("a") as a, Manager("b") as b:
    eff("in")
    await leaf((a.name, b.name))
async with Manager("s", swallow=True):
    await leaf(1, ValueError("eaten"))
try:
    async with Manager("p"):
        raise KeyError("through")
except KeyError as error:
    out = repr(error)
async def early():
    for i in range(3):
        async with Manager(i):
            if i == 0:
                continue
            await leaf(i)
            return "early", i
result = await early()
async def broken():
    while True:
        async with Manager("w"):
            break
    return "broken"
result2 = await broken()
""",
    "async_with_of_the_program": """
class Session:
    def __init__(self, log):
        self.log = log
    async def __aenter__(self):
        self.log.append("open")
        await leaf("connect")
        self.log.append("opened")
        return self
    async def __aexit__(self, kind, error, trace):
        self.log.append(kind and kind.__name__)
        await leaf("disconnect")
        self.log.append("closed")
        return kind is ValueError
log = []
async with Session(log) as session:
    await leaf("work")
async with Session(log):
    await leaf("bad", ValueError("x"))
same = session.log is log
""",
    "async_for": """
out = []
async for tick in Ticks(3):
    eff(tick)
    out.append(await leaf(tick))
else:
    await leaf("else")
async for tick in Ticks(5):
    if tick == 1:
        continue
    if tick == 3:
        break
    out.append(tick)
else:
    out.append("never")
class Mine:
    def __init__(self):
        self.n = 0
    def __aiter__(self):
        return self
    async def __anext__(self):
        self.n += 1
        await leaf(("step", self.n))
        if self.n > 2:
            raise StopAsyncIteration
        return self.n, -self.n
async for a, b in Mine():
    out.append((a, b))
""",
    "module_names": """
x: int = await leaf(1)
y: "str"
if await leaf(True):
    z: list = [1]
    import math as m, os.path
    from collections import OrderedDict as OD, deque
    def plain(): return z
    async def nested():
        await leaf("n")
        return plain()
    class Klass(list):
        a: int = 3
        def show(self): return type(self).__qualname__
    names = plain.__qualname__, nested.__qualname__, Klass.__qualname__, (lambda: 0).__qualname__
    k = Klass([await nested()])
    shown = k.show()
    global late
    late = 5
a, *b = await leaf([1, 2, 3])
c = d = await leaf([])
del c
(e := await leaf(9))
e += await leaf(1)
del m, os, deque, OD, nested
same = set(locals()) == set(globals()) and "late" in dir()
evaluated = await leaf(eval("z + [late]"))
exec("w = 3")
f = lambda: z
if await leaf(1):
    in_function = [n for n in sorted(vars()) if n.startswith("z")]
    for q in [1]:
        squares = [q * i for i in range(3)]
""",
    "star_import": """
if await leaf(True):
    from colorsys import *
    got = await leaf(rgb_to_hsv(0, 0, 0))
names = [n for n in list(globals()) if n.endswith("hsv")]
for n in names + ["hsv_to_rgb", "hls_to_rgb", "rgb_to_hls", "rgb_to_yiq", "yiq_to_rgb"]:
    globals().pop(n, None)
""",
    "del_everywhere": """
async def f(x, y):
    del x
    await leaf("unbound")
    try:
        x
    except UnboundLocalError:
        eff("unbound")
    x = await leaf(y)
    d = {"a": 1, "b": 2}
    del d[await leaf("a")], y
    await leaf(dict(d))
    return x, d
out = await f(1, 2)
""",
    "raise_and_assert": """
out = []
for i in range(4):
    try:
        if i == 0:
            raise await leaf(ValueError("made"))
        if i == 1:
            raise KeyError(1) from await leaf(OSError(2))
        if i == 2:
            assert await leaf(0), await leaf("message")
        assert await leaf(1), await leaf("never")
    except Exception as error:
        out.append((repr(error), repr(error.__cause__)))
        await leaf("handled")
""",
    "fails_at_the_end": """
async def inner(x):
    await leaf(x)
    try:
        return 1 // x
    finally:
        await leaf("closing")
async def outer():
    for x in (1, 0):
        value = await inner(x)
    return value
await leaf("start")
result = await outer()
eff("never")
""",
}
