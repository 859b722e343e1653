"""Concurrent programs in processes that die by SIGKILL, and go on in others.

`make test` kills some programs at two seeded records each, one of them while it goes on;
`make faults` kills every program at every record, and once more a little later.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.execution.chains import ALL, SEED, Kill, some_kills
from tests.execution.corpus_tasks import PROGRAMS
from tests.execution.task_chains import Undisturbed

REACH = 12
MOST = 200
CHOSEN = sorted(PROGRAMS) if ALL else random.Random(SEED).sample(sorted(PROGRAMS), 24)
HARD = [
    ("shield_with_the_outer_cancelled", [("issue", 4), ("issue", 3)]),
    ("as_completed", [("issue", 10), ("done", 4)]),
    ("cancelled_by_one_whose_operation_is_quicker_again", [("done", 1)]),
    ("cancelled_by_one_whose_operation_is_quicker_again", [("done", 1), ("done", 1)]),
    ("cancelled_by_a_task_behind_the_cell", [("done", 7), ("issue", 1)]),
]
OF_GENERATORS = [[("issue", 4)], [("done", 1), ("done", 3)]]
OF_CELLS = [
    ("cell_cancelled_when_it_could_go_on", [("issue", 4)]),
    ("cell_cancelled_by_one_that_goes_on", [("issue", 2)]),
]
BEHIND = [[("issue", 1), ("issue", 5)], [("done", 1), ("done", 6)]]


@pytest.mark.parametrize("name", CHOSEN)
def test_concurrent_program_killed_twice_ends_as_cpython_ends_it(name: str, tmp_path: Path) -> None:
    """Each task did the same in the same order, nothing that had ended again; same namespace."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS[name])
    random_ = random.Random(f"{SEED}{name}")
    chains = [some_kills(random_, 2, REACH)]
    if ALL:
        assert program.run_through(tmp_path / "whole", []) == 0
        chains = [[first, *some_kills(random_, 1, REACH)] for first in every_kill()]
    for number, kills in enumerate(chains):
        deaths = program.run_through(tmp_path / str(number), kills)
        if ALL and not deaths:
            break


@pytest.mark.parametrize(("name", "kills"), HARD)
def test_what_was_restored_and_not_stepped_yet_is_stored_as_it_stood(
    name: str, kills: list[Kill], tmp_path: Path
) -> None:
    """Killed soon after a resume, before each task has had its turn, it ends the same."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS[name])
    assert program.run_through(tmp_path / "killed", kills) == len(kills)


@pytest.mark.parametrize(("name", "kills"), OF_CELLS)
def test_a_cell_is_cancelled_where_it_stands(name: str, kills: list[Kill], tmp_path: Path) -> None:
    """Killed before the cancellation reached it, it is caught by the same `except`."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS[name])
    assert program.run_through(tmp_path / "killed", kills) == len(kills)


@pytest.mark.parametrize("kills", BEHIND)
def test_tasks_that_go_on_alone_begin_others_that_are_stored_where_they_stand(
    kills: list[Kill], tmp_path: Path
) -> None:
    """No statement of the cell was left to run; a cancellation on its way still gets there."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS["cancelled_by_a_task_behind_the_cell"])
    assert program.run_through(tmp_path / "killed", kills) == len(kills)


@pytest.mark.parametrize("kills", OF_GENERATORS)
def test_a_generator_that_is_awaited_goes_on_after_its_bare_yield(
    kills: list[Kill], tmp_path: Path
) -> None:
    """Killed at records of others, it repeats no plain code before the `yield`."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS["generator_that_lets_others_go_first"])
    assert program.run_through(tmp_path / "killed", kills) == len(kills)


def every_kill() -> list[Kill]:
    return [(kind, count) for count in range(1, MOST) for kind in ("issue", "done")]
