"""Functions with twins where no run records them (H3), calls that change memory (H1), closing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from playbooks_ipython.execution.runs import Cell
from tests.execution.place import Place
from tests.execution.test_remade import check
from tests.support.outside import effect

DEFINED = """
import asyncio, functools
def numbers(n):
    for i in range(n):
        yield i
async def work(n):
    async with Held() as held:
        total = sum([await one(k) for k in numbers(n)])
        async for k in many(n):
            total += k
    return total + held.n
async def one(k):
    await asyncio.sleep(0)
    if k == 4:
        raise KeyError(k)
    return k
async def many(n):
    for k in range(n):
        yield await one(k)
class Held:
    async def __aenter__(self):
        self.n = await one(1)
        return self
    async def __aexit__(self, *error):
        await one(2)
def call(n):
    return asyncio.run(work(n))
"""
END = "await tool('end')\n"


def in_a_thread(call: Callable[[int], int], n: int) -> int:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call, n).result()


def in_a_callback(call: Callable[[int], int], n: int) -> int:
    got: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).add_done_callback(lambda _: got.append(call(n)))
    return got[0]


def by_hand(call: Any, n: int) -> int:
    """As a library's own driver would step it."""
    loop = asyncio.new_event_loop()
    coroutine = call.__globals__["work"](n)
    task = loop.create_task(coroutine)
    try:
        return int(loop.run_until_complete(task))
    finally:
        loop.close()


@pytest.mark.parametrize("way", [lambda call, n: call(n), in_a_thread, in_a_callback, by_hand])
def test_functions_of_a_run_are_plain_functions_afterwards(
    way: Callable[[Any, int], int],
    place: Place,
) -> None:
    """From other cells, threads, callbacks and loops: the same results, and no checkpoint."""
    place.run(DEFINED + END)
    assert way(place.namespace["call"], 4) == 13
    assert place.runs().catalogue.view("program").completed == 1


WHILE = {
    "a thread": "x = await asyncio.to_thread(call, 4)\n",
    "a task": "t = asyncio.create_task(work(4))\nx = await t\ndel t\n",
    "another's loop": (
        "import concurrent.futures\n"
        "with concurrent.futures.ThreadPoolExecutor(1) as pool:\n"
        "    x = await asyncio.wrap_future(pool.submit(call, 4))\ndel pool\n"
    ),
}


@pytest.mark.parametrize("called", WHILE.values(), ids=WHILE)
def test_functions_that_work_elsewhere_while_a_run_lasts_are_right(
    called: str, tmp_path: Path
) -> None:
    """Killed or not, and whatever thread, task or loop they run in."""
    program = DEFINED + "await tool('a')\n" + called + "effect(str(x))\n" + END
    check(tmp_path, program, prelude="")


def test_tracebacks_elsewhere_are_those_of_the_plain_program(place: Place) -> None:
    """Line for line, and no frame of ours."""
    place.run(DEFINED + END)
    plain: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(DEFINED, "<plain>", "exec"), plain)  # noqa: S102  # the oracle
    seen = []
    for space in (place.namespace, plain):
        with pytest.raises(KeyError) as caught:
            space["call"](6)
        steps = traceback.extract_tb(caught.value.__traceback__)
        assert not [step for step in steps if "playbooks_ipython" in step.filename]
        seen.append([(s.name, s.lineno) for s in steps if s.filename.startswith("<")])
    assert seen[0] == seen[1]
    assert len(seen[0]) >= 3


MEMORY = """
import asyncio
queue, small = asyncio.Queue(), asyncio.Queue(2)
for n in range(3):
    queue.put_nowait([n])
kept, got = queue._queue[0], []
got.append(await queue.get())
effect(f"{got} {queue.qsize()} {got[0] is kept}")
await small.put(got[0])
effect(f"{small.qsize()} {small._queue[0] is kept}")
await asyncio.to_thread(got.append, kept)
effect(f"{got} {got[1] is kept}")
lock = asyncio.Lock()
async with lock:
    await tool("locked")
    effect(str(lock.locked()))
effect(str(lock.locked()))
class Node:
    def __init__(self, up=None): self.up, self.below = up, []
class Agent:
    def __init__(self): self.history, self.tree = [], Node()
    async def step(self, n):
        self.history.append(n)
        await asyncio.sleep(0)
        node = Node(self.tree)
        self.tree.below.append(node)
        return node
agent = Agent()
node = await agent.step(1)
effect(f"{agent.history} {node.up is agent.tree} {agent.tree.below[0] is node}")
await tool("end")
effect(f"{agent.history} {node.up is agent.tree} {agent.tree.below[0] is node} {got[1] is kept}")
del queue, small, lock
"""


def test_killed_calls_that_change_memory_change_it_once(tmp_path: Path) -> None:
    """What an await changed while it ran belongs to its outcome: one graph, one identity."""
    check(tmp_path, MEMORY, prelude="")


CLOSED = """
from tests.support.outside import gate
await tool("before")
try:
    await gate()
finally:
    effect("finally")
    await tool("cleanup")
    await tool("cleaned")
"""


def shut_down_in_gate(place: Place) -> None:
    """What a kernel does at its end: its loop stops, and what was suspended is closed."""
    runs = place.runs()
    loop = asyncio.new_event_loop()
    coroutine: Any = runs.run_cell(Cell(CLOSED, "program"))
    task = loop.create_task(coroutine)
    for _ in range(1000):
        if "gate" in place.effects or task.done():
            break
        loop.run_until_complete(asyncio.sleep(0.001))
    with contextlib.suppress(RuntimeError):  # it awaits, though it is closed
        coroutine.close()
    effect("closed")


def test_a_kernel_that_shuts_down_in_an_await_leaves_the_run_before_it(place: Place) -> None:
    """GeneratorExit unwinds the program; what its `finally` awaits is no place to go on from."""
    child = os.fork()
    if child == 0:
        try:
            shut_down_in_gate(place)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert place.effects == ["tool before ()", "gate", "finally", "tool cleanup ()", "closed"]
    (place.folder / "open").touch()
    place.resume()
    after = ["gate", "finally", "tool cleanup ()", "tool cleaned ()"]
    assert place.effects[5:] == after
