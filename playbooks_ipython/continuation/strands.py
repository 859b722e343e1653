"""Strands: the lines along which a run goes: the cell's own, and one for each task of it."""

from __future__ import annotations

from typing import Any


class Strand:
    """What a run knows of one of its lines.

    `number` is 0 for the cell's own, and the task's otherwise; `completed` counts its awaits that
    did. So the name of an operation does not depend on what other strands do meanwhile.
    `operation` is in flight, or was issued last, for the `attempt`-th time.
    """

    __slots__ = ("attempt", "completed", "flights", "number", "operation")

    def __init__(
        self, number: int = 0, completed: int = 0, operation: str = "", attempt: int = 0
    ) -> None:
        self.number, self.completed = number, completed
        self.operation, self.attempt = operation, attempt
        self.flights: list[Any] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return Strand, (self.number, self.completed, self.operation, self.attempt)
