"""Programs about what loops go over, and what happens to it meanwhile. Strings only."""

PROGRAMS = {
    "for_iterators_of_itertools": """
import itertools as it
out = []
makers = [lambda: it.chain([1], "a"), lambda: it.chain.from_iterable([[1], (2,)]),
          lambda: it.product("ab", [1, 2]), lambda: it.permutations([1, 2, 3], 2),
          lambda: it.combinations("abc", 2), lambda: it.combinations_with_replacement("ab", 2),
          lambda: it.accumulate([1, 2, 3]), lambda: it.starmap(pow, [(2, 3), (3, 2)]),
          lambda: it.takewhile(lambda x: x < 3, [1, 2, 3]), lambda: it.dropwhile(bool, [1, 0, 2]),
          lambda: it.islice(it.count(5, 5), 3), lambda: it.islice(it.cycle("xy"), 3),
          lambda: it.repeat("r", 2), lambda: it.zip_longest([1, 2], "a", fillvalue="-"),
          lambda: it.compress("abc", [1, 0, 1]), lambda: it.filterfalse(bool, [0, 1, 0]),
          lambda: it.tee([1, 2])[1], lambda: it.pairwise([1, 2, 3])]
for make in makers:
    for item in make():
        out.append(await leaf(item))
for key, group in it.groupby("aab"):
    out.append((key, await leaf(key)))
    out += group
makers = group = None
""",
    "for_iterable_changes_size": """
out = []
table, seen, stack = {"a": 1, "b": 2}, {1, 2}, [1, 2, 3]
for iterable, change in [(table, lambda: table.update(c=3)), (seen, lambda: seen.add(9))]:
    try:
        for item in iterable:
            out.append(await leaf(item))
            change()
            await leaf("changed")
    except RuntimeError as error:
        out.append(str(error))
change = None
for item in stack:
    stack.remove(item)
    await leaf(item)
for item in reversed(stack):
    stack.append(item)
    await leaf(item)
for key in table:
    table[key] = await leaf(key)
for value in table.values():
    table["a"] = table["b"] = 7
    out.append(await leaf(value))
""",
    "for_zip_that_is_not_even": """
out = []
try:
    for pair in zip([1, 2], "a", strict=True):
        out.append(await leaf(pair))
except ValueError as error:
    await leaf("uneven")
    out.append(str(error))
""",
    "for_iterator_that_is_shared": """
numbers = iter(range(6))
out = []
for a in numbers:
    out.append((a, next(numbers), await leaf(a)))
    for b in numbers:
        out.append(await leaf(b))
        break
rest = list(numbers)
again = iter([1, 2, 3])
for x, y in zip(again, again):
    out.append(await leaf((x, y)))
""",
    "for_iterator_that_raises": """
class Broken:
    def __init__(self):
        self.left = 2
    def __iter__(self):
        return self
    def __next__(self):
        self.left -= 1
        if self.left < 0:
            raise OSError("torn")
        return self.left
out = []
try:
    for x in Broken():
        out.append(await leaf(x))
    else:
        eff("never")
except OSError as error:
    out.append(await leaf(str(error)))
try:
    for x in 5:
        await leaf("never")
except TypeError as error:
    out.append(str(error))
try:
    for x, y in [(1, 2), (3,)]:
        await leaf(x)
except ValueError as error:
    out.append(str(error))
""",
    "for_over_what_is_awaited": """
async def pages(n):
    await leaf(("pages", n))
    return range(n)
out = []
for a in await pages(2):
    for b in await pages(a + 1):
        out.append((a, b, await leaf(a + b)))
for c in [await leaf(1), *await pages(2), eff(3)]:
    out.append(await leaf(c))
for d, out[0] in zip(await pages(2), "xy"):
    await leaf(d)
""",
    "for_loops_in_one_line": """
for a in [1, 2]: await leaf(a); eff(a)
for b in []: await leaf("never")
else: await leaf("empty")
while await leaf(False): pass
if await leaf(1): await leaf(2)
x = 1; y = await leaf(x); x = 2
""",
    "loops_left_from_deep_inside": """
async def find(grid):
    for y, row in enumerate(grid):
        for x, cell in enumerate(row):
            while True:
                try:
                    with Manager((x, y)):
                        if await leaf(cell) == "gold":
                            return x, y
                        if cell == "trap":
                            raise LookupError(x, y)
                        break
                except LookupError:
                    await leaf("escaped")
                    break
                finally:
                    eff("looked")
            if cell == "next row":
                break
        else:
            await leaf("row done")
    return None
out = await find([["a", "trap"], ["next row", "gold"], ["b", "gold", "c"]])
""",
    "loop_name_outlives_the_loop": """
for i in range(3):
    pass
first = i
for i in range(2):
    await leaf(i)
second = i
for i in ():
    await leaf("never")
third = i
async def local():
    for k in ():
        await leaf("never")
    try:
        return k
    except UnboundLocalError:
        return await leaf("unbound")
fourth = await local()
""",
    "while_with_everything": """
n, out = 0, []
while (n := await leaf(n + 1)) < 6 and n != await leaf(5) or n == 5:
    if n == 2:
        continue
    while True:
        out.append(await leaf(("inner", n)))
        if len(out) % 2:
            break
    else:
        eff("never")
    try:
        if n == 3:
            continue
        out.append(n)
    finally:
        out.append(await leaf("f"))
else:
    out.append(await leaf("else"))
async def drain(queue):
    while queue:
        item = queue.pop(0)
        if item:
            queue.extend([await leaf(item - 1)])
    return queue
left = await drain([2, 1])
""",
    "async_for_sources": """
import asyncio
class Source:
    def __aiter__(self):
        eff("aiter")
        return walk()
async def walk():
    for i in range(3):
        yield await leaf(i)
class Plain:
    def __init__(self): self.n = 0
    def __aiter__(self): return self
    def __anext__(self):
        self.n += 1
        return leaf(self.n) if self.n < 3 else ends()
async def ends():
    raise StopAsyncIteration
out = []
async for a in Source():
    out.append(a)
async for b in Plain():
    out.append(await leaf(b))
async for c in walk():
    async for d in walk():
        if d == c:
            break
        out.append((c, d))
    else:
        out.append("all")
agen = walk()
async for e in agen:
    out.append(e)
    break
out.append(await anext(agen))
out.append(await anext(agen, "default"))
out.append(await anext(agen, "default"))
agen = None
""",
    "async_for_that_fails": """
async def torn():
    yield 1
    await leaf("tearing")
    raise OSError("torn")
class Bad:
    def __aiter__(self): return self
    async def __anext__(self):
        raise KeyError(await leaf("bad"))
out = []
for source in (torn, Bad):
    try:
        async for x in source():
            out.append(await leaf(x))
        else:
            eff("never")
    except (OSError, KeyError) as error:
        out.append((repr(error), await leaf("caught")))
try:
    async for x in [1]:
        pass
except TypeError as error:
    out.append(str(error))
""",
    "targets_are_bound_in_order": """
class Spy:
    def __setattr__(self, name, value):
        eff((name, value))
        super().__setattr__(name, value)
    def __setitem__(self, key, value):
        eff((key, value))
spy = Spy()
spy.a = spy[eff("k")] = x = await leaf(1)
spy.b, (spy[0], *spy.c) = await leaf((1, (2, 3, 4)))
i, row = 0, [0, 0, 0]
i, row[i] = await leaf((2, "moved"))
[first, [second]] = await leaf([1, [2]])
spy.d, spy[await leaf("late")] = eff(3), await leaf(4)
a = b = await leaf([])
a.append(1)
same = a is b
head, *middle, tail = [await leaf(n) for n in range(4)]
""",
}
