"""Strands: the lines along which a run goes: the cell's own, and one for each task of it."""

from __future__ import annotations

import weakref
from typing import Any


class Strand:
    """What a run knows of one of its lines.

    `number` is 0 for the cell's own, and the task's otherwise; `completed` counts its awaits that
    did. So the name of an operation does not depend on what other strands do meanwhile.
    `operation` is in flight, or was issued last, for the `attempt`-th time. `asked` are what can
    tell with what its operations were called, as long as any context knows of them.
    """

    __slots__ = ("asked", "attempt", "completed", "flights", "number", "operation")

    def __init__(
        self, number: int = 0, completed: int = 0, operation: str = "", attempt: int = 0
    ) -> None:
        self.number, self.completed = number, completed
        self.operation, self.attempt = operation, attempt
        self.flights: list[Any] = []
        self.asked: weakref.WeakSet[Any] = weakref.WeakSet()

    @property
    def stored(self) -> tuple[int, int, str, int]:
        """What another process makes it of. A library's call that is in flight is issued again as
        what it was, whatever completed beneath it meanwhile."""
        if not self.flights:
            return self.number, self.completed, self.operation, self.attempt
        outermost = self.flights[0]
        return self.number, outermost.completed, outermost.operation, outermost.attempt

    def __reduce__(self) -> tuple[Any, ...]:
        return Strand, self.stored
