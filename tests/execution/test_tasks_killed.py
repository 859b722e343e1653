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
    # Stored soon after a resume, before each task has had its turn: it stands as it stood.
    ("shield_with_the_outer_cancelled", [("issue", 4), ("issue", 3)]),
    ("as_completed", [("issue", 10), ("done", 4)]),
    ("cancelled_by_one_whose_operation_is_quicker_again", [("done", 1)]),
    ("cancelled_by_one_whose_operation_is_quicker_again", [("done", 1), ("done", 1)]),
    # A cancellation has not reached the cell: the same `except` catches it.
    ("cell_cancelled_when_it_could_go_on", [("issue", 4)]),
    ("cell_cancelled_by_one_that_goes_on", [("issue", 2)]),
    # No statement of the cell is left; tasks that go on alone begin others.
    ("cancelled_by_a_task_behind_the_cell", [("done", 7), ("issue", 1)]),
    ("cancelled_by_a_task_behind_the_cell", [("issue", 1), ("issue", 5)]),
    ("cancelled_by_a_task_behind_the_cell", [("done", 1), ("done", 6)]),
    # A deadline that is over after a restart stops nobody in the middle of a step.
    ("timeout_that_is_over_when_it_begins", [("done", 1), ("done", 2)]),
    # An awaited generator repeats nothing that stands before its bare `yield`.
    ("generator_that_lets_others_go_first", [("issue", 4)]),
    ("generator_that_lets_others_go_first", [("done", 1), ("done", 3)]),
]


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
def test_moments_that_are_hard(name: str, kills: list[Kill], tmp_path: Path) -> None:
    """Killed where something is on its way that the frames do not show, it ends the same."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS[name])
    assert program.run_through(tmp_path / "killed", kills) == len(kills)


def every_kill() -> list[Kill]:
    return [(kind, count) for count in range(1, MOST) for kind in ("issue", "done")]
