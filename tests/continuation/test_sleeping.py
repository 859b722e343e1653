"""A sleep counts wall time: after a restart it waits only for what is left."""

from __future__ import annotations

import asyncio

import pytest

from playbooks_ipython.continuation.marks import HOOKS
from tests.continuation.harness import Program, Shot, resume, run_twins

TEXT = """
import asyncio
async def wait(seconds):
    return await asyncio.sleep(seconds, "slept")
a = await wait(100)
b = await asyncio.sleep(50)
c = await asyncio.sleep(delay=30, result="late")
"""


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Wall time, set by the test; sleeps end at once and the delay that was asked for is noted."""
    now = [1000.0]
    monkeypatch.setattr(HOOKS, "clock", lambda: now[0])
    return now


DELAYS: list[float] = []


async def sleep(delay: float, result: object = None) -> object:
    """Stands in this module, so that a program that holds it is stored by its name."""
    DELAYS.append(delay)
    return result


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    DELAYS.clear()
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return DELAYS


def at_issue(shots: list[Shot], line: int) -> Shot:
    return next(
        shot for shot in shots if shot.what.startswith("issued") and f":{line}#" in shot.what
    )


@pytest.mark.parametrize(
    ("line", "passed", "expected"),
    [(4, 40, [60, 50, 30]), (6, 40, [10, 30]), (7, 40, [0]), (4, -5, [100, 50, 30])],
)
def test_only_what_is_left_is_slept(
    line: int, passed: float, expected: list[float], time: list[float], slept: list[float]
) -> None:
    """Also where it is beneath a function of the user's, and where the clock went back."""
    program = Program(TEXT)
    end, shots = run_twins(program)
    assert slept == [100, 50, 30]
    slept.clear()
    time[0] += passed
    again, _ = resume(program, at_issue(shots, line))
    assert slept == expected
    assert again == end


def test_killed_again_a_sleep_still_counts_from_its_first_issue(
    time: list[float], slept: list[float]
) -> None:
    program = Program(TEXT)
    _, shots = run_twins(program)
    time[0] += 40
    _, later = resume(program, at_issue(shots, 4))
    slept.clear()
    time[0] += 30
    resume(program, at_issue(later, 4))
    assert slept == [30, 50, 30]


def test_a_sleep_by_another_name_waits_only_for_what_is_left(
    time: list[float], slept: list[float]
) -> None:
    """Imported by name, aliased, held by an object: it is the function that counts."""
    program = Program(
        "from asyncio import sleep as nap\nimport asyncio as aio\nclass Clock: pass\n"
        "clock = Clock()\nclock.wait = nap\n"
        "await nap(20)\nawait aio.sleep(30)\nawait clock.wait(40)\n"
    )
    _, shots = run_twins(program)
    time[0] += 15
    for line, expected in ((6, [5, 30, 40]), (7, [15, 40]), (8, [25])):
        slept.clear()
        resume(program, at_issue(shots, line))
        assert slept == expected
