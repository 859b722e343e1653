"""Answers: awaits that completed before a restart, in a stretch that is gone through once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from playbooks_ipython.checkpoints.graph import Graph
from playbooks_ipython.checkpoints.outcomes import give_again
from playbooks_ipython.checkpoints.region import Region, region_of
from playbooks_ipython.continuation.marks import Answer
from playbooks_ipython.records import Record


class Pending:
    """Completed awaits that have not been passed again, in the order in which they completed. Each
    task passes its own."""

    def __init__(self, records: Sequence[Record] = ()) -> None:
        self.records = list(records)

    def find(self, operation: str) -> Record | None:
        return next((r for r in self.records if r.fields["op"] == operation), None)

    def next(self, operation: str) -> Record | None:
        """The first that the task of an operation has not passed again."""
        task = task_of(operation)
        return next((r for r in self.records if task_of(str(r.fields["op"])) == task), None)

    def complete(self, operation: str) -> list[Record]:
        """An operation has completed again: those before it, and beneath it, are passed.

        Returns those beneath it that nobody asked for.
        """
        at = next((k for k, r in enumerate(self.records) if r.fields["op"] == operation), -1)
        task, before = task_of(operation), self.records[: at + 1]
        others = [r for r in before if task_of(str(r.fields["op"])) != task]
        self.records = others + self.records[at + 1 :]
        unasked = [r for r in self.records if under(r) == operation]
        self.records = [r for r in self.records if under(r) != operation]
        return unasked


class Answers:
    """What a run that goes through a region again answers from.

    Args:
        graph_of: reads the graph of a record.
        number: the newest checkpoint from which none of them has to be asked.
    """

    def __init__(
        self,
        records: Sequence[Record] = (),
        graph_of: Callable[[Record], Graph] | None = None,
        number: int = 0,
    ) -> None:
        self.number = number
        self._pending, self._graph_of = Pending(records), graph_of

    def next(self, operation: str) -> Record | None:
        """The first await that the task of an operation has not passed again."""
        return self._pending.next(operation)

    def find(self, operation: str) -> tuple[Record, Region] | None:
        record = self._pending.find(operation)
        region = region_of(record.fields) if record else None
        return (record, region or Region(None)) if record else None

    def complete(self, operation: str) -> list[Record]:
        """Say that an operation completed. Returns what was beneath it and is asked no more."""
        return self._pending.complete(operation)

    def give(self, record: Record, namespace: dict[str, Any]) -> Answer | None:
        """Return what an await gave; None if that shares objects with the rest of its graph, so
        that a copy would not be the same. Cost: loading its checkpoint."""
        assert self._graph_of is not None, "there are records"
        return give_again(self._graph_of(record), namespace)


def task_of(operation: str) -> str:
    """The task that an operation is of, by its name; empty for the cell."""
    first = re.split("[/#]", operation, maxsplit=1)[0]
    return first if first.startswith("t") else ""


def under(record: Record) -> str | None:
    """The library's call beneath which an await was made, None if there is none."""
    region = region_of(record.fields)
    return region.under if region else None
