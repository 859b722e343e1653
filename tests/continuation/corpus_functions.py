"""Programs, one for each kind of function that a frame can belong to."""

PROGRAMS = {
    "arguments_of_all_kinds": """
async def f(a, /, b, c=3, *args, d, e=5, **kw):
    await leaf((a, b, c, args, d, e, kw))
    a, kw = [a], dict(kw, more=await leaf("more"))
    return a, b, c, args, d, e, kw
out = await f(1, 2, d=4), await f(1, 2, 3, 4, 5, d=6, e=7, z=8)
""",
    "comprehensions_and_cells_of_the_same_name": """
async def f(n, xs):
    first = [n + x for x in xs]
    x = await leaf("x")
    second = [(lambda: x)() for x in await leaf(xs)]
    later = [lambda: (x, n) for x in xs]
    n += await leaf(1)
    third = [[y + n for y in range(x)] for x in await leaf([1, 2])]
    table = {x: [lambda: x, {x for x in xs}] for x in xs}
    x += await leaf("y")
    return first, second, third, n, x, [g() for g in later], [g() for g, _ in table.values()]
out = await f(1, [2, 3])
""",
    "a_docstring_is_all": '''
class Closes:
    async def close(self) -> None:
        """Close it."""
    async def items(self):
        """What it holds."""
out = [await Closes().close(), await Closes().items()]
await leaf(Closes.close.__doc__)
''',
    "annotated_cells": """
async def f(n):
    total: int = n
    other: list[int]
    def more():
        nonlocal total
        total += 1
        return total
    await leaf(1)
    more()
    other: list[Undefined] = [await leaf(2)]
    last: int = more() + len((lambda: other)())
    await leaf(last)
    total: int = total + 1
    return total, other, more()
class Private:
    async def f(self):
        __own: int = 1
        await leaf(3)
        __own: int = (lambda: __own)() + 1
        return __own
out = await f(1), await Private().f()
""",
    "recursion": """
async def walk(tree, depth=0):
    if not tree:
        return depth
    deepest = depth
    for child in tree:
        eff(depth)
        deepest = max(deepest, await walk(child, depth + 1))
    await leaf(depth)
    return deepest
tree = [[], [[]]]
deepest = await walk(tree)
""",
    "closures_share_cells": """
async def outer():
    count = 0
    seen = []
    def bump(n):
        nonlocal count
        count += n
        return count
    async def step(x):
        nonlocal count
        bump(await leaf(x))
        count += 10
        seen.append(count)
        return lambda: (count, x)
    fs = [await step(i) for i in range(2)]
    count += 100
    await leaf(count)
    bump(1000)
    return bump, fs, [f() for f in fs], count
bump, fs, values, count = await outer()
await leaf("after")
bump(1)
late = [f() for f in fs]
""",
    "closure_over_parameter_and_loop": """
async def make(x, *rest):
    later = []
    for i in rest:
        later.append(lambda: (x, i))
        x += await leaf(i)
    return later
out = [f() for f in await make(1, 2, 3)]
async def unbound_cell():
    async def use():
        await leaf("use")
        return value
    try:
        await use()
    except NameError as error:
        await leaf("handled")
        kind = type(error).__name__
    value = 5
    return kind, await use()
out2 = await unbound_cell()
""",
    "methods_super_private": """
class Base:
    async def act(self, x):
        await leaf(("base", x))
        return [x]
    @classmethod
    async def make(cls, x):
        await leaf("make")
        self = cls()
        self.x = x
        return self
class Agent(Base):
    __secret = 7
    def __init__(self):
        self.__hidden = []
    async def act(self, x):
        first = await super().act(x)
        self.__hidden.append(await leaf(x))
        __local = await leaf(self.__secret)
        second = await super().act(await leaf(x + 1))
        return first, second, self.__hidden, __local, __class__.__name__
    @staticmethod
    async def static(x):
        return await leaf(x)
    async def __call__(self, x):
        async def helper():
            await leaf(self.__secret)
            return self.__hidden
        return await helper(), await super(Agent, self).act(x)
    @property
    def later(self):
        return self.act(5)
agent = await Agent.make(3)
out = await agent.act(1), await Agent.static(2), await agent(4), await agent.later
method = agent.act
out2 = await method(9)
""",
    "decorated": """
import functools
def logged(f):
    @functools.wraps(f)
    async def wrapper(*args, **kw):
        eff(("call", f.__name__))
        result = await f(*args, **kw)
        eff("returned")
        return [result]
    return wrapper
def plain(f):
    @functools.wraps(f)
    def wrapper(*a):
        eff("plain wrapper")
        return f(*a)
    return wrapper
@logged
@plain
async def tool(x):
    await leaf(x)
    return x + 1
out = await tool(1)
part = functools.partial(tool, 5)
out2 = await part()
cached = functools.lru_cache(lambda x: x)
out3 = await leaf(cached(3))
""",
    "retry": """
attempts = []
async def flaky(n):
    attempts.append(n)
    await leaf(n, OSError(n) if n < 2 else None)
    return "done"
async def retry(f, times):
    for n in range(times):
        try:
            return await f(n)
        except OSError as error:
            eff(("failed", repr(error)))
            await leaf("backoff")
    raise RuntimeError("given up")
out = await retry(flaky, 5)
""",
    "generators_live": """
def numbers(n):
    eff("start")
    try:
        for i in range(n):
            got = yield i
            if got:
                eff(("got", got))
                yield [got]
    finally:
        eff("closed")
def pipeline(source):
    for x in source:
        yield x * 10
async def main():
    g = numbers(4)
    out = [next(g)]
    await leaf(1)
    out.append(g.send("hello"))
    await leaf(2)
    out.append(next(g))
    for v in pipeline(g):
        out.append(await leaf(v))
    early = numbers(3)
    for v in early:
        await leaf(v)
        break
    early.close()
    unstarted = numbers(2)
    await leaf(3)
    out += list(unstarted)
    finished = numbers(0)
    list(finished)
    await leaf(4)
    out.append(list(finished))
    return out
out = await main()
top = numbers(3)
first = next(top)
await leaf("top")
rest = list(top)
top = None
""",
    "generator_throw_and_close": """
def g():
    while True:
        try:
            got = yield "ready"
            eff(got)
        except ValueError as error:
            eff(repr(error))
            yield "caught"
        finally:
            eff("turn")
gen = g()
out = [next(gen)]
await leaf(1)
out.append(gen.throw(ValueError("thrown")))
await leaf(2)
out.append(next(gen))
await leaf(3)
gen.close()
gen = None
""",
    "yield_from": """
def inner(n):
    total = 0
    try:
        for i in range(n):
            total += (yield i) or 0
    except KeyError:
        yield "caught"
    return total
def outer(n):
    got = yield from inner(n)
    eff(("inner", got))
    yield from [7, 8]
    return "end"
async def main():
    out = []
    g = outer(3)
    out.append(next(g))
    await leaf(1)
    out.append(g.send(5))
    await leaf(2)
    out.append(g.send(6))
    await leaf(3)
    out.append(next(g))
    await leaf(4)
    out.append(next(g))
    await leaf(5)
    try:
        next(g)
    except StopIteration as end:
        out.append(end.value)
    h = outer(5)
    next(h)
    await leaf(6)
    out.append(h.throw(KeyError("k")))
    await leaf(7)
    out += list(h)
    return out
out = await main()
""",
    "delegation_to_an_iterator_of_the_program": """
class Steps:
    def __init__(self): self.log = []
    def __iter__(self):
        eff("iter")
        return self
    def __next__(self): return self.send(None)
    def send(self, value):
        self.log.append(value)
        if len(self.log) > 3:
            raise StopIteration("end")
        return len(self.log)
    def throw(self, error):
        self.log.append(repr(error))
        return "thrown"
def outer(steps):
    got = yield from steps
    yield ["got", got]
steps = Steps()
g = outer(steps)
out = [next(g)]
await leaf("one")
out.append(g.send("sent"))
await leaf("two")
out.append(g.throw(KeyError("k")))
await leaf("three")
out += list(g)
""",
    "async_generators": """
async def ticks(n):
    eff("open")
    try:
        for i in range(n):
            await leaf(("before", i))
            got = yield i
            await leaf(("after", got))
    finally:
        await leaf("closing")
        eff("closed")
async def doubled(source):
    async for x in source:
        yield x * 2
async def main():
    out = []
    async for x in ticks(2):
        out.append(await leaf(x))
    async for y in doubled(ticks(2)):
        out.append(y)
    agen = ticks(3)
    out.append(await agen.__anext__())
    await leaf("between")
    out.append(await agen.asend("sent"))
    await leaf("between")
    await agen.aclose()
    await leaf("closed")
    thrown = ticks(3)
    await anext(thrown)
    try:
        await thrown.athrow(ValueError("t"))
    except ValueError as error:
        out.append(repr(error))
    unstarted = ticks(1)
    await leaf("unstarted")
    out += [v async for v in unstarted]
    return out
out = await main()
""",
    "async_contextmanager_of_the_program": """
class Open:
    def __init__(self, f): self.f = f
    def __call__(self, *a):
        self.gen = self.f(*a)
        return self
    async def __aenter__(self):
        return await anext(self.gen)
    async def __aexit__(self, kind, error, trace):
        if kind is None:
            try:
                await anext(self.gen)
            except StopAsyncIteration:
                return False
        try:
            await self.gen.athrow(error)
        except StopAsyncIteration:
            return True
@Open
async def resource(name):
    await leaf(("acquire", name))
    try:
        yield [name]
    except KeyError as error:
        await leaf(("saw", repr(error)))
    finally:
        await leaf(("release", name))
async with resource("a") as r:
    r.append(await leaf("use"))
async with resource("b"):
    await leaf("bad", KeyError("k"))
""",
    "asynccontextmanager": """
import contextlib
@contextlib.asynccontextmanager
async def resource(name):
    await leaf(("acquire", name))
    try:
        yield [name]
    except KeyError as error:
        await leaf(("saw", repr(error)))
    finally:
        await leaf(("release", name))
async with resource("a") as r:
    r.append(await leaf("use"))
async with resource("b"):
    await leaf("bad", KeyError("k"))
async def main():
    async with contextlib.AsyncExitStack() as stack:
        got = await stack.enter_async_context(resource("c"))
        await leaf("in")
        stack.enter_context(Manager("m"))
        stack.push_async_callback(leaf, "called back")
        async with contextlib.aclosing(numbers()) as agen:
            async for n in agen:
                got.append(n)
                if n == 1:
                    break
    return got
async def numbers():
    try:
        for n in range(3):
            yield await leaf(n)
    finally:
        await leaf("closed")
out = await main()
""",
    "generators_as_coroutines": """
import types
@types.coroutine
def old(x):
    eff(("old", x))
    yield
    return x
async def f():
    first = await old(1)
    held = old(2)
    await leaf("between")
    return first, await held, await old(3)
out = await f()
""",
    "deep_nesting": """
async def f():
    out = []
    for a in [1]:
        for b in [2]:
            with Manager("m"):
                try:
                    for c in [3]:
                        while len(out) < 3:
                            async with Manager("n"):
                                for d in range(2):
                                    try:
                                        for e in [5]:
                                            out.append(await leaf((a, b, c, d, e)))
                                    finally:
                                        await leaf("f")
                finally:
                    eff("end")
    return out
out = await f()
""",
    "calls_that_raise": """
async def f(x): return x
out = []
class Odd:
    def __aiter__(self): return self
for i in range(5):
    try:
        if i == 0:
            await f()
        elif i == 1:
            await 5
        elif i == 2:
            await missing(1)
        elif i == 3:
            async for x in Odd():
                pass
        else:
            async with 7:
                pass
    except (TypeError, NameError) as error:
        out.append((type(error).__name__, await leaf(i)))
async def g():
    await f(1, 2)
try:
    await g()
except TypeError as error:
    out.append(str(error))
""",
    "library_generators": """
import heapq, difflib
for x in heapq.merge([1, 4], [2, 3]):
    await leaf(x)
async def diff(a, b):
    out = []
    for line in difflib.unified_diff(a, b, lineterm="", n=0):
        out.append(await leaf(line))
    return out
out = await diff(["a", "b", "c"], ["a", "x", "c", "d"])
def through(xs):
    yield from heapq.merge(xs, [0, 9])
for x in through([5]):
    await leaf(x)
lines = (w.upper() for w in ["p", "q"])
for w in lines:
    await leaf(w)
lines = None
""",
    "nested_functions_and_qualnames": """
async def outer():
    class Local:
        async def method(self):
            async def deep():
                await leaf("deep")
                return deep.__qualname__
            return await deep(), type(self).__qualname__
    await leaf("defined")
    return await Local().method()
names = await outer()
docs = outer.__doc__, outer.__qualname__, outer.__name__, outer.__code__.co_varnames[:0]
async def documented(x: int = 1) -> str:
    "The doc."
    return await leaf(x)
out = await documented(), documented.__doc__, documented.__annotations__
""",
    "reflection_shows_no_hidden_names": """
async def f(a):
    b = await leaf(2)
    for i in [1]:
        await leaf(i)
        shown = sorted(locals()), dir(), sorted(vars())
    c = eval("a + b"), [eval("i") for i in [3]]
    space = {}
    exec("q = a", globals(), locals())
    return shown, c, [n for n in locals() if not n.isidentifier()]
out = await f(1)
""",
    "aliasing_between_frames_and_names": """
shared = []
async def use(items, other):
    local = items
    other["back"] = local
    await leaf("in use")
    local.append(1)
    return items is shared, other["back"] is shared, local
table = {}
out = await use(shared, table)
node = {}
node["self"] = node
async def hold(n):
    n["n"] = n
    await leaf("held")
    return n["n"]["self"] is n
held = await hold(node)
""",
    "coroutine_cycles": """
class Task: pass
task = Task()
async def run(me):
    me.local = [me]
    await leaf("run")
    return me.coroutine is not None, me.local[0] is me
task.coroutine = run(task)
result = await task.coroutine
task.coroutine = None
""",
    "global_and_nonlocal": """
counter = 0
async def bump():
    global counter, made
    counter += await leaf(1)
    made = [counter]
    await leaf("made")
    counter += 1
async def outer():
    x = 1
    async def middle():
        nonlocal x
        async def inner():
            nonlocal x
            x += await leaf(10)
            return x
        x = await inner() + 1
        return x
    y = await middle()
    return x, y
await bump()
out = await outer()
""",
    "many_live_temporaries": """
class Node:
    def __init__(self, v): self.v = v
    def add(self, *others): return [self.v, *others]
async def f(n):
    return n.add(await leaf(1), n.add(await leaf(2), eff(3)), (await leaf(n)).add(await leaf(4))[0],
                 {"k": await leaf(5), **{"l": eff(6)}}, [await leaf(i) for i in range(2)],
                 f"{await leaf(7)}", await leaf(8) if await leaf(0) else eff(9))
out = await f(Node("n"))
""",
    "parameters_of_a_frame_that_is_entered_again": """
class C:
    async def f(self, __a, __b=2, *__r, __k=3, **__m):
        g = lambda: __a
        await leaf(__a)
        del __b
        await leaf(__k)
        eff((g(), __r, __m))
        try: __b
        except UnboundLocalError: eff("gone")
        await leaf(5)
async def q(a, /, b, *, c):
    del a, c
    await leaf(b)
    a = 3
    try: c
    except UnboundLocalError: eff("gone")
    held = later(a)
    await leaf(a)
    return await held
async def later(x):
    await leaf(x)
    return x
await C().f(1, 2, 3, 4, z=5)
out = await q(1, 2, c=3)
""",
}
