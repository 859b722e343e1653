"""Rewriting: a run as a new first log with only some of its records, sealed anew.

Deleting old checkpoints and taking on a stranger's run are one thing: read, keep, seal. Until
the new log has its name the old ones are the run; from then on they are litter.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playbooks_ipython.errors import CorruptLog, StoreFull
from playbooks_ipython.records import Record
from playbooks_ipython.store.append import LogAppender
from playbooks_ipython.store.blobs import needed_blobs, read_blob
from playbooks_ipython.store.chain import Tip
from playbooks_ipython.store.directory import RunDirectory, log_name
from playbooks_ipython.store.framing import Place
from playbooks_ipython.store.opening import Opening
from playbooks_ipython.store.packs import PackWriter
from playbooks_ipython.store.protocol import Sealer


@dataclass(frozen=True, slots=True)
class LogMaker:
    """Makes whole new logs of one run and gives them their names, all or nothing."""

    directory: RunDirectory
    sealer: Sealer
    power: bool

    def open_log(self, opening: Opening, tip: Tip, places: dict[str, Place]) -> LogAppender:
        """Take an epoch by a log that goes on from `tip`. Raises FileExistsError, StoreFull."""
        return self._publish(opening, tip, places, ())

    def rewrite(
        self, opening: Opening, records: Sequence[Record], places: Mapping[str, Place]
    ) -> LogAppender:
        """Take an epoch by a log that holds these records and builds on no other log.

        Packs at least half of which is still needed stay; what else is needed is copied.
        Raises: FileExistsError (another was first), StoreFull, CorruptLog (a needed blob does
        not hold; nothing was changed).
        """
        return self._publish(opening, Tip(0, 0, b"", -1), dict(places), records)

    def _publish(
        self, opening: Opening, tip: Tip, places: dict[str, Place], records: Sequence[Record]
    ) -> LogAppender:
        epoch = opening.epoch
        rewriting = opening.seals is None
        appender, draft = self._draft(opening, tip, {} if rewriting else places)
        try:
            appender.append("open", opening.fields(), {})
            if records:
                self._copy(appender, records, places)
            if self.power:
                os.fsync(appender.fd)
            self.directory.publish_log(draft, epoch)
            if self.power:
                self.directory.sync()
        except BaseException as error:  # whatever it was, nothing of it may remain
            appender.close()
            self.directory.remove(draft)
            if isinstance(error, OSError) and not isinstance(error, FileExistsError):
                raise StoreFull(str(self.directory.path), str(error)) from error
            raise
        return appender

    def _draft(
        self, opening: Opening, before: Tip, places: dict[str, Place]
    ) -> tuple[LogAppender, str]:
        epoch = opening.epoch
        try:
            fd, draft = self.directory.draft_log(epoch)
        except OSError as error:
            raise StoreFull(str(self.directory.path), str(error)) from error
        packs = PackWriter(self.directory, epoch, power=self.power)
        path = str(self.directory.path / log_name(epoch))
        tip = Tip(epoch, 0, before.seal, before.seq)
        run_id = opening.header.run_id
        appender = LogAppender(fd, path, run_id, self.sealer, tip, packs, places, power=self.power)
        return appender, draft

    def _copy(
        self, appender: LogAppender, records: Sequence[Record], places: Mapping[str, Place]
    ) -> None:
        def blob(name: str) -> bytes:
            try:
                return read_blob(self.directory, places, name)
            except KeyError as error:
                raise CorruptLog(str(self.directory.path), f"blob {name} is missing") from error

        needed = [needed_blobs(record, blob) for record in records]
        staying = self._staying_packs(places, {name for names in needed for name in names})
        for record, names in zip(records, needed, strict=True):
            missing = [name for name in names if name not in appender.places]
            adopted = {n: places[n] for n in missing if n in places and places[n].file in staying}
            copied = {name: blob(name) for name in missing if name not in adopted}
            appender.append(record.kind, record.fields, copied, adopted)

    def _staying_packs(self, places: Mapping[str, Place], needed: set[str]) -> set[str]:
        live = Counter[str]()
        for name in needed & places.keys():
            live[places[name].file] += places[name].length
        sizes = {name: self.directory.size_of(name) for name, _ in self.directory.packs()}
        return {name for name, size in sizes.items() if live[name] * 2 >= size > 0}
