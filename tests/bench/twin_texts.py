"""The texts that are timed as twins. What they call is in them, so that all of it is instrumented.

Three hold much code between two awaits and time it themselves; three hold little but what suspends;
two are only compiled.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A program whose last statement is `result = await work(count)`; work does `units` a count.

    One that appends to `spent` is not timed as a whole: what it times itself is what counts.
    """

    functions: str
    count: int
    units: int = 1

    def program(self, count: int) -> str:
        return f"{self.functions}\nresult = await work({count})\n"


ARITHMETIC = Text(
    """
async def pause():
    return None

async def work(count):
    total = 0
    for i in range(count):
        begun = clock()
        for j in range(16_000):
            total = (total * 31 + (j ^ i)) % 1_000_003
        spent.append(clock() - begun)
        await pause()
    return total
""",
    count=4,
)

OBJECTS = Text(
    """
class Item:
    def __init__(self, number):
        self.name, self.weight = f"item {number}", number

    def at(self, day):
        return self.weight * day

async def pause():
    return None

async def work(count):
    items = [Item(number) for number in range(40)]
    seen = {}
    for day in range(count):
        begun = clock()
        for _ in range(300):
            for item in items:
                try:
                    seen[item.name] += item.at(day)
                except KeyError:
                    seen[item.name] = len([n for n in (1, 2, 3) if n > item.weight])
        spent.append(clock() - begun)
        await pause()
    return sorted(seen.items())
""",
    count=4,
)

CLOSURES = Text(
    """
async def pause():
    return None

async def work(count):
    total = 0

    def add(number):
        nonlocal total
        total += number

    for _ in range(count):
        begun = clock()
        for number in range(16_000):
            add(number)
            if total % 7 == 0:
                total -= 1
        spent.append(clock() - begun)
        await pause()
    return total
""",
    count=4,
)

NESTED = Text(
    """
async def leaf(number):
    return number

async def middle(number):
    return await leaf(number)

async def work(count):
    total = 0
    for number in range(count):
        total += await middle(number)
    return total
""",
    count=800,
    units=2,
)

GENERATOR = Text(
    """
def numbers(count):
    for number in range(count):
        yield number

async def work(count):
    total = 0
    for number in numbers(count):
        total += number
    return total
""",
    count=20_000,
)

ASYNC_GENERATOR = Text(
    """
async def numbers(count):
    for number in range(count):
        yield number

async def work(count):
    total = 0
    async for number in numbers(count):
        total += number
    return total
""",
    count=1_000,
)

# Code between awaits times itself, so that what the await costs is not taken for it.
PROGRAMS = {
    "arithmetic": ARITHMETIC,
    "objects": OBJECTS,
    "closures": CLOSURES,
    "nested": NESTED,
    "generator": GENERATOR,
    "async-generator": ASYNC_GENERATOR,
}

ASYNC_FUNCTION = """
async def check_{n}(names, limit=3):
    found = {{}}
    for place, name in enumerate(names):
        try:
            found[name] = await read(name, place)
        except OSError as error:
            if place > limit:
                raise
            await note(f"{{name}}: {{error}}")
        else:
            found[name] += [one async for one in lines(name) if one]
    return found
"""

PLAIN_FUNCTION = """
def check_{n}(names, limit=3):
    found = {{}}
    for place, name in enumerate(names):
        try:
            found[name] = read(name, place)
        except OSError as error:
            if place > limit:
                raise
            note(f"{{name}}: {{error}}")
        else:
            found[name] += [one for one in lines(name) if one]
    return found
"""

COMPILED = {"compile-async": ASYNC_FUNCTION, "compile-plain": PLAIN_FUNCTION}
