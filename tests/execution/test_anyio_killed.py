"""Programs with anyio, killed with SIGKILL after records, gone on with in another process.

`make test` takes a seeded sample of the kill points, `make faults` takes all of them.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from playbooks_ipython.execution.twins import give_twins
from tests.execution.chains import ALL, SEED, Kill, ending, fork, kill_points, prepare, undisturbed
from tests.execution.programs_anyio import PROGRAMS

pytest.importorskip("anyio")
SAMPLE, AT_ONCE = 4, 3
HARD = {"cancel_scope": [("issue", 7), ("done", 5)]}
"""Always tried: the scope was cancelled, and its host is to go on before the scope looks again."""


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """So that no process has to compile what waits."""
    give_twins({}, with_anyio=True)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_killed_program_ends_as_if_nothing_had_happened(name: str, tmp_path: Path) -> None:
    """Same variables; each effect once, but those of awaits that were in flight."""
    expected = undisturbed(tmp_path / "plain", PROGRAMS[name])
    whole = prepare(tmp_path / "whole", PROGRAMS[name])
    assert fork(whole, "run") == 0
    assert_same(ending(whole), expected, in_flight=0)
    for kind, count in dict.fromkeys(chosen(kill_points(whole), name)):
        folder = prepare(tmp_path / f"{kind}-{count}", PROGRAMS[name])
        if fork(folder, "run", kind, count) == -signal.SIGKILL:
            assert fork(folder, "resume") == 0
        assert_same(ending(folder), expected, in_flight=AT_ONCE)


def chosen(points: list[Kill], name: str) -> list[Kill]:
    if ALL or len(points) <= SAMPLE:
        return points
    return [*HARD.get(name, ()), *random.Random(f"{SEED}{name}").sample(points, SAMPLE)]


def assert_same(
    found: tuple[Any, list[str]], expected: tuple[Any, list[str]], in_flight: int
) -> None:
    assert found[0] == expected[0]
    again = Counter(found[1]) - Counter(expected[1])
    assert not Counter(expected[1]) - Counter(found[1])
    assert set(again) <= set(expected[1])
    assert again.total() <= in_flight
