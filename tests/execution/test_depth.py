"""What depth costs: each frame of the stack is read a fixed number of times for a checkpoint."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from playbooks_ipython.checkpoints import CheckpointManager, FilesystemCheckpointProvider
from playbooks_ipython.continuation.frames import read_locals
from playbooks_ipython.execution.runs import CellAgent
from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor

AWAITS = 5
DEEP = f"""
import asyncio
async def descend(level):
    own = [level]
    if level:
        return await descend(level - 1)
    for turn in range({AWAITS}):
        await asyncio.sleep(0)
result = await descend({{depth}})
"""
COMMITS = 2 * AWAITS
READINGS = 2
"""Once for what is listed of a frame, and once for what is stored of it."""


def frames_read(folder: Path, depth: int) -> int:
    """Run the program and count how often a frame was read."""
    count = 0

    def trace(frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal count
        count += event == "call" and frame.f_code is read_locals.__code__

    manager = CheckpointManager("deep", FilesystemCheckpointProvider(folder / str(depth)))
    executor = StreamingPythonExecutor(CellAgent("deep"), manager=manager)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        asyncio.run(executor.run(DEEP.format(depth=depth)))
    finally:
        sys.settrace(before)
    return count


def test_frames_are_read_twice_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ninety frames more are read ninety times as often for each commit inside them, and twice.

    Each of the calls that return afterwards has one more commit, of the frames around it.
    """
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    shallow, deep = frames_read(tmp_path, 10), frames_read(tmp_path, 100)
    inside = COMMITS * 90
    returning = sum(calls + 1 for calls in range(11, 101))  # and the cell's own frame
    assert deep - shallow == READINGS * (inside + returning)
