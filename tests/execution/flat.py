"""A program with any number of awaits behind it, and what going on with it costs, counted.

Every statement that stands before the await calls `seen` or enters code of `Watched`: had one of
them run again, a line of theirs would have been traced.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider, parse_reference
from playbooks_ipython.execution.host import PlainHost
from playbooks_ipython.execution.runs import Cell, Runs
from playbooks_ipython.settings import Settings
from playbooks_ipython.snapshot.decoder import decode
from playbooks_ipython.store.framing import decode_body
from playbooks_ipython.trust import KeySealer
from tests.support import killing

NAME = "flat"
CELL = """
from tests.execution.flat import tool
marks = []
def seen(value):
    marks[:] = [value]
    return value
class Watched:
    def __init__(self, values):
        self.values = iter(values)
    def __iter__(self):
        return self
    def __next__(self):
        return seen(next(self.values))
    def __enter__(self):
        return seen(self)
    def __exit__(self, *error):
        return seen(None)
async def ask(turn):
    question = seen(turn)
    with Watched(()):
        for part in Watched((1, 2)):
            if seen(part) == 2:
                return seen(await tool(question)) + seen(part)
total = seen(0)
async def work():
    global total
    for turn in Watched(range({turns})):
        if seen(turn) >= 0:
            total += seen(turn) + seen(await ask(turn))
    return seen(total)
seen(await work())
"""


class Counting:
    """A trace function: lines that user code runs, and what is read of the store."""

    def __init__(self) -> None:
        self.user_lines: list[str] = []
        self.counts: Counter[str] = Counter()
        self._watched = {
            decode_body.__code__: "records parsed",
            KeySealer.holds.__code__: "records verified",
        }

    def __call__(self, frame: FrameType, _event: str, _arg: object) -> Any:
        code = frame.f_code
        if code in self._watched:
            self.counts[self._watched[code]] += 1
        if code is decode.__code__:
            values = frame.f_locals
            size = len(values["stream"]) + sum(map(len, values["buffers"]))
            self.counts["bytes unpickled"] += size
        if not code.co_filename.startswith("<playbook"):
            return None
        self.user_lines.append(f"{code.co_qualname}:{frame.f_lineno}")
        return self._line

    def _line(self, frame: FrameType, event: str, _arg: object) -> Any:
        if event == "line":
            self.user_lines.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
        return self._line


async def tool(turn: int) -> int:
    """What is awaited. The trace ends when it is entered."""
    sys.settrace(None)
    await asyncio.sleep(0)
    return turn % 7


def now(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def runs_in(folder: Path) -> Runs:
    namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    provider = FilesystemCheckpointProvider(folder / ".checkpoints")
    return Runs(namespace, PlainHost(), provider, Settings())


def run_and_be_killed(folder: Path, turns: int) -> None:
    """Run the program and end this process when its last turn has issued its await."""
    killing.kill_after("issue", turns)
    now(runs_in(folder).run_cell(Cell(CELL.format(turns=turns), NAME)))


def go_on(folder: Path) -> tuple[Counting, dict[str, Any]]:
    """Go on with it; return what was counted until the await was issued, and the namespace."""
    runs, counting = runs_in(folder), Counting()
    with traced_by(counting):
        now(runs.resume(parse_reference(NAME)))
    return counting, runs.namespace


@contextmanager
def traced_by(counting: Counting) -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(counting)
    try:
        yield
    finally:
        sys.settrace(before)
