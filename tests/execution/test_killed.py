"""SIGKILL after every record of programs by somebody who has not seen the code.

`make test` takes a seeded sample of the kill points, `make faults` takes all of them. Each kill is
of a process of its own, and another one goes on; effects are in a third one's care.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider
from tests.execution import killed

STRANGERS = sorted((Path(__file__).parents[1] / "strangers").glob("cell_*.py"))
SAMPLE = 5
SEED = int(os.environ.get("PLAYBOOKS_SEED", "20261120"))
ALL = os.environ.get("PLAYBOOKS_FAULTS") == "all"


def process(folder: Path, verb: str, *kill: object) -> int:
    """Run one process and return its exit status, negative for a signal."""
    child = os.fork()
    if child == 0:
        with (folder / "log.txt").open("a", buffering=1) as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            sys.stdout = sys.stderr = log
            try:
                killed.main(folder, verb, *map(str, kill))
            finally:
                log.flush()
                os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def prepare(folder: Path, cell: Path) -> Path:
    folder.mkdir()
    (folder / "cell.py").write_text(cell.read_text())
    return folder


def ending(folder: Path) -> tuple[Any, list[str]]:
    """Return error and namespace at the end, and what happened outside, in order."""
    end = json.loads((folder / "end.json").read_text())
    return end, (folder / "outside.txt").read_text().splitlines()


def kill_points(folder: Path) -> list[tuple[str, int]]:
    """Return every moment after an await was issued, and after one completed, in a whole run."""
    provider = FilesystemCheckpointProvider(folder / ".checkpoints")
    kinds = [record.kind for record in provider.view(killed.NAME, trusted=False).reader.records()]
    return [(kind, n) for kind in ("issue", "done") for n in range(1, kinds.count(kind) + 1)]


def chosen(points: list[tuple[str, int]], cell: Path) -> Iterator[tuple[str, int]]:
    if ALL:
        return iter(points)
    return iter(random.Random(f"{SEED}{cell.name}").sample(points, SAMPLE))


@pytest.mark.parametrize("cell", STRANGERS, ids=lambda cell: cell.stem)
def test_a_killed_program_ends_as_if_nothing_had_happened(cell: Path, tmp_path: Path) -> None:
    """Same effects, each once and in order; same variables, aliases and error."""
    if cell.stem == "cell_3":
        pytest.importorskip("pandas")
    undisturbed = prepare(tmp_path / "undisturbed", cell)
    assert process(undisturbed, "run") == 0
    expected = ending(undisturbed)
    points = kill_points(undisturbed)
    assert len(points) >= 16
    for kind, count in chosen(points, cell):
        folder = prepare(tmp_path / f"{kind}-{count}", cell)
        assert process(folder, "run", kind, count) == -signal.SIGKILL
        assert process(folder, "resume") == 0
        assert ending(folder) == expected, f"killed after {kind} {count}, seed {SEED}"


@pytest.mark.parametrize("cell", STRANGERS[:2], ids=lambda cell: cell.stem)
def test_a_program_killed_again_while_it_goes_on_ends_the_same(cell: Path, tmp_path: Path) -> None:
    """A resume leaves checkpoints that are as good as the first ones."""
    undisturbed = prepare(tmp_path / "undisturbed", cell)
    assert process(undisturbed, "run") == 0
    folder = prepare(tmp_path / "chain", cell)
    assert process(folder, "run", "done", 2) == -signal.SIGKILL
    kills = 1
    while process(folder, "resume", "done", 2) == -signal.SIGKILL:
        kills += 1
    assert kills >= 5
    assert ending(folder) == ending(undisturbed)
