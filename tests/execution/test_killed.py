"""SIGKILL after every record of programs by somebody who has not seen the code.

`make test` takes a seeded sample of the kill points, `make faults` takes all of them. Each kill is
of a process of its own, and another one goes on; effects are in a third one's care.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.execution.chains import ALL, SEED, Kill, ending, fork, kill_points, prepare

STRANGERS = sorted((Path(__file__).parents[1] / "strangers").glob("cell_*.py"))
SAMPLE = 5


def chosen(points: list[Kill], cell: Path) -> Iterator[Kill]:
    if ALL:
        return iter(points)
    return iter(random.Random(f"{SEED}{cell.name}").sample(points, SAMPLE))


@pytest.mark.parametrize("cell", STRANGERS, ids=lambda cell: cell.stem)
def test_a_killed_program_ends_as_if_nothing_had_happened(cell: Path, tmp_path: Path) -> None:
    """Same effects, each once and in order; same variables, aliases and error."""
    if cell.stem == "cell_3":
        pytest.importorskip("pandas")
    undisturbed = prepare(tmp_path / "undisturbed", cell.read_text())
    assert fork(undisturbed, "run") == 0
    expected = ending(undisturbed)
    points = kill_points(undisturbed)
    assert len(points) >= 16
    for kind, count in chosen(points, cell):
        folder = prepare(tmp_path / f"{kind}-{count}", cell.read_text())
        assert fork(folder, "run", kind, count) == -signal.SIGKILL
        assert fork(folder, "resume") == 0
        assert ending(folder) == expected, f"killed after {kind} {count}, seed {SEED}"


@pytest.mark.parametrize("cell", STRANGERS[:2], ids=lambda cell: cell.stem)
def test_a_program_killed_again_while_it_goes_on_ends_the_same(cell: Path, tmp_path: Path) -> None:
    """A resume leaves checkpoints that are as good as the first ones."""
    undisturbed = prepare(tmp_path / "undisturbed", cell.read_text())
    assert fork(undisturbed, "run") == 0
    folder = prepare(tmp_path / "chain", cell.read_text())
    assert fork(folder, "run", "done", 2) == -signal.SIGKILL
    kills = 1
    while fork(folder, "resume", "done", 2) == -signal.SIGKILL:
        kills += 1
    assert kills >= 5
    assert ending(folder) == ending(undisturbed)
