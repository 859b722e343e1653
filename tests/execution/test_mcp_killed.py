"""Programs that use tools through mcp's client, killed with SIGKILL; the server dies with them.

`make test` takes a seeded sample of the kill points, `make faults` takes all of them.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from playbooks_ipython.execution.twins import give_twins
from tests.execution.chains import (
    ALL,
    SEED,
    Kill,
    Process,
    fork,
    kill_points,
    operations_completed,
    some_kills,
)
from tests.execution.programs_mcp import PROGRAMS
from tests.execution.task_chains import Undisturbed
from tests.support.mcp_server import Use, uses

pytest.importorskip("mcp")
SAMPLE, REACH = 2, 12
HARD = {"anyio_group_of_own_functions": [("done", 18)]}
"""Always tried: something had completed beneath a call that was in flight in a task."""


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """So that no process has to compile what waits."""
    give_twins({}, with_anyio=True)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_killed_program_ends_as_cpython_ends_it_and_repeats_no_use_that_was_answered(
    name: str, tmp_path: Path
) -> None:
    """One that was in flight may be repeated, as another attempt with the same key."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS[name])
    labels = {use.label for use in uses(tmp_path / "plain")}
    assert program.run_through(tmp_path / "whole", []) == 0
    assert {use.label for use in uses(tmp_path / "whole")} == labels
    for number, kills in enumerate(chosen(kill_points(tmp_path / "whole"), name)):
        repeated = list[Use]()
        program.run_through(tmp_path / str(number), kills, watching(repeated))
        found = uses(tmp_path / str(number))
        assert {use.label for use in found} == labels, kills
        assert not repeated, kills
        assert len({use.key for use in found}) == len(labels), kills
        assert len({(use.key, use.attempt) for use in found}) == len(found), kills


def chosen(points: list[Kill], name: str) -> list[list[Kill]]:
    random_ = random.Random(f"{SEED}{name}")
    sample = points if ALL else [*HARD.get(name, ()), *random_.sample(points, SAMPLE)]
    return [[point, *some_kills(random_, 1, REACH)] for point in sample]


def watching(repeated: list[Use]) -> Process:
    """Processes that fill `repeated` with what was used though it had been answered before."""

    def start(folder: Path, verb: str, *kill: object) -> int:
        completed = operations_completed(folder) if verb == "resume" else set()
        before = len(uses(folder))
        status = fork(folder, verb, *kill)
        repeated.extend(use for use in uses(folder)[before:] if use.operation in completed)
        return status

    return start
