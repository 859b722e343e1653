"""Tasks in real kernels: interrupts reach them, and they go on behind their cell."""

from __future__ import annotations

import time

import pytest

from tests.kernel.conftest import value
from tests.kernel.test_interrupts import AT_ONCE_S, interrupted
from tests.support.kernels import Kernel

WAIT_S = 30
WORK = """
async def work(name, count):
    for n in range(count):
        await tool(name, n)
    return name
"""
BUSY = """
async def one(n):
    await asyncio.sleep(0)
    if n == 20:
        print("ready", flush=True)
        while True:
            pass
"""
PLACES = {
    "gather": BUSY + "await asyncio.gather(*map(one, range(40)))",
    "thousand": BUSY
    + "event = asyncio.Event()\nasync def waits(n):\n    await event.wait()\n"
    + "await asyncio.gather(*map(waits, range(1000)), one(20))",
    "group": BUSY
    + "async with asyncio.TaskGroup() as group:\n"
    + "    for n in range(21):\n        group.create_task(one(n))",
    "task": BUSY + "t = asyncio.create_task(one(20))\nawait asyncio.sleep(30)",
}


@pytest.mark.parametrize("place", PLACES)
def test_an_interrupt_ends_the_busy_loop_of_one_task_of_many(shared: Kernel, place: str) -> None:
    """It ends the cell at once, and the kernel survives it."""
    shown, took_s = interrupted(shared, f"%%playbook busy-{place}\nimport asyncio\n{PLACES[place]}")
    assert shown.error is not None and shown.error[0] == "KeyboardInterrupt"
    assert took_s < 5 * AT_ONCE_S
    assert value(shared, "1 + 1") == 2
    assert value(shared, "len(asyncio.all_tasks())") < 20


def test_tasks_go_on_behind_their_cell(shared: Kernel) -> None:
    """A second playbook is refused meanwhile, waits with --join, and finds what they did."""
    shared.run(f"import asyncio\ndone = []{WORK}")
    first = shared.run(
        "%%playbook left\nasync def slow():\n    await asyncio.sleep(1)\n"
        "    await tool('slow')\n    done.append(1)\nt = asyncio.create_task(slow())\n"
        "await tool('main')"
    )
    assert "1 task goes on behind the cell" in first.stdout + first.stderr
    second = shared.run("%%playbook second\nx = list(done)")
    assert "--join" in second.stderr
    third = shared.run("%%playbook second --join\nx = list(done)")
    assert third.error is None, third.traceback
    assert value(shared, "x") == [1]
    assert "finished" in str(shared.run("%playbook").value)


def test_an_interrupt_stops_what_goes_on_behind_and_a_resume_takes_it_up(shared: Kernel) -> None:
    """Stopped while no cell runs, the run is interrupted; a resume lets its tasks go on."""
    shared.run(f"import asyncio\n{WORK}")
    shared.run(
        "%%playbook stopped\nasync def wait_long():\n    await asyncio.sleep(5)\n"
        "    return await tool('after')\nt = asyncio.create_task(wait_long())\nawait tool('x')"
    )
    until = time.monotonic() + WAIT_S
    while "interrupted" not in str(shared.run("%playbook").value):
        assert time.monotonic() < until
        time.sleep(0.2)  # as a person would: no cell runs
        shared.interrupt()
    shown = shared.run("%playbook resume stopped")
    assert shown.error is None, shown.traceback
    shown = shared.run("%%playbook after-it --join\ny = t.result()")
    assert shown.error is None, shown.traceback
    assert value(shared, "y") == value(shared, "t.result()")
