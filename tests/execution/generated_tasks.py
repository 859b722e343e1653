"""Random concurrent programs: trees of children that share locks, queues, events and variables.

What a program does within each task, and what it leaves behind, does not depend on the order in
which its tasks are stepped: sums are taken of what comes in any order.
"""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable

Choose = Callable[[int], int]
MOST = 60

_START = """
import asyncio
from contextvars import ContextVar
from tests.support.task_tools import act, block, hang, op
limit, lock, shared, background = asyncio.Semaphore(2), asyncio.Lock(), {"n": 0}, set()
who = ContextVar("who", default="nobody")
async def fails(name, pauses):
    raise ValueError(await op(name, "fails", pauses))
async def stuck(name, ready):
    try:
        await op(name, 1)
        ready.set()
        await asyncio.gather(hang(name + ".l", 1), asyncio.Event().wait())
    except asyncio.CancelledError:
        await op(name, "cancelled", 2)
        raise
    finally:
        await op(name, "finally", 0)
async def set_later(name, future, value):
    await op(name, value, 3)
    future.set_result(value)
async def ticks(name, n):
    for i in range(n):
        yield await op(name, i, i % 3)
async def crowd(name, items, workers, room):
    queue, total = asyncio.Queue(room), 0
    async def works():
        nonlocal total
        while True:
            item = await queue.get()
            got = await op(f"{name}.{item}", item, item % 3)
            total += got
            queue.task_done()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(works()) for _ in range(workers)]
        for item in range(items):
            await queue.put(item)
        await queue.join()
        for task in tasks:
            task.cancel()
    return total
async def meet(name, n):
    barrier, condition, here = asyncio.Barrier(n), asyncio.Condition(), [0]
    async def comes(i):
        await op(f"{name}.{i}", "comes", i)
        await barrier.wait()
        async with condition:
            here[0] += 1
            condition.notify_all()
            await condition.wait_for(lambda: here[0] == n)
        return await op(f"{name}.{i}", here[0], 0)
    return sum(await asyncio.gather(*map(comes, range(n))))
def start(coroutine):
    task = asyncio.create_task(coroutine)
    background.add(task)
    task.add_done_callback(background.discard)
    return task
name, total, items, k = "main", 0, [], 0
"""

_ALONE = [
    "total += await op(name, total % 7, {n})",
    "act(name, total)",
    "total += sum([await op(name, i, i) for i in range({m})])",
    "items.append(await op(name, len(items), {n}))",
    "async for i in ticks(f'{c}.g', {m}):\n    total += i",
    "total += await asyncio.to_thread(block, f'{c}', {n})",
    "await asyncio.sleep(0.00{n})",
    "who.set(name)\nawait op(name, who.get(), {n})\nact(name, who.get())",
    "try:\n    await op(name, 1, {n}, KeyError({m}))\nexcept KeyError as error:\n"
    "    total += await op(name, error.args[0], {n})",
    "try:\n    await asyncio.wait_for(hang(f'{c}.h', {m}), 0.005)\nexcept TimeoutError:\n"
    "    act(name, 'late')",
    "async with lock:\n    before = shared['n']\n    await op(name, 'locked', {n})\n"
    "    shared['n'] = before + {m}\ndel before",
    "async with limit:\n    total += await op(name, 'limited', {n}) == 'limited'",
    "ready = asyncio.Event()\ntask = asyncio.create_task(stuck(f'{c}.s', ready))\n"
    "await ready.wait()\ntask.cancel()\nawait op(name, 'asked', {n} % 2)\n"
    "total += (await asyncio.wait([task]))[0].pop().cancelled()\ndel task, ready",
    "future = asyncio.get_running_loop().create_future()\n"
    "task = start(set_later(f'{c}.f', future, {m}))\ntotal += await future\ndel task, future",
    "total += await crowd(f'{c}.q', {n} + 3, {m}, {n})",
    "total += await meet(f'{c}.m', {m})",
    "got = await asyncio.gather(op(f'{c}.1', 1, {n}), fails(f'{c}.2', {m}), op(f'{c}.3', 2, 2),"
    " return_exceptions=True)\ntotal += got[0] + got[2]\nact(name, repr(got[1]))\ndel got",
    "ready = asyncio.Event()\ntry:\n    async with asyncio.TaskGroup() as group:\n"
    "        group.create_task(stuck(f'{c}.s', ready))\n        await ready.wait()\n"
    "        group.create_task(fails(f'{c}.x', {n}))\n"
    "except* ValueError as errors:\n    act(name, str(errors))\ndel group, ready",
]
_WITH_CHILDREN = [
    "total += sum(await asyncio.gather({calls}))",
    "total += sum(await asyncio.gather(asyncio.gather({calls}), op(f'{c}.0', [1])), [])[0]",
    "async with asyncio.TaskGroup() as group:\n"
    "    tasks = [group.create_task(t) for t in ({calls},)]\n"
    "    await op(name, 'body', {n})\ntotal += sum(t.result() for t in tasks)\ndel tasks, group",
    "tasks = [start(t) for t in ({calls},)]\n{inner}\ntotal += sum([await t for t in tasks])\n"
    "del tasks",
    "for t in ({calls},):\n    start(t)\ndel t",
    "for t in ({calls},):\n    total += await asyncio.wait_for(t, 60)\ndel t",
    "async with asyncio.timeout(60):\n    total += sum(await asyncio.gather({calls}))",
    "for t in asyncio.as_completed([{calls}]):\n    total += await t\ndel t",
    "done, none = await asyncio.wait([start(t) for t in ({calls},)])\n"
    "total += sum(t.result() for t in done)\ndel done, none",
    "*others, task = map(start, ({calls},))\ntotal += await asyncio.shield(task)\ndel task, others",
]


class Writer:
    """Writes one program, one choice after another."""

    def __init__(self, choose: Choose) -> None:
        self.choose, self.lines = choose, list[str]()
        self.weights: dict[str, int] = {}
        self.calls = self.weight = 0
        self.times = 1

    def line(self, text: str, depth: int) -> None:
        self.lines.append(textwrap.indent(text, "    " * depth))

    def define(self, number: int) -> None:
        """An async function; it calls those that stand before it."""
        self.weight = 0
        self.line(f"async def f{number}(name, total=0):\n    items, k = [], 0", 0)
        for _ in range(1 + self.choose(3)):
            self.line(self.statement(2), 1)
        self.line("return total + len(items)", 1)
        self.weights[f"f{number}"] = self.weight

    def statement(self, depth: int) -> str:
        """Return some lines that await; `k` counts how many have run in their task."""
        return "k += 1\n" + self.lines_of(depth)

    def lines_of(self, depth: int) -> str:
        kind = self.choose(10)
        if depth and kind < 2:
            return self.loop(depth - 1)
        if depth and kind == 2:
            return f"try:\n{self.block(depth - 1)}\nfinally:\n    await op(name, 'finally', 2)"
        if self.light() and kind < 8:
            return self.with_children(depth)
        self.weight += 3 * self.times
        return self.fill(_ALONE[self.choose(len(_ALONE))])

    def light(self) -> list[str]:
        """The functions that may be called here without the program's getting too long."""
        left = (MOST - self.weight) // (3 * self.times)
        return [f for f, weight in self.weights.items() if weight <= left]

    def loop(self, depth: int) -> str:
        times = 1 + self.choose(3)
        self.times *= times
        text = f"for i in range({times}):\n{self.block(depth)}"
        self.times //= times
        return text

    def block(self, depth: int) -> str:
        lines = "\n".join(self.statement(depth) for _ in range(1 + self.choose(2)))
        return textwrap.indent(lines, "    ")

    def with_children(self, depth: int) -> str:
        calls = ", ".join(self.call() for _ in range(1 + self.choose(3)))
        inner = self.statement(depth - 1) if depth else "act(name, 'inner')"
        text = _WITH_CHILDREN[self.choose(len(_WITH_CHILDREN))]
        return self.fill(text.replace("{calls}", calls).replace("{inner}", inner))

    def call(self) -> str:
        functions = self.light() or list(self.weights)[:1]
        function = functions[self.choose(len(functions))]
        self.weight += self.weights[function] * self.times
        return f"{function}(f'{self.child()}', {self.choose(5)})"

    def child(self) -> str:
        """Return a label for a child: that of its parent, which place, which visit."""
        self.calls += 1
        return f"{{name}}.{self.calls}v{{k}}"

    def fill(self, text: str) -> str:
        n, m = str(self.choose(4)), str(1 + self.choose(3))
        return text.replace("{n}", n).replace("{m}", m).replace("{c}", self.child())


def write_program(choose: Choose) -> str:
    """Return a program that always ends."""
    writer = Writer(choose)
    for number in range(1 + choose(3)):
        writer.define(number)
    for _ in range(1 + choose(3)):
        writer.weight = 0
        writer.line(writer.statement(2), 0)
    return _START + "\n".join(writer.lines) + "\n"


def random_program(seed: object) -> str:
    """Return the same program for the same seed."""
    return write_program(random.Random(str(seed)).randrange)
