"""What going on costs is counted, not timed: user lines, records and bytes, whatever is past."""

from __future__ import annotations

import gc
import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider
from playbooks_ipython.checkpoints.past import ALONE_EVERY
from playbooks_ipython.execution.runs import Cell
from tests.execution import flat

AWAITS_A_TURN = 2
READINGS = 3
"""To find the checkpoint, to claim the run, and to see that nobody went on between the two."""


@pytest.fixture(autouse=True)
def _own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def killed_after(tmp_path: Path) -> Callable[[int], Path]:
    """Run the program in a process that is killed with so many completed awaits behind it."""

    def killed_after(awaits: int) -> Path:
        folder = tmp_path / str(awaits)
        folder.mkdir()
        child = os.fork()
        if child == 0:
            flat.run_and_be_killed(folder, awaits // AWAITS_A_TURN + 1)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        return folder

    return killed_after


def total_after(turns: int) -> int:
    return sum(turn + turn % 7 + 2 for turn in range(turns))


def test_going_on_costs_the_same_after_10_and_after_10000_awaits(killed_after: Any) -> None:
    """No user statement before the await runs again, and what is read does not grow."""
    few, few_after = flat.go_on(killed_after(10))
    many, many_after = flat.go_on(killed_after(10_000))
    assert (few_after["total"], many_after["total"]) == (total_after(6), total_after(5001))
    for counting in (few, many):
        assert [line for line in counting.user_lines if line.startswith(("seen", "Watched"))] == []
        assert 0 < counting.counts["records verified"] <= counting.counts["records parsed"]
        assert counting.counts["records parsed"] < READINGS * (ALONE_EVERY + 8)
    assert many.user_lines == few.user_lines
    numbers_grow = 40
    assert many.counts["bytes unpickled"] <= few.counts["bytes unpickled"] + numbers_grow


def test_trace_sees_the_statements_before_the_await_where_they_run(tmp_path: Path) -> None:
    """The same trace of a run from the start has a line of each: zero means that none ran."""
    counting = flat.Counting()
    runs = flat.runs_in(tmp_path)
    with flat.traced_by(counting):
        flat.now(runs.run_cell(Cell(flat.CELL.format(turns=1), flat.NAME)))
    assert {"seen:5", "Watched.__next__:13", "Watched.__enter__:15"} <= set(counting.user_lines)


def test_running_the_cell_again_reads_no_more(killed_after: Any) -> None:
    """`%%playbook NAME --resume` reads the newest part only, too."""
    folder, turns = killed_after(2000), 1001
    runs, counting = flat.runs_in(folder), flat.Counting()
    cell = Cell(flat.CELL.format(turns=turns), flat.NAME, policy="resume")
    with flat.traced_by(counting):
        flat.now(runs.run_cell(cell))
    assert runs.namespace["total"] == total_after(turns)
    assert counting.counts["records parsed"] < (READINGS + 2) * (ALONE_EVERY + 8)


def test_older_checkpoint_is_still_found(killed_after: Any) -> None:
    """What stands before the newest that stands alone is read when it is asked for."""
    folder = killed_after(2000)
    provider = FilesystemCheckpointProvider(folder / ".checkpoints")
    older, newest = (flat.now(provider.load_checkpoint(f"{flat.NAME}_ckpt_{n}")) for n in (7, 2000))
    assert (older["namespace"]["total"], newest["namespace"]["total"]) == (
        total_after(3),
        total_after(999),
    )
    assert len(flat.now(provider.list_checkpoints(flat.NAME))) == 2000


def test_looking_at_a_checkpoint_leaves_no_frame_behind(killed_after: Any) -> None:
    """Frames within frames are closed: Python warns of none that was never awaited."""
    folder = killed_after(10)
    provider = FilesystemCheckpointProvider(folder / ".checkpoints")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert flat.now(provider.load_checkpoint(f"{flat.NAME}_ckpt_9")) is not None
        gc.collect()
    assert [str(one.message) for one in said] == []
