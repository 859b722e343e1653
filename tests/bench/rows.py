"""What the table holds: the rows, what each promises, and whether a killed run came back so."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from program import expected_state

Figures = dict[str, Any]
WARM, TIMED = 100, 500


@dataclass(frozen=True)
class RowSpec:
    """One row.

    `survives`: what a finished await survives as soon as the code goes on: "process" (kill -9),
    "power" (power loss too), "later" (nothing yet: it is saved while the code goes on).
    `repeats`: so finished awaits may be done again after a kill, by the peer's own promise.
    `warm`, `timed`: how many awaits are not timed, and then at least are.
    `most`: repetitions that are enough of a row that takes seconds.
    """

    peer: str
    name: str
    label: str
    survives: str
    repeats: bool = False
    warm: int = WARM
    timed: int = TIMED
    most: int = sys.maxsize

    @property
    def script(self) -> Path:
        """Where the child is, below this folder; a peer that is an absolute path stays one."""
        return Path("ours.py") if self.peer == OURS else Path("peers", f"{self.peer}.py")


OURS = "ours"
LOOP = "ours, a loop"
STATEMENTS = "ours, top-level statements"
LANGGRAPH = "langgraph_sqlite"
DBOS = "dbos_sqlite"
NODE = "LangGraph node"
STEP = "DBOS step, async"
ROWS = (
    RowSpec(OURS, "loop", LOOP, "process"),
    RowSpec(OURS, "loop-power", f'{LOOP}, sync="power"', "power"),
    RowSpec(OURS, "process", STATEMENTS, "process"),
    RowSpec(OURS, "power", f'{STATEMENTS}, sync="power"', "power"),
    RowSpec(LANGGRAPH, "node", NODE, "power"),
    RowSpec(LANGGRAPH, "node-process", f"{NODE}, synchronous=NORMAL", "process"),
    RowSpec(LANGGRAPH, "node-async", f'{NODE}, durability="async"', "later", repeats=True),
    RowSpec(LANGGRAPH, "task", "LangGraph @task", "later", repeats=True),
    RowSpec(DBOS, "async-step", STEP, "power"),
    RowSpec(DBOS, "async-step-process", f"{STEP}, WAL, NORMAL", "process"),
    RowSpec(DBOS, "step", "DBOS step", "power"),
)


@dataclass
class Result:
    """What came of one row: figures of each repetition, or why there are none."""

    spec: RowSpec
    figures: list[Figures] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    not_measured: str | None = None
    versions: dict[str, str] = field(default_factory=dict)


class RunDiffersError(Exception):
    """A killed run did not come back as the run that was never killed."""


def check_calls(calls: Sequence[int], kill_at: int, total: int, may_repeat: bool) -> int:
    """Return how many finished awaits were done again; the one that was cut off is not counted.

    Args:
        calls: the number of every call in the order in which the world saw them.
    Raises: RunDiffersError, where one is missing, out of order, or again without leave.
    """
    before, after = list(calls[: kill_at + 1]), list(calls[kill_at + 1 :])
    if before != list(range(kill_at + 1)):
        raise RunDiffersError("the calls before the kill are not each call once, in order")
    if not after or after != list(range(after[0], total)):
        raise RunDiffersError("the calls after the restore are not a run to the end")
    again = kill_at - after[0]
    if again < 0:
        raise RunDiffersError(f"{-again} awaits were left out")
    if again and not may_repeat:
        raise RunDiffersError(f"{again} finished awaits were done again")
    return again


def check_state(state: dict[str, Any], seed: int, total: int) -> None:
    """Raise RunDiffersError, naming what is not as in a run that was never killed."""
    wanted = expected_state(seed, total)
    wrong = [name for name, value in wanted.items() if state.get(name, ...) != value]
    if wrong or set(state) != set(wanted):
        names = sorted({*wrong, *(set(state) ^ set(wanted))})
        raise RunDiffersError(f"not as in a run that was never killed: {', '.join(names)}")
