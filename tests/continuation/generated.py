"""Random programs: functions, methods, closures, generators and statements, all that they hold
small integers, lists of them that have several names, and one object.
"""

from __future__ import annotations

import random

from tests.continuation.generated_expressions import Choose
from tests.continuation.generated_statements import Statements

_START = """
from itertools import chain
# No `finally` in what may be abandoned: in one process nobody can say when that is closed.
async def ticks(n):
    for i in range(n):
        await leaf(i)
        yield i
def numbers(n):
    for i in range(n):
        yield i
    eff("numbers are out")
def walker(n):
    got = yield n
    try:
        got = yield got
        eff(("walked", got))
    except KeyError as error:
        eff(repr(error))
        yield -1
    return (yield from numbers(got % 3))
async def held(x, *rest, y=2):
    return x + await leaf(y)
def add(x, y=1):
    return x + y
class Base:
    n = 1
    def __init__(self): self.seen = []
    async def act(self, x):
        self.n = self.n + await leaf(x)
        return x
    def plain(self, x): return x + 1
class Box(Base):
    __step = 2
    async def act(self, x):
        self.seen.append(x)
        return await super().act(x + self.__step) + await leaf(self.n % 5)
    async def both(self, x, items):
        self.seen = items
        try:
            return await self.act(x) + await self.act(len(items))
        finally:
            eff(await leaf(len(self.seen)))
    def plain(self, x): return super().plain(x) * self.__step
a, b, c, d, last, items, live, box = 1, 2, 3, 0, 0, [1, 2], numbers(3), Box()
same = items
"""
_LOCALS = "b, c, d, last, items, live, box = b, 1, 0, 0, [1, 2], numbers(2), Box()"
# What is alive and half-used at the end is used up, so that its end is compared as well.
_END = """
eff([*live])
"""


class Writer(Statements):
    """Writes one program, one choice after another."""

    def define(self, number: int) -> None:
        """An async function with all of its own variables, some shared with a function inside."""
        name = f"f{number}"
        self.line(f"async def {name}(a, b=2):")
        self.indent += 1
        self.line(_LOCALS)
        self.line("same = items")
        self.in_function = True
        for _ in range(1 + self.choose(2)):
            self.statement(2)
        self.line("return a + b + c + len(same)")
        self.in_function = False
        self.indent -= 1
        self.functions.append(name)


def write_program(choose: Choose) -> str:
    """Return a program that always ends and may raise."""
    writer = Writer(choose)
    for number in range(choose(3)):
        writer.define(number)
    for _ in range(1 + choose(3)):
        writer.budget = 30
        writer.statement(3)
    return _START + "\n".join(writer.lines) + "\n" + _END


def random_program(seed: object) -> str:
    """Return the same program for the same seed."""
    return write_program(random.Random(str(seed)).randrange)
