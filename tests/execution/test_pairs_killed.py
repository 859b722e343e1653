"""All constructs of the language in tasks that run side by side, in processes that die by SIGKILL.

`make test` takes a seeded sample of the pairs, `make faults` takes all, several times.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.execution.chains import ALL, SEED, some_kills
from tests.execution.corpus_pairs import PROGRAMS
from tests.execution.task_chains import Undisturbed

CHOSEN = sorted(PROGRAMS) if ALL else random.Random(SEED).sample(sorted(PROGRAMS), 4)


@pytest.mark.parametrize("name", CHOSEN)
def test_programs_side_by_side_killed_twice_end_as_cpython_ends_them(
    name: str, tmp_path: Path
) -> None:
    """Each did the same in the same order, nothing that had ended again, with the same locals."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS[name])
    program.run_through(tmp_path / "whole", [])
    for number in range(12 if ALL else 1):
        kills = some_kills(random.Random(f"{SEED}{name}{number}"), 2, 30)
        program.run_through(tmp_path / str(number), kills)
