"""Random programs in processes that die by SIGKILL; half of the chains change between versions.

`make test` takes a few seeds, `make faults` takes many.
"""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from tests.continuation.generated import random_program
from tests.execution.chains import (
    ALL,
    SEED,
    Process,
    ending,
    fork,
    process_of,
    run_chain,
    some_kills,
    undisturbed,
)
from tests.support.interpreters import interpreters

COUNT = 300 if ALL else 12
CHANGING = COUNT // 2 if ALL else 2


def check(folder: Path, number: int, starts: list[Process]) -> None:
    text = random_program(f"{SEED} {number}")
    ends = [undisturbed(folder / f"plain {n}", text, start) for n, start in enumerate(starts)]
    random_ = random.Random(f"{SEED} {number}")
    random_.shuffle(starts)
    kills = some_kills(random_, 2, 10)
    run_chain(folder / "chain", text, kills, itertools.cycle(starts))
    assert ending(folder / "chain") in ends, f"killed after {kills}, seed {SEED}\n{text}"


@pytest.mark.parametrize("number", range(COUNT))
def test_random_program_killed_twice_ends_as_cpython_ends_it(number: int, tmp_path: Path) -> None:
    """Effects in order, namespace with its aliasing, and error are those of the plain program."""
    check(tmp_path, number, [fork])


if len(interpreters()) > 1:  # not collected otherwise: a skipped test would be a failed one

    @pytest.mark.parametrize("number", range(CHANGING))
    def test_random_program_goes_from_version_to_version(number: int, tmp_path: Path) -> None:
        check(tmp_path, number, [process_of(python) for python in interpreters().values()])
