"""Keeping order: delete runs and checkpoints, drop what is not kept, check every byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from playbooks_ipython.checkpoints import (
    CheckpointManager,
    FilesystemCheckpointProvider,
    Reference,
    RunView,
)
from playbooks_ipython.errors import (
    ClaimHeld,
    NoNumber,
    NotResumable,
    Pinned,
    StoreError,
    TrustError,
)
from playbooks_ipython.store.summary import RunSummary, summarize


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a run found, as a sentence."""

    sentence: str
    sound: bool


class Keeper:
    """Keeps the runs of one folder in order. What a live kernel holds is never touched."""

    def __init__(self, provider: FilesystemCheckpointProvider) -> None:
        self.provider = provider

    def delete_run(self, name: str) -> None:
        """Delete a run with all its bytes. Raises RunNotFound, ClaimHeld."""
        summary = summarize(self.provider.store.read(name))
        if summary.state == "running":
            raise ClaimHeld(name, summary.owner or "another kernel")
        self.provider.store.delete(name)

    def delete_checkpoint(self, reference: Reference) -> None:
        """Delete one checkpoint and every byte that only it needs.

        Raises NotResumable for the one that a resume goes on from: the await that it holds would
        run again. CheckpointNotFound, ClaimHeld.
        """
        manager = CheckpointManager(reference.name, self.provider)
        view = manager.view()
        record = view.checkpoint(reference.at)
        if not view.finished and record.fields["n"] == view.completed:
            reason = f"{reference} is what it goes on from"
            advice = f"%playbook delete {reference.name} deletes the whole run"
            raise NotResumable(reference.name, reason, advice)
        if record.kind == "state":
            reason = f"{reference} is the end of a finished run, not one of its checkpoints"
            raise NotResumable(reference.name, reason, f"give a number up to {view.completed}")
        number = int(str(record.fields["n"]))
        if number in view.pins:
            raise Pinned(str(Reference(view.name, number)))
        manager.refuse_if_open()
        with closing(manager.take_over({}, None)) as journal:
            journal.drop(number, frozenset(view.done) - {number})
        self.provider.file_of(view.name, number).unlink(missing_ok=True)

    def pin(self, reference: Reference, *, pinned: bool) -> Reference:
        """Keep a checkpoint (by default the newest) whatever is tidied up, or no longer.

        Returns which one. Pinning twice is pinning once. Raises CheckpointNotFound, NoNumber
        for the end of a run, which no tidying up takes, ClaimHeld, StoreFull.
        """
        manager = CheckpointManager(reference.name, self.provider)
        view = manager.view()
        number = view.completed if reference.at is None else reference.at
        if view.checkpoint(number).kind == "state":
            raise NoNumber(str(reference), view.completed)
        if (number in view.pins) is not pinned:
            manager.refuse_if_open()
            with closing(manager.take_over({}, None)) as journal:
                journal.pin(number, pinned=pinned)
        return Reference(view.name, number)

    def collect(self, keep_last_n: int) -> Iterator[str]:
        """Drop what is not kept, of runs nobody holds. Yields a sentence for each run touched."""
        for name in self.provider.store.names():
            try:
                before = summarize(self.provider.store.read(name))
                if before.state != "running" and self._drop_old(name, keep_last_n):
                    after = summarize(self.provider.store.read(name))
                    yield _given_back(before, after)
            except (StoreError, TrustError) as error:
                yield f"{name} was passed over: {error}"

    def _drop_old(self, name: str, keep_last_n: int) -> bool:
        manager = CheckpointManager(name, self.provider)
        view = manager.view()
        oldest = view.completed - keep_last_n + 1
        if len(view.done) <= keep_last_n or all(n >= oldest or n in view.pins for n in view.done):
            return False
        with closing(manager.take_over({}, None)) as journal:
            journal.keep_last(keep_last_n)
        return True

    def verify(self, names: Iterable[str]) -> list[Verdict]:
        """Read and check every byte of these runs."""
        return [self._verified(name) for name in names]

    def _verified(self, name: str) -> Verdict:
        try:
            view = self.provider.view(name, trusted=True)
            _read_all(view)
        except (StoreError, TrustError) as error:
            return Verdict(f"{name}: {error}", sound=False)
        count = len(view.done)
        kept = f"{name}: {count} checkpoint{'' if count == 1 else 's'}"
        skipped = "; ".join(view.reader.skipped)
        if skipped:
            return Verdict(f"{kept} can be used; passed over: {skipped}", sound=False)
        return Verdict(f"{kept}, all sound", sound=True)


def _read_all(view: RunView) -> None:
    ends = [view.state] if view.state is not None and view.finished else []
    for record in (*view.marks, *ends):
        view.graph_of(record)
        view.source_of(record)


def _given_back(before: RunSummary, after: RunSummary) -> str:
    given = max(0, before.size_bytes - after.size_bytes)
    return f"{before.name}: {given:,} bytes given back"
