"""Programs, one for each expression that can hold an await."""

PROGRAMS = {
    "argument_order": """
def f(*args, **kw): return args, kw
out = f(eff(1), await leaf(2), eff(3), k=eff(4), l=await leaf(5), m=eff(6))
out2 = f(*[eff(1)], await leaf(2), *await leaf([3, 4]), **{"a": eff(5)}, b=await leaf(6))
def items():
    eff("items")
    yield 1
    yield 2
out3 = f(*items(), k=await leaf(eff("kw")))
class C:
    def m(self, *a): return a
    @property
    def p(self): return eff("property") and self.m
c = C()
out4 = c.p(await leaf(1), eff(2))
""",
    "operands_are_read_before": """
x = 1
async def change():
    global x
    await leaf("change")
    x = 100
    return 10
total = x + await change() + x
x = 1
both = [x, await change(), x]
pair = (x, (x := await leaf(7)), x)
""",
    "boolean": """
out = []
for a, b in [(0, 0), (0, 2), (1, 0), (1, 2)]:
    out.append(await leaf(a) and await leaf(b))
    out.append(await leaf(a) or eff(b) or await leaf("last"))
    out.append(not await leaf(a) and (eff("x") or await leaf(b)))
    out.append(a and b and await leaf("both") or "none")
""",
    "conditional": """
out = []
for a in (0, 1):
    out.append(await leaf("yes") if await leaf(a) else eff("no"))
    out.append(eff(1) if a else await leaf(2))
    out.append((await leaf(3) if a else 4) + await leaf(5))
""",
    "comparison_chains": """
out = []
for a in (1, 5, 9):
    out.append(eff(0) < await leaf(a) < eff(6) != await leaf(3))
    out.append(await leaf(a) in [1, 5] and await leaf(a) is not None)
""",
    "f_strings": """
class V:
    def __init__(self, v): self.v = v
    def __format__(self, spec):
        eff(("format", self.v, spec))
        return f"<{self.v}:{spec}>"
width = 5
text = f"{V(1)} and {await leaf(V(2)):>{await leaf(width)}} then {V(3)!r:.3} {await leaf('x')!r}"
more = f"{eff(1)}" f"{await leaf(2)}" "plain" f"{eff(3)=}"
""",
    "displays": """
out = [eff(1), await leaf(2), *await leaf([3]), *[eff(4)], await leaf(5)]
pair = (await leaf(1), eff(2))
items = {await leaf(1), eff(2)}
base = {"z": 0}
table = {eff("a"): await leaf(1), **base, await leaf("b"): eff(2), **await leaf({"c": 3})}
base["z"] = 1
nested = [[await leaf(i) for i in range(2)], {"k": [await leaf(3)]}]
starred = *base, await leaf("end")
""",
    "subscripts": """
grid = [[1, 2, 3], [4, 5, 6]]
one = grid[await leaf(1)][await leaf(2)]
cut = grid[0][await leaf(0):await leaf(2)]
cut2 = grid[eff(1)][eff(0):await leaf(3):eff(2)]
grid[await leaf(0)][eff(1)] = await leaf(20)
grid[await leaf(0)], other = await leaf((["new"], 5))
(grid[await leaf(1)][0], *rest), last = [7, 8, 9], await leaf(10)
del grid[await leaf(1)][await leaf(0)]
class Box: pass
box = Box()
(await leaf(box)).attr = await leaf("value")
""",
    "augmented": """
x = 1
x += await leaf(2)
data = {"k": [1]}
alias = data["k"]
data["k"] += await leaf([2])
data[await leaf("k")] += [eff(3)]
same = alias is data["k"]
class Box: pass
box = Box()
box.n = 5
box.n -= await leaf(1)
(await leaf(box)).n *= 3
grid = [1, 2, 3, 4]
grid[eff(1):await leaf(3)] += await leaf([9])
async def f():
    n = 1
    async def bump():
        nonlocal n
        await leaf("bump")
        n = 50
        return 1
    n += await bump()
    return n
n = await f()
""",
    "walrus": """
while (chunk := await leaf(3)) and (n := chunk - 1) > 5:
    pass
out = [(y := await leaf(x)), y + 1] if (x := eff(4)) else None
squares = [last := await leaf(i) for i in range(3)]
async def f():
    kept = [inner := await leaf(i) for i in range(2)]
    await leaf("after")
    return kept, inner
result = await f()
""",
    "comprehensions": """
nums = [1, 2, 3]
a = [await leaf(x) for x in nums if await leaf(x % 2)]
b = {await leaf(x) for x in await leaf(nums)}
c = {await leaf(x): await leaf(-x) for x in nums}
d = [(x, y) for x in nums for y in await leaf(range(x)) if y]
e = [[await leaf((x, y)) for y in range(x)] for x in nums if x < 3]
f = [t async for t in Ticks(2)]
g = [t + await leaf(1) async for t in Ticks(2) if t > 1]
fs = [lambda: x for x in nums if await leaf(True)]
calls = [f() for f in fs]
total = sum([await leaf(x) for x in nums]) + len([x for x in await leaf([1])])
async def inner(k):
    return [await leaf(x + k) for x in range(2)]
h = await inner(10)
""",
    "comprehension_that_fails": """
async def f(xs):
    return [
        1 // await leaf(x)
        for x in xs
    ]
out = await f([1])
rest = {await leaf(y) for y in (await f([1, 0]))}
""",
    "generator_expressions_live": """
async def f():
    squares = (eff(x) * x for x in range(5) if x % 2 == 0)
    out = [next(squares)]
    await leaf(1)
    out += [next(squares), await leaf(2)]
    for last in squares:
        out.append(await leaf(last))
    agen = (await leaf(x) async for x in Ticks(3))
    async for v in agen:
        out.append(v)
        await leaf("between")
    return out
out = await f()
""",
    "await_of_values": """
class Deferred:
    def __init__(self, v): self.v = v
    def __await__(self):
        return leaf(self.v).__await__()
async def mine(v):
    await leaf(("mine", v))
    return [v]
held = mine(1)
before = await leaf("before")
first = await held
d = Deferred(5)
out = [await d, await d, await Deferred(6), (await mine(2))[0], await (mine(3) if before else d)]
unstarted = [mine(i) for i in range(3)]
results = []
for c in unstarted:
    results.append(await c)
unstarted = None
held = None
""",
    "nested_awaits": """
out = await leaf(await leaf(await quick(1)) + await leaf(2))
async def add(a, b):
    return await leaf(a) + await quick(b)
total = await add(await add(1, 2), b=await add(3, await leaf(4)))
""",
    "lambda_defaults": """
f = lambda a, b=await leaf(2), *, c=eff(3): (a, b, c)
out = f(1)
def g(a, b=await leaf(5), *, c=await leaf(6)) -> eff("annotation"):
    return a, b, c
out2 = g(4)
@(await leaf(lambda f: (lambda *a: ("wrapped", f(*a)))))
def h(x): return x
out3 = h(1)
class K(*await leaf([dict]), **await leaf({})):
    z = 1
out4 = K.__mro__[1].__name__
""",
}
