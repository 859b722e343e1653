"""Going on with the newest part of a log gives what going on with all of it would."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from playbooks_ipython.checkpoints import (
    CheckpointManager,
    FilesystemCheckpointProvider,
    Point,
    Position,
    Roots,
)
from playbooks_ipython.checkpoints.past import ALONE_EVERY
from playbooks_ipython.errors import EditedProgram
from playbooks_ipython.execution.host import Part, PlainHost
from playbooks_ipython.execution.runs import Cell, Runs
from playbooks_ipython.settings import Settings
from playbooks_ipython.store.summary import summarize
from tests.support import killing

NAME = "past"
TURNS = 700
LOOP = f"""
import asyncio
kept = []
for turn in range({TURNS}):
    await asyncio.sleep(0)
    kept = [turn]
"""
UNWINDING = f"""
import asyncio, os
begun_by = os.environ["PROCESS"]
reached = 0
async def work():
    global reached
    await asyncio.sleep(0)
    reached += 1
    if "FAILS" in os.environ:
        try:
            1 / 0
        finally:
            for turn in range({TURNS}):
                await asyncio.sleep(0)
    return reached
result = await work()
"""


@pytest.fixture(autouse=True)
def _own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))


class ShowingHost(PlainHost):
    """A host where every process shows its number and a count whenever it is asked."""

    def __init__(self, process: int) -> None:
        super().__init__()
        self.process, self.count = process, 0
        self.replayed: list[Part] = []

    def take_output(self) -> list[Part]:
        self.count += 1
        return [("stdout", f"{self.process}:{self.count}")]

    def replay(self, parts: Sequence[Part]) -> None:
        self.replayed += parts


def run_cell(folder: Path, host: PlainHost, text: str, policy: str = "ask") -> Any:
    """Run a cell in a namespace of its own; return the namespace."""
    namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    provider = FilesystemCheckpointProvider(folder / ".checkpoints")
    runs = Runs(namespace, host, provider, Settings(keep_last_n=10 * TURNS))
    asyncio.run(runs.run_cell(Cell(text, NAME, policy)))
    return namespace


def kill_after(folder: Path, count: int, text: str, policy: str = "ask", process: int = 1) -> None:
    """Run a cell in another process until its `count`-th await has completed."""
    child = os.fork()
    if child == 0:
        killing.kill_after("done", count)
        run_cell(folder, ShowingHost(process), text, policy)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_all_output_is_shown_again_over_two_kills(tmp_path: Path) -> None:
    """What was shown before the newest that stands alone is kept with it, also when taken over."""
    kill_after(tmp_path, 300, LOOP)
    kill_after(tmp_path, 300, LOOP, "resume", process=2)
    host = ShowingHost(process=3)
    after = run_cell(tmp_path, host, LOOP, "resume")
    assert after["kept"] == [TURNS - 1]
    shown = [data.split(":") for _, data in host.replayed]
    first = [int(count) for process, count in shown if process == "1"]
    second = [int(count) for process, count in shown if process == "2"]
    assert first == list(range(1, len(first) + 1))
    assert second == list(range(1, len(second) + 1))
    assert len(first) >= 599
    assert len(second) >= 599
    assert len(shown) == len(first) + len(second)


def test_error_that_unwound_through_all_that_stands_alone_is_gone_back_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `finally` with more awaits than are between two of them: the raising code runs again."""
    monkeypatch.setenv("FAILS", "1")
    monkeypatch.setenv("PROCESS", "first")
    with pytest.raises(ZeroDivisionError):
        run_cell(tmp_path, ShowingHost(1), UNWINDING)
    monkeypatch.delenv("FAILS")
    monkeypatch.setenv("PROCESS", "second")
    provider = FilesystemCheckpointProvider(tmp_path / ".checkpoints")
    assert summarize(provider.store.read(NAME)).state == "failed"
    after = run_cell(tmp_path, ShowingHost(2), UNWINDING, "resume")
    assert (after["begun_by"], after["reached"], after["result"]) == ("first", 1, 1)


def test_edited_beginning_names_the_newest_checkpoint_that_fits(tmp_path: Path) -> None:
    """Also one that only the whole log has."""
    text = f"import asyncio\nfirst = await asyncio.sleep(0, 1)\nmiddle = 2\n{LOOP}"
    kill_after(tmp_path, 600, text)
    edited = text.replace("middle = 2", "middle = 3")
    with pytest.raises(EditedProgram, match=f"fits is {NAME}@1:"):
        run_cell(tmp_path, ShowingHost(2), edited, "resume")


def test_what_a_run_remembers_of_its_blobs_does_not_grow(tmp_path: Path) -> None:
    """Names and places are forgotten where a checkpoint stands alone, so memory is flat as well."""
    provider = FilesystemCheckpointProvider(tmp_path / ".checkpoints")
    manager = CheckpointManager(NAME, provider)
    journal = manager.begin_fresh({})
    remembered = []
    for n in range(4 * ALONE_EVERY):
        point = Point(Position(0, inside=False), f"op{n}", 0, 1, "await work()", 0)
        journal.complete(point, Roots({"value": n}))
        remembered.append((len(journal._packer._named), len(journal._writer._appender.places)))
    journal.close()
    assert max(remembered) <= (2 * ALONE_EVERY + 4, 2 * ALONE_EVERY + 4)
    assert min(remembered[-ALONE_EVERY:]) <= (4, 4)
