"""Programs whose client holds a task group of anyio, killed with SIGKILL: a new client is entered.

`make test` takes a seeded sample of the kill points, `make faults` takes all of them.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from playbooks_ipython.execution.twins import give_twins
from tests.execution.chains import ALL, SEED, Kill, fork, kill_points, prepare, said, some_kills
from tests.execution.programs_sessions import PROGRAMS, START
from tests.execution.task_chains import Undisturbed

pytest.importorskip("anyio")
SAMPLE, REACH = 3, 9
HARD = {
    "deadline_that_expires_around": [("done", 5)],
    "given_by_an_own_manager": [("done", 10)],
    "two_at_once_in_a_group": [("done", 6)],
}
"""Always tried: a client was left by an error, is what another manager gave, or stands between."""
IN_A_TASK = (
    START
    + """
async def part():
    async with Session() as session:
        return await session.call("part", 1)
out = await asyncio.gather(part())
"""
)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """So that no process has to compile what waits."""
    give_twins({}, with_anyio=True)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_killed_program_ends_as_cpython_ends_it_and_repeats_no_call_that_completed(
    name: str, tmp_path: Path
) -> None:
    """One that was in flight may be made again, as another attempt with the same key."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS[name])
    assert program.run_through(tmp_path / "whole", []) == 0
    for number, kills in enumerate(chosen(kill_points(tmp_path / "whole"), name)):
        program.run_through(tmp_path / str(number), kills)


def chosen(points: list[Kill], name: str) -> list[list[Kill]]:
    random_ = random.Random(f"{SEED}{name}")
    sample = points if ALL else [*HARD.get(name, ()), *random_.sample(points, SAMPLE)]
    return [[point, *some_kills(random_, 1, REACH)] for point in sample]


def test_a_client_in_a_task_is_said_by_line_before(tmp_path: Path) -> None:
    """Only the task that entered its scope could leave it; the cell's task makes it again."""
    folder = prepare(tmp_path / "whole", IN_A_TASK)
    assert fork(folder, "run") == 0
    expected = "line 10: what Session() gave has entered a cancel scope of anyio in a task: after"
    assert expected in said(folder)
