"""A world whose marks are committed to a run on disk, as those of a program are."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playbooks_ipython.checkpoints import (
    CheckpointManager,
    FilesystemCheckpointProvider,
    Point,
    Position,
    Roots,
    RunJournal,
    RunView,
)
from playbooks_ipython.checkpoints.frames import abandon
from playbooks_ipython.checkpoints.graph import Graph
from playbooks_ipython.checkpoints.loading import decode_checkpoint
from playbooks_ipython.continuation import Outcome, Site, current_outcome
from playbooks_ipython.records import Record
from playbooks_ipython.snapshot import Decoded
from tests.checkpoints.worlds import World, described


@dataclass
class KeptWorld(World):
    """Every mark is an issued or completed await of the run `research`. `told` says what the world
    was at each checkpoint; nothing is committed unless `is_kept`."""

    folder: Path = field(default_factory=Path)
    told: dict[int, Any] = field(default_factory=dict)
    is_kept: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.provider = FilesystemCheckpointProvider(self.folder)
        self.manager = CheckpointManager("research", self.provider)
        self.journal: RunJournal = self.manager.begin_fresh(self.namespace)
        self.journal.keep_source(self.text)

    def issued(self, _site: Site) -> None:
        if self.running is None or not self.is_kept:
            return
        roots = Roots(self.variables, {"running": self.running}, list(self.children))
        outcome = current_outcome()
        if outcome is None:
            self.journal.issue(self.point(), roots, 1)
        else:
            self.commit(roots, outcome)

    completed = issued

    def commit(self, roots: Roots, outcome: Outcome | None = None) -> int:
        n = self.journal.complete(self.point(), roots, outcome)
        if self.check:
            self.told[n] = described(self.variables, self.running, self.children)
        return n

    def encode(self) -> Any:
        """Commit the world as it is between two turns."""
        return self.commit(Roots(self.variables, {"running": None}, list(self.children)))

    def point(self) -> Point:
        number = self.journal.completed
        return Point(Position(0, inside=True), f"op{number}", 0, 1, "work()", 0)

    def view(self) -> RunView:
        return self.manager.view()

    def check_all(self, view: RunView | None = None) -> list[int]:
        """Compare every checkpoint with what the world was then. Returns their numbers."""
        view = view or self.view()
        for n, record in sorted(view.done.items()):
            with restored(view.graph_of(record)) as decoded:
                assert then(decoded) == self.told[n], n
        return sorted(view.done)


def then(decoded: Decoded) -> Any:
    return described(decoded.variables, decoded.extra["running"], decoded.parked)


def bytes_of(records: list[Record]) -> list[int]:
    """How many new bytes each record had to write."""
    sizes: list[Any] = [record.fields["bytes"] for record in records]
    return sizes


@contextmanager
def restored(graph: Graph) -> Iterator[Decoded]:
    decoded = decode_checkpoint(graph, {"__name__": "__main__", "__builtins__": builtins})
    try:
        yield decoded
    finally:
        abandon(decoded.extra)
