"""Every program of the corpus in processes that die by SIGKILL: the real encoder, log and resume.

`make test` kills each program at two seeded records, one of them while it goes on; `make faults`
kills it at every record, and once more a little later.
"""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from tests.continuation.corpus import OF_OBJECTS, PROGRAMS
from tests.execution.chains import ALL, SEED, ending, fork, run_chain, some_kills, undisturbed

EVERY = {**PROGRAMS, **OF_OBJECTS}
REACH = 12
MOST = 200


@pytest.mark.parametrize("name", EVERY)
def test_program_killed_twice_ends_as_cpython_ends_it(name: str, tmp_path: Path) -> None:
    """Effects in order, namespace with its aliasing, and error are those of the plain program."""
    text = EVERY[name]
    expected = undisturbed(tmp_path / "plain", text)
    random_ = random.Random(f"{SEED}{name}")
    chains = [some_kills(random_, 2, REACH)]
    if ALL:
        every = [(kind, count) for count in range(1, MOST) for kind in ("issue", "done")]
        chains = [[first, *some_kills(random_, 1, REACH)] for first in every]
    for number, kills in enumerate(chains):
        folder = tmp_path / str(number)
        deaths = run_chain(folder, text, kills, itertools.repeat(fork))
        assert ending(folder) == expected, f"killed after {kills}, seed {SEED}"
        if ALL and not deaths:
            break
