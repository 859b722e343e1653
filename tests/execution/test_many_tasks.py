"""Very many tasks: an await among a thousand of them encodes what one among ten does."""

from __future__ import annotations

import gc
import random
import weakref
from pathlib import Path

import pytest

from playbooks_ipython.checkpoints.frames import ProgramEncoder
from playbooks_ipython.execution.children import FEWEST_APART
from tests.execution.chains import SEED
from tests.execution.place import Place
from tests.execution.task_chains import Undisturbed

WAITS = {
    "sleep": "await asyncio.sleep(1000)",
    "event": "await event.wait()",
    "lock": "await lock.acquire()",
    "future": "await future",
}
BESIDE = """
import asyncio
event, lock = asyncio.Event(), asyncio.Lock()
future = asyncio.get_running_loop().create_future()
await lock.acquire()
async def child(n):
    about = {{"n": n, "more": [n, n]}}
    {wait}
async def measured():
    await step()
    before = counted()
    for n in range(20):
        await step()
    return counted() - before
tasks = [asyncio.create_task(child(n)) for n in range(count)]
await asyncio.sleep(0)
used = await measured()
for task in tasks:
    task.cancel()
"""
TURNS = {
    "gather": "await asyncio.gather(*[child(n) for n in range(count)])",
    "list": "waiting = [child(n) for n in range(count)]\nawait asyncio.gather(*waiting)",
    "group": "async with asyncio.TaskGroup() as group:\n"
    "    for n in range(count):\n        group.create_task(child(n))",
}
IN_TURN = """
import asyncio
async def child(n):
    for k in range(5):
        await step()
before = counted()
{turns}
used = counted() - before
"""


@pytest.fixture
def counting(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place whose programs can ask how many objects were taken apart for checkpoints so far."""
    reduced = 0
    reduce = ProgramEncoder._reduce

    def count(encoder: ProgramEncoder, obj: object) -> object:
        nonlocal reduced
        reduced += 1
        return reduce(encoder, obj)

    async def step() -> None:
        return None

    monkeypatch.setattr(ProgramEncoder, "_reduce", count)
    place.given |= {"counted": lambda: reduced, "step": step}
    return place


def used(place: Place, program: str, count: int) -> int:
    place.given["count"] = count
    place.run(program, "fresh")
    found: int = place.namespace["used"]
    return found


@pytest.mark.parametrize("wait", WAITS)
def test_an_await_beside_a_thousand_tasks_that_wait_costs_as_beside_ten(
    counting: Place, wait: str
) -> None:
    """Nothing of those that did not move is taken apart, nor what they wait for."""
    program = BESIDE.format(wait=WAITS[wait])
    assert used(counting, program, 1000) <= used(counting, program, 10)


@pytest.mark.parametrize("turns", TURNS)
def test_tasks_that_take_turns_are_taken_apart_once_a_turn(counting: Place, turns: str) -> None:
    """So many times more tasks cost so many times more, and no more than that."""
    program = IN_TURN.format(turns=TURNS[turns])
    assert used(counting, program, 300) / 300 < 1.2 * used(counting, program, 30) / 30


def test_what_tasks_gave_lives_no_longer_than_somebody_has_it(place: Place) -> None:
    """That the run knows of a task that has ended keeps neither it nor what it gave."""
    alive: weakref.WeakSet[object] = weakref.WeakSet()

    def living() -> int:
        gc.collect()
        return len(alive)

    place.given |= {"note": alive.add, "living": living, "count": 2 * FEWEST_APART}
    place.run("""
import asyncio
class Gift:
    pass
async def child():
    await tool("child")
    gift = Gift()
    note(gift)
    return gift
async def waiting():
    for task in [asyncio.create_task(child()) for _ in range(count)]:
        await task
    del task
    for n in range(10):
        await tool("main", n)
    return living()
found = await waiting()
""")
    assert place.namespace["found"] == 0


FAN_OUT = """
import asyncio
from tests.support.task_tools import act, op
few = asyncio.Semaphore(4)
async def one(n):
    async with few:
        about = {"n": n}
        about["got"] = await op(f"c{n}", n, n % 3)
        return about
waiting = [one(n) for n in range(60)]
out = [about["got"] for about in await asyncio.gather(*waiting)]
act("main", out)
"""


def test_a_fan_out_killed_five_times_asks_everything_once(tmp_path: Path) -> None:
    """Enough tasks that each is stored apart; as CPython ends it."""
    program = Undisturbed(tmp_path / "plain", FAN_OUT)
    random_ = random.Random(SEED)
    kills = [(random_.choice(("issue", "done")), random_.randint(3, 25)) for _ in range(5)]
    assert program.run_through(tmp_path / "killed", kills) == 5
