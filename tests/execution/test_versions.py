"""Chains that change between versions of Python: saved by one, killed, gone on with by another.

`make test` takes a seeded sample of the corpus, `make matrix` takes all of it. Where there is only
one interpreter nothing is collected; the summary of a test run says which were there.
"""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from tests.continuation.corpus import OF_OBJECTS, PROGRAMS
from tests.execution.chains import ALL, SEED, ending, process_of, run_chain, some_kills, undisturbed
from tests.support.interpreters import interpreters

EVERY = {**PROGRAMS, **OF_OBJECTS}
SAMPLE = 4
KILLS, REACH = 3, 6


# Without a second interpreter there is nothing to collect: a skipped test would be a failed one.
__test__ = len(interpreters()) > 1


def chosen() -> list[str]:
    return list(EVERY) if ALL else sorted(random.Random(SEED).sample(sorted(EVERY), SAMPLE))


@pytest.mark.parametrize("name", chosen())
def test_chain_through_the_versions_ends_as_one_version_ends_it(name: str, tmp_path: Path) -> None:
    """Whichever version saved a frame, the next one enters it and ends with the same."""
    starts = [process_of(python) for python in interpreters().values()]
    ends = [
        undisturbed(tmp_path / f"plain {number}", EVERY[name], start)
        for number, start in enumerate(starts)
    ]
    random_ = random.Random(f"{SEED}{name}")
    random_.shuffle(starts)
    kills = some_kills(random_, KILLS, REACH)
    run_chain(tmp_path / "chain", EVERY[name], kills, itertools.cycle(starts))
    assert ending(tmp_path / "chain") in ends, f"killed after {kills}, seed {SEED}"
