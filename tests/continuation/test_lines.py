"""Iterators and managers that were made on a line of their own come back in their place."""

from __future__ import annotations

import pytest

from tests.continuation.harness import Program, check, run_plain, run_twins
from tests.continuation.test_managers import CLIENT, check_blocks

ITERATORS = {
    "reader": """
import csv
lines = ['a,b', '1,2', '3,4']
rows = csv.reader(lines)
head = next(rows)
got = []
for row in rows:
    got.append(await leaf(row))
got.append(rows.line_num)
kind = isinstance(rows, type(csv.reader([])))
del rows
""",
    "finditer, next": """
import re
found = re.finditer("[a-z]", "a b c d")
first = await leaf(next(found).group())
second = await leaf(next(found).group())
rest = [m.group() for m in found]
alias = (found,)
last = await leaf(next(alias[0], "none"))
found = alias = None
""",
    "spread": """
import re
given, named = ("[a-z]", "a b c d"), {"flags": 0}
found = re.finditer(*given, **named)
seen = []
for m in found:
    seen.append(await leaf(m.group()))
    if len(seen) == 2:
        break
for m in found:
    seen.append(await leaf(m.group()))
for m in re.finditer(*given, flags=0):
    seen.append(await leaf(m.group()))
for m in re.finditer(*given[:1], "x y", **named):
    seen.append(await leaf(m.group()))
found = m = None
""",
    "in a function": """
import re
async def work(text):
    found = re.finditer("[a-z]", text)
    holder = [found]
    first = next(found).group()
    await leaf(first)
    async def inner():
        return await leaf(next(holder[0]).group())
    second = await inner()
    return first, second, [m.group() for m in found]
got = await work("a b c d")
""",
    "enumerate over one": """
import re, itertools
found = re.finditer("[a-z]", "a b c d")
seen = []
for i, m in enumerate(found):
    seen.append(await leaf((i, m.group())))
    if i == 1:
        break
pairs = itertools.pairwise([1, 2, 3])
for pair in pairs:
    seen.append(await leaf(pair))
rest = [m.group() for m in found]
found = m = pairs = None
""",
    "library generator in a variable": """
import contextlib, textwrap, os
from difflib import ndiff
lines = ndiff(["a", "b"], ["a", "c"])
seen = [await leaf(next(lines))]
for line in lines:
    seen.append(await leaf(line))
    break
rest = list(lines)
lines = None
""",
}

MANAGERS = {
    "never entered": """
class Opened(Client):
    def __init__(self, name):
        super().__init__(name)
        self.socket = threading.local()
client = Opened("a")
agent.client = client
kept = (client, {"c": client}, client.get)
def ask(what): return client.get(what)
first = await agent.client.get(1)
same = kept[0] is client is agent.client is kept[1]["c"] is kept[2].__self__
second = await ask(2)
third = await kept[2](3)
del client, agent, kept, ask, Opened
""",
    "entered later": """
client = Client("a")
agent.client = client
first = await leaf("before")
async with client:
    second = await agent.client.get(2)
    same = agent.client is client
with client as again:
    third = await client.get(3)
    same = same and again is client
del client, agent, again
""",
    "closing": """
from contextlib import closing, aclosing
class Closed(Client):
    def __init__(self, name):
        super().__init__(name)
        self.socket = threading.local()
    def close(self): eff("closed")
    async def aclose(self): await leaf("aclosed")
with closing(Closed("c")) as client:
    agent.client = client
    first = await client.get(1)
    same = agent.client is client
async with aclosing(Closed("c")) as client:
    agent.client = client
    second = await client.get(2)
    same = same and agent.client is client
del client, agent, Closed
""",
    "stack": """
from contextlib import ExitStack
with ExitStack() as stack:
    client = stack.enter_context(Client("s"))
    agent.client = client
    first = await client.get(1)
    other = stack.enter_context(Client("t"))
    second = await agent.client.get(2)
    third = await other.get(3)
    same = agent.client is client
del client, agent, other, stack
""",
    "async stack": """
from contextlib import AsyncExitStack
async def work():
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client("s"))
        agent.client = client
        first = await client.get(1)
        other = stack.enter_context(Client("t"))
        stack.callback(eff, "called")
        return first, await other.get(2), agent.client is client
got = await work()
del agent
""",
    "one that uses another": """
class Wrapper(Client):
    def __init__(self, inner):
        super().__init__("w")
        self.inner = inner
async with Client("a") as x, Wrapper(x) as y:
    first = await y.get(1)
    second = await y.inner.get(2)
    same = y.inner is x
del x, y, agent, Wrapper
""",
    "in a constructor": """
class Opened(Client):
    def __init__(self, name):
        super().__init__(name)
        self.socket = threading.local()
class Agent:
    def __init__(self):
        self.client = Opened("i")
        self.seen = []
    async def ask(self, n):
        self.seen.append(await self.client.get(n))
agents = [Agent(), Agent()]
for one in agents:
    await one.ask(1)
    await one.ask(2)
seen = [one.seen for one in agents]
del agents, one, agent, Agent, Opened
""",
}


@pytest.mark.parametrize("text", ITERATORS.values(), ids=ITERATORS)
def test_iterator_in_a_variable_goes_on_at_its_item(text: str) -> None:
    """Killed at every mark, and again at every later one; as CPython runs it."""
    assert check(text) >= 2


HELD_ELSEWHERE = """
import difflib
kept = []
def make():
    kept.append(difflib.ndiff(["a"], ["b"]))
    return kept[-1]
seen = []
for line in make():
    seen.append(await leaf(line))
    break
again = make()
for line in again:
    seen.append(await leaf(line))
    break
seen += [list(kept[0]), list(kept[1]), again is kept[1]]
del kept, again
"""


def test_generator_that_somebody_else_holds_is_left_to_them() -> None:
    """A loop that takes one item leaves the others to whoever has it too."""
    end, _ = run_twins(Program(HELD_ELSEWHERE), takes=False)
    assert end == run_plain(HELD_ELSEWHERE)


@pytest.mark.parametrize("text", MANAGERS.values(), ids=MANAGERS)
def test_new_manager_takes_the_old_ones_place(text: str) -> None:
    """Killed at every mark and again at every later one: same values, same aliases."""
    check_blocks(CLIENT + text)
