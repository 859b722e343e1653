"""Forking: a new run that begins with a checkpoint of another. Nothing of it runs here."""

from __future__ import annotations

import builtins
from contextlib import closing
from contextvars import copy_context
from typing import Any

from playbooks_ipython.checkpoints import CheckpointManager, RunView, abandon
from playbooks_ipython.errors import NoNumber, StoreFull
from playbooks_ipython.execution.restoring import (
    completed_at,
    decoded_at,
    lineage_of,
    needed_before,
    no_journal,
)
from playbooks_ipython.records import Record


def fork_run(source: CheckpointManager, at: int | None, new: CheckpointManager) -> int:
    """Begin the run of `new` with checkpoint `at` (None: the newest), and leave it interrupted.

    The source is only read, so it may be going on meanwhile. Returns after how many awaits the
    new run stands: fewer than `at` where that stands in a region, which is begun again.
    Raises RunNotFound, CheckpointNotFound, NoNumber, UntrustedRun, CorruptLog, StoreFull.
    """
    view = source.view()
    record = view.checkpoint(at)
    if record.kind == "state":
        raise NoNumber(source.execution_id, view.completed)
    base = _base_of(view, record)
    blobs = view.blobs_of(base)
    journal = new.begin_fresh({}, lineage_of(view, base))
    with closing(journal):
        journal.begin_with(base, view.types_at(base), blobs)
    if not journal.durable:
        forget(new)
    return completed_at(base)


def fork_place(source: CheckpointManager, at: int | None) -> int:
    """Return after how many awaits a fork of checkpoint `at` stands. Raises as `fork_run`."""
    view = source.view()
    return completed_at(_base_of(view, view.checkpoint(at)))


def forget(half_made: CheckpointManager) -> None:
    """Delete a run that could not be written whole. Raises StoreFull."""
    log = half_made.log
    assert log is not None, "runs are made where there is a log"
    log.store.delete(half_made.execution_id)
    raise StoreFull(half_made.execution_id, "there was no room for it; nothing was kept")


def _base_of(view: RunView, record: Record) -> Record:
    """Return the record that a new line begins with in order to go on from `record`.

    Only where an outcome was lost is anything loaded, to see whether it will be used.
    """
    base = view.base_of(record)
    while base.fields.get("made_by"):
        home: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        # Aside: what is only looked at gives no context variable of this process another value.
        restored = copy_context().run(decoded_at, view, base, home, no_journal)
        earlier = needed_before(view, base, restored, home)
        abandon(restored.extra)
        if earlier is None:
            break
        base = view.base_of(earlier)
    return base
