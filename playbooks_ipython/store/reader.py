"""Reader: one run of the filesystem store as it stands now. Takes no claim and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from playbooks_ipython.records import Record, RunHeader
from playbooks_ipython.store.blobs import read_blob
from playbooks_ipython.store.chain import Chain, Pass
from playbooks_ipython.store.directory import RunDirectory
from playbooks_ipython.store.framing import Place
from playbooks_ipython.store.protocol import Claim, Sealer


class FilesystemReader:
    """A RunReader over the logs that `chain` found."""

    def __init__(
        self, directory: RunDirectory, name: str, chain: Chain, alive: bool | None
    ) -> None:
        self._directory, self._name, self._chain = directory, name, chain
        self._claim = Claim(chain.newest.epoch, chain.newest.owner, alive)
        self._places: dict[str, Place] = {}
        self._last: Pass | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def header(self) -> RunHeader:
        return self._chain.newest.header

    @property
    def claim(self) -> Claim:
        return self._claim

    @property
    def skipped(self) -> tuple[str, ...]:
        """What the newest whole reading could not use. Cost: a reading, if there was none yet."""
        return tuple((self._last or self._unsealed).notes)

    def records(self, sealer: Sealer | None = None) -> Iterator[Record]:
        """Yield whole records, oldest first. Raises UntrustedRun, CorruptLog.

        Cost: reads each log once; holds one record at a time.
        """
        reading = Pass(self._directory, self._chain, self._name, sealer, self._places)
        yield from reading.records()
        self._last = reading

    def newest(self, sealer: Sealer | None = None) -> Iterator[Record]:
        """Yield whole records from the newest that stands alone on. Raises as `records` does.

        Cost: what was written since that record, whatever came before it.
        """
        reading = Pass(self._directory, self._chain, self._name, sealer, self._places)
        yield from reading.newest()
        self._last = reading

    def blob(self, name: str) -> bytes:
        """Return the bytes of that name, checked. Raises CorruptLog or KeyError."""
        if name not in self._places:
            self._places.update(self._unsealed.places)
        return read_blob(self._directory, self._places, name)

    def size_bytes(self) -> int:
        """Return the length of all logs and packs, also of what no reader looks at any more."""
        logs = [f"log-{epoch}" for epoch in self._directory.epochs()]
        packs = [name for name, _ in self._directory.packs()]
        return sum(map(self._size_of, [*logs, *packs]))

    def _size_of(self, name: str) -> int:
        try:
            return self._directory.size_of(name)
        except FileNotFoundError:  # rewritten meanwhile
            return 0

    @cached_property
    def _unsealed(self) -> Pass:
        """A whole reading without a key: it learns where every blob lies."""
        reading = Pass(self._directory, self._chain, self._name)
        reading.read_all()
        return reading
