"""Pins: which checkpoints stay whatever is tidied up, as a run's records say. Pure; no bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from playbooks_ipython.records import Record


@dataclass(slots=True)
class Pins:
    """The pinned checkpoints of one run, as of the records taken so far."""

    numbers: set[int] = field(default_factory=set)

    def begin(self, first: Record) -> None:
        """Take what a record that stands alone says of all before it."""
        said = first.fields.get("pins")
        if isinstance(said, list):
            self.numbers = {n for n in said if isinstance(n, int)}

    def take(self, record: Record) -> None:
        """Take the next record of the log."""
        n = record.fields.get("n")
        if not isinstance(n, int):
            return
        if record.kind == "pin" and record.fields.get("pinned"):
            self.numbers.add(n)
        elif record.kind in ("pin", "drop"):
            self.numbers.discard(n)
        elif record.kind == "resume":
            self.numbers = {number for number in self.numbers if number <= n}
