"""Point: one await point as it is committed and listed, and what a graph is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from playbooks_ipython.checkpoints.frames import PARKED
from playbooks_ipython.records import Json
from playbooks_ipython.snapshot import Parked

_STATEMENT_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run stands, as structure: `next` is the statement to go on with; with `inside`, its
    frame is in the graph and is entered again, otherwise it has not begun."""

    next: int
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One await point, as the listing shows it."""

    position: Position
    operation: str
    index: int
    line: int
    statement: str
    executed: int
    stack: tuple[tuple[str, int], ...] = ()
    local_types: tuple[dict[str, str], ...] = ()
    """Types of the variables of each frame of the stack, by name."""
    location: str | None = None
    pending: str | None = None
    strand: int = 0
    """The number of the task that it is in; 0 for the cell's own frames."""
    task: str | None = None
    tasks: int = 0
    """How many tasks the run had made."""
    settles: bool = False
    """The await is the whole of a simple statement: only its targets are left to be bound."""


@dataclass(frozen=True, slots=True)
class Roots:
    """What a graph is made of: the user's variables, and what else belongs to the run."""

    variables: Mapping[str, object]
    extra: Mapping[str, object] = field(default_factory=dict)
    parked: Iterable[Parked] = ()
    """What waits: not encoded again until it was stepped."""

    def beside(self, **more: object) -> Roots:
        """Return the same with something that shares objects with it."""
        return replace(self, extra={**self.extra, **more})

    def whole(self) -> Roots:
        """Return the same as one graph, in which nothing is stored apart."""
        return Roots(self.variables, {**self.extra, PARKED: list(self.parked)})


def described(point: Point) -> dict[str, Json]:
    """Return the fields by which a record describes its point."""
    return {
        "op": point.operation,
        "line": point.line,
        "index": point.index,
        "statement": point.statement[:_STATEMENT_SHOWN],
        "executed": point.executed,
        "stack": [[function, line] for function, line in point.stack],
        "locals": [dict(types) for types in point.local_types],
        "location": point.location,
        "pending": point.pending,
        "next": point.position.next,
        "inside": point.position.inside,
        "settles": point.settles,
        **({"task": point.task} if point.task is not None else {}),
        **({"tasks": point.tasks} if point.tasks else {}),
    }
