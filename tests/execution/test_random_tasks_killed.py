"""Random concurrent programs in processes that die by SIGKILL; `make faults` takes many seeds."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.execution.chains import ALL, SEED, some_kills
from tests.execution.generated_tasks import random_program
from tests.execution.task_chains import Undisturbed


@pytest.mark.parametrize("number", range(200 if ALL else 5))
def test_random_concurrent_program_killed_twice_ends_as_cpython_ends_it(
    number: int, tmp_path: Path
) -> None:
    """Each task did the same in the same order, nothing that had ended again; same namespace."""
    text = random_program(f"{SEED} {number}")
    program = Undisturbed(tmp_path / "plain", text)
    program.run_through(tmp_path / "whole", [])
    kills = some_kills(random.Random(f"{SEED} {number}"), 3, 20)
    program.run_through(tmp_path / "killed", kills)
