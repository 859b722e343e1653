"""Writer: the only hand that may append to a run of the filesystem store, while its claim lasts."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from playbooks_ipython.errors import ClaimLost, CorruptLog
from playbooks_ipython.records import Json
from playbooks_ipython.store.append import LogAppender
from playbooks_ipython.store.chain import Pass, find_chain
from playbooks_ipython.store.directory import RunDirectory
from playbooks_ipython.store.heartbeat import Heartbeat
from playbooks_ipython.store.keeping import kept_records
from playbooks_ipython.store.opening import Opening
from playbooks_ipython.store.owner import describe_owner
from playbooks_ipython.store.protocol import Bytes
from playbooks_ipython.store.rewriting import LogMaker


class FilesystemWriter:
    """A RunWriter over one epoch's log. For one thread at a time."""

    def __init__(
        self,
        name: str,
        opening: Opening,
        maker: LogMaker,
        appender: LogAppender,
        clock: Callable[[], float],
    ) -> None:
        self._name, self._opening, self._maker, self._clock = name, opening, maker, clock
        self._directory = maker.directory
        self._appender = appender
        self._heartbeat: Heartbeat | None = Heartbeat(appender.fd, clock)
        self._lost: str | None = None
        _open_writers.add(self)

    @property
    def name(self) -> str:
        return self._name

    @property
    def epoch(self) -> int:
        return self._opening.epoch

    def append(
        self,
        kind: str,
        fields: Mapping[str, Json],
        blobs: Mapping[str, Bytes] | None = None,
        *,
        needs: Collection[str] | None = None,
    ) -> int:
        """Append one whole record and return the bytes newly written. Raises StoreFull, ClaimLost.

        The claim is looked at on both sides of the write. Before, so that no bytes are spent;
        after, because only a record that was whole before any successor began is sure to be
        below the length that the successor seals.
        Cost: six system calls, one of them the write; and one a blob of 64 KiB or more.
        """
        self.check_claim()
        written = self._appender.append(kind, fields, blobs or {}, needs=needs)
        self.check_claim()
        return written

    def check_claim(self) -> None:
        """Raise ClaimLost if a newer epoch exists. Cost: two system calls."""
        if self._lost is not None:
            raise ClaimLost(self._name, self._lost)
        # In this order: a successor's log can only be gone again after ours was unlinked.
        if self._directory.has_log(self.epoch + 1) or not os.fstat(self._appender.fd).st_nlink:
            raise ClaimLost(self._name, self._successor())

    def keep_only(self, checkpoints: frozenset[int]) -> None:
        """Rewrite the run as a new epoch that holds only these checkpoints and what they need.

        Blobs that nothing needs any more are gone: they must be handed over again if a later
        record names them.
        Raises: ClaimLost, StoreFull, CorruptLog; the run is then as it was.
        Cost: reads the run once, writes what is kept, less the packs that stay.
        """
        self.check_claim()
        chain = find_chain(self._directory)
        if chain is None or chain.newest.epoch != self.epoch:
            raise ClaimLost(self._name, self._successor())
        reading = Pass(self._directory, chain, self._name, self._maker.sealer)
        records = kept_records(reading.records(), checkpoints)
        if reading.tip is None or reading.tip.seal != self._appender.tip.seal:
            raise CorruptLog(str(self._directory.path), "; ".join(reading.notes))
        opening = replace(self._opening, epoch=self.epoch + 1, seals=None)
        try:
            appender = self._maker.rewrite(opening, records, reading.places)
        except FileExistsError as error:
            raise ClaimLost(self._name, self._successor()) from error
        self._go_on_with(opening, appender)
        sweep(self._directory, self.epoch, appender)

    def close(self) -> None:
        """Stop writing and give the descriptors back. The run stays as it is."""
        self._lost = self._lost or "nobody: it was closed here"
        self._close_log()
        self._directory.close()
        _open_writers.discard(self)

    def abandon(self) -> None:
        """In a forked child: give up store and claim, which stay with the parent."""
        self._lost = f"{describe_owner(self._opening.owner)}, from which this process was forked"
        self._heartbeat = None  # its thread did not come along
        self.close()

    def _go_on_with(self, opening: Opening, appender: LogAppender) -> None:
        self._close_log()
        self._opening, self._appender = opening, appender
        self._heartbeat = Heartbeat(appender.fd, self._clock)

    def _close_log(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.stop()
            self._heartbeat = None
        self._appender.close()

    def _successor(self) -> str:
        try:
            chain = find_chain(self._directory)
        except (CorruptLog, OSError):
            chain = None
        return "nobody: it was deleted" if chain is None else describe_owner(chain.newest.owner)


def sweep(directory: RunDirectory, epoch: int, appender: LogAppender) -> None:
    """Unlink what a rewritten run does not need any more."""
    used = frozenset(place.file for place in appender.places.values())
    directory.sweep(epoch, epoch, used)


_open_writers: weakref.WeakSet[FilesystemWriter] = weakref.WeakSet()


def _abandon_all() -> None:
    for writer in list(_open_writers):
        writer.abandon()


os.register_at_fork(after_in_child=_abandon_all)
