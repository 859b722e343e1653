"""Programs whose objects only the project's own encoder stores. Strings only."""

PROGRAMS = {
    "lambdas_around_awaits": """
out = []
k = 3
double = lambda x, n=await leaf(2): x * n
fs = [lambda y=await leaf(i): (y, i) for i in range(2)]
out += [f() for f in fs] + [(lambda: double(k))()]
async def f(n):
    local = [n]
    later = lambda: local + [n]
    start = lambda m: leaf(m + n)
    local.append(await start(1))
    n += 10
    awaitables = [(lambda m: leaf(m))(i) for i in range(2)]
    for one in awaitables:
        local.append(await one)
    pick = max([3, -5], key=lambda v: abs(v))
    return later(), sorted([await leaf(2), 1], key=lambda v: -v), pick
out.append(await f(5))
fs = double = None
""",
    "private_names_and_super_in_odd_places": """
class Base:
    async def act(self): return ["base", await leaf("base")]
    async def other(self): return "other"
    @classmethod
    async def make(cls, *a): return cls.__name__, await leaf(a)
class __Odd(Base):
    __x = 1
    async def act(self):
        __y = await leaf(self.__x)
        rows = [(__y, self.__x, await leaf(i)) for i in range(1)]
        parts = [await super(__Odd__, self).act() for _ in "a"]
        def inner():
            return self.__x, __y
        async def deep():
            nonlocal __y
            __y += await leaf(1)
            return await super(__Odd__, self).other(), __class__ is type(self)
        return rows, parts, inner(), await deep(), inner()
    @classmethod
    async def make(cls, a):
        await leaf("before")
        return await super().make(a, cls.__x)
    @staticmethod
    async def still(__a):
        return await leaf(__a)
    async def __aenter__(self):
        self.__entered = await leaf("in")
        return self
    async def __aexit__(self, *error):
        return await leaf(self.__entered) and None
__Odd__ = __Odd
out = [await __Odd().act(), await __Odd.make(2), await __Odd.still(3)]
async with __Odd() as odd:
    out.append(sorted(vars(odd)))
class Child(__Odd):
    async def act(self):
        one = super()
        first = await one.other()
        return first, await super().act()
out.append(await Child().act())
""",
    "classes_of_many_kinds": """
import abc, dataclasses, enum, functools
@dataclasses.dataclass
class Point:
    x: int
    tags: list = dataclasses.field(default_factory=list)
    async def move(self, by):
        self.x += await leaf(by)
        self.tags.append(self.x)
        return self
class Color(enum.Enum):
    RED = 1
    async def paint(self):
        return self.name, await leaf(self.value)
class Slots:
    __slots__ = ("a", "b")
    async def fill(self):
        self.a = await leaf(1)
        self.b = [self.a]
        return await leaf(self.b)
class Meta(type):
    async def make(cls, n):
        return cls(), await leaf(n)
class Made(metaclass=Meta):
    def __init_subclass__(cls, **kw):
        cls.kw = kw
class Sub(Made, k=await leaf("kw")):
    @functools.cached_property
    def lazy(self): return [1]
    @property
    def now(self): return leaf("now")
    def __await__(self):
        yield from leaf("awaited").__await__()
        return self.lazy
p = Point(1)
q = await (await p.move(2)).move(3)
out = [q is p, p.tags, await Color.RED.paint(), await Slots().fill()]
out += [(await Sub.make(4))[1], Sub.kw]
s = Sub()
out += [await s.now, await s, await s is s.lazy]
""",
    "wrappers_around_functions": """
import functools
calls = []
def decorate(*, times):
    def around(f):
        @functools.wraps(f)
        async def wrapper(*a, **k):
            for n in range(times):
                calls.append((n, await f(*a, **k)))
            return calls[-1]
        wrapper.plain = f
        return wrapper
    return around
@decorate(times=await leaf(2))
async def tool(x, *, y=1):
    return x + y + await leaf(x)
class Counted:
    def __init__(self, f):
        functools.update_wrapper(self, f)
        self.f, self.n = f, 0
    async def __call__(self, *a):
        self.n += 1
        return await self.f(*a), self.n
    def __get__(self, obj, cls):
        return functools.partial(self, obj)
class Agent:
    @Counted
    async def act(self, x):
        return await leaf(x)
    half = functools.partialmethod(act, 1)
    @functools.singledispatchmethod
    async def show(self, x):
        return "any", await leaf(x)
    @show.register
    async def of_number(self, x: int):
        return "int", await leaf(x)
@functools.lru_cache(maxsize=None)
def cached(n):
    eff(("computed", n))
    return [n]
@functools.singledispatch
async def shape(x): return "any", await leaf(x)
@shape.register(str)
async def of_text(x): return "str", await leaf(x)
out = [await tool(1, y=2), await functools.partial(tool, 3)(), await tool.plain(5)]
a = Agent()
out += [await a.act(7), await a.act(8), await a.show(1), await a.show("s"), await shape("s")]
one = cached(3)
await leaf("between")
few = functools.lru_cache(maxsize=2, typed=True)(lambda *a, **k: [eff((a, k))])
three = [few(n) for n in (1, 2, 3)] + [few(2.0, k=4)]
await leaf("cached")
out += [few(3) is three[2], few(2.0, k=4) is three[3], few(1) is three[0]]
out += [cached(3) is one, await shape(2.5), tool.__name__, tool.__wrapped__ is tool.plain]
bound = functools.partial(a.act, 9)
out.append(await bound())
""",
    "unstarted_coroutines_and_bound_methods": """
class Agent:
    def __init__(self): self.log = []
    async def act(self, x):
        self.log.append(await leaf(x))
        return self
agent = Agent()
pending = {n: agent.act(n) for n in range(3)}
act = agent.act
later = (act(10), leaf(11))
await leaf("waiting")
for n in list(pending):
    same = await pending.pop(n) is agent
await later[0]
eleven = await later[1]
async def run(coroutines):
    return [await c for c in coroutines]
out = await run([leaf(1), act(2), quick(3)])
closed = act(99)
await leaf("before close")
closed.close()
later = closed = None
out = [getattr(o, "log", o) for o in out]
""",
    "for_iterators_of_other_modules": """
import array, collections, csv, io, re, types
out = []
class Row(dict): pass
makers = [lambda: array.array("i", [1, 2]), lambda: bytearray(b"xy"), lambda: memoryview(b"pq"),
          lambda: collections.Counter("aab"), lambda: collections.ChainMap({"a": 1}, {"b": 2}),
          lambda: types.MappingProxyType({"k": 1}), lambda: reversed(collections.deque([1, 2])),
          lambda: reversed({"a": 1, "b": 2}), lambda: reversed(range(3)), lambda: Row(a=1),
          lambda: io.StringIO("l1\\nl2\\n"), lambda: csv.reader(["a,b", "c,d"]),
          lambda: csv.DictReader(["h", "1", "2"]), lambda: re.finditer("[a-z]", "ab"),
          lambda: iter([1, 2].pop, 1), lambda: zip([1, 2], "ab", strict=True),
          lambda: iter(eff, None)]
for make in makers:
    for item in make():
        out.append(await leaf(getattr(item, "span", lambda: item)()))
makers = item = None
""",
    "classes_of_functions_keep_their_names": """
async def f():
    class Inner:
        class Innermost: pass
    await leaf(1)
    return Inner
out = await f()
names = out.__qualname__, out.Innermost.__qualname__
await leaf(2)
""",
    "async_generator_that_is_closed": """
async def numbers():
    try:
        for i in range(5):
            yield await leaf(i)
    finally:
        await leaf("closed")
        await leaf("and gone")
async def takes_one():
    source = numbers()
    try:
        return await anext(source)
    finally:
        await source.aclose()
out = await takes_one(), await leaf("end")
""",
}
