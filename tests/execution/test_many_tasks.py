"""Very many tasks: an await among a thousand of them encodes what one among ten does."""

from __future__ import annotations

import gc
import random
import weakref
from pathlib import Path

import pytest

from playbooks_ipython.checkpoints.frames import ProgramEncoder
from playbooks_ipython.execution.children import FEWEST_APART
from tests.checkpoints.journals import restored
from tests.execution.chains import ALL, SEED
from tests.execution.place import Place
from tests.execution.task_chains import Undisturbed

VERY_MANY = 1000 if ALL else 200
"""A thousand in `make faults`."""
WAITS = {
    "sleep": "await asyncio.sleep(1000)",
    "event": "await event.wait()",
    "lock": "await lock.acquire()",
    "future": "await future",
    "timeout": "async with asyncio.timeout(1000):\n        await event.wait()",
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

    monkeypatch.setattr(ProgramEncoder, "_reduce", count)
    place.given |= {"counted": lambda: reduced, "step": step}
    return place


def used(place: Place, program: str, count: int) -> int:
    place.given["count"] = count
    place.run(program, "fresh")
    found: int = place.namespace["used"]
    return found


@pytest.mark.parametrize("wait", WAITS)
def test_an_await_beside_very_many_tasks_that_wait_costs_as_beside_ten(
    counting: Place, wait: str
) -> None:
    """Nothing of those that did not move is taken apart, nor what they wait for."""
    program = BESIDE.format(wait=WAITS[wait])
    assert used(counting, program, VERY_MANY) <= used(counting, program, 10)


@pytest.mark.parametrize("turns", TURNS)
def test_tasks_that_take_turns_are_taken_apart_once_a_turn(counting: Place, turns: str) -> None:
    """So many times more tasks cost so many times more, and no more than that."""
    program = IN_TURN.format(turns=TURNS[turns])
    assert used(counting, program, 120) / 120 < 1.2 * used(counting, program, 30) / 30


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


GATHERED = """
import asyncio
from tests.support.task_tools import act, op
few = asyncio.Semaphore(4)
async def one(n):
    async with few:
        return {"n": n, "got": [await op(f"c{n}", n)]}
gathered = asyncio.gather(*[one(n) for n in range(40)])
out = await gathered
out[3]["got"].append("more")
await op("main", out[3]["got"])
shared = [a is b for a, b in zip(out, gathered.result())]
out[4]["got"].append("much more")
await op("main", [len(one["got"]) for one in gathered.result()])
del gathered
await op("main", len(out))
"""
TOLD = """
import asyncio
from tests.support.task_tools import act, op
async def one(n):
    return {"n": n, "got": [await op(f"c{n}", n, n % 4)]}
tasks = [asyncio.create_task(one(n)) for n in range(40)]
whole = asyncio.gather(*tasks)
for n in range(0, 40, 5):
    (await tasks[n])["got"].append("told")
    await op("main", n)
out = [about["got"] for about in await whole]
await op("main", out)
del tasks, whole
"""
FAILING = """
import asyncio
from tests.support.task_tools import act, op
async def one(n):
    got = {"got": [await op(f"c{n}", n, n % 3)]}
    if n == 20:
        raise ValueError(n)
    await op(f"c{n}", "again", n % 5)
    return got
tasks = [asyncio.create_task(one(n)) for n in range(40)]
try:
    await asyncio.gather(*tasks)
except ValueError as error:
    act("main", str(error))
await op("main", "after")
out = [t.result() for t in await asyncio.wait(tasks) and tasks if t.exception() is None]
await op("main", len(out))
del tasks, t
"""
IN_TIME = """
import asyncio
from tests.support.task_tools import act, op
async def one(n):
    got = []
    async with asyncio.timeout(30) as whole:
        got.append(await op(f"c{n}", n))
        if n % 8 == 0:
            try:
                async with asyncio.timeout(0.01):
                    await asyncio.sleep(30)
            except TimeoutError:
                got.append("late")
        whole.reschedule(asyncio.get_running_loop().time() + 60)
        got.append(await op(f"c{n}", "again"))
    return got, whole.expired()
out = await asyncio.gather(*[one(n) for n in range(40)])
await op("main", out)
"""
PROGRAMS = {
    "a fan-out": FAN_OUT,
    "a gather that is kept": GATHERED,
    "tasks that are asked": TOLD,
    "one that fails": FAILING,
    "timeouts": IN_TIME,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_many_tasks_killed_until_they_end_ask_everything_once(tmp_path: Path, name: str) -> None:
    """Enough tasks that each is stored apart; as CPython ends it."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS[name])
    random_ = random.Random(SEED)
    kills = [(random_.choice(("issue", "done")), random_.randint(6, 16)) for _ in range(20)]
    assert program.run_through(tmp_path / "killed", kills) >= 5


GIVING = """
import asyncio
async def child(n):
    for k in range(3):
        await asyncio.sleep(0)
    return {"n": n, "text": f"{n} " * 500}
out = await asyncio.gather(*[child(n) for n in range(count)])
"""


def test_what_tasks_gave_is_stored_once(place: Place) -> None:
    """Five times more tasks write five times more: not at each await all that was given before."""
    each = {}
    for count in (40, 200):
        place.given |= {"count": count, "step": step}
        place.run(GIVING, "fresh", keep_last_n=10_000)
        marks = place.provider.view("program", trusted=True).marks
        each[count] = sum(int(record.fields["bytes"]) for record in marks) / count
    assert each[200] < 2 * each[40]


CHANGED_BEHIND = """
import asyncio, weakref
seen = weakref.WeakSet()
async def child(n):
    seen.add(asyncio.current_task())
    await step()
    return {"n": n}
async def last():
    for k in range(60):
        await step()
        for task in list(seen):
            if task.done():
                task.result()["n"] = k
    await step()
out = await asyncio.gather(*[child(n) for n in range(40)], last())
"""


def test_what_a_task_gave_can_be_changed_by_who_knows_the_task(place: Place) -> None:
    """Even by one who has it in a weak set only, between two awaits."""
    place.given |= {"step": step}
    place.run(CHANGED_BEHIND, "fresh")
    view = place.provider.view("program", trusted=True)
    seen = []
    for record in view.marks[-20:]:
        with restored(view.graph_of(record)) as decoded:
            ended = [task.result() for task in decoded.parked if task.done()]
            given = {one["n"] for one in ended if one is not None}
            seen += list(given)
            assert len(given) <= 1, "all are changed between two marks"
    assert seen == sorted(seen)
    assert len(set(seen)) > 5


async def step() -> None:
    return None
