"""Append: the end of one epoch's log, where whole records are put. Asks nobody for leave."""

from __future__ import annotations

import os
from collections.abc import Collection, Container, Iterable, Mapping

from playbooks_ipython.errors import StoreFull
from playbooks_ipython.records import Json, Record
from playbooks_ipython.store.chain import Tip
from playbooks_ipython.store.framing import Alone, Place, encode_body, encode_frame
from playbooks_ipython.store.packs import PackWriter
from playbooks_ipython.store.protocol import Bytes, Sealer

INLINE_BYTES = 64 << 10
INLINE_RECORD_BYTES = 1 << 20  # all inline blobs of one record: a listing reads past every one


class LogAppender:
    """Owns an appending descriptor. `places` says where every blob that the run has lies."""

    def __init__(
        self,
        fd: int,
        path: str,
        run_id: str,
        sealer: Sealer,
        tip: Tip,
        packs: PackWriter,
        places: dict[str, Place],
        *,
        power: bool,
    ) -> None:
        """`tip.seal` and `tip.seq` are those of the record before; `tip.end` is this file's end."""
        self.fd, self.tip, self.places = fd, tip, places
        self._path, self._run_id, self._sealer = path, run_id, sealer
        self._packs, self._power = packs, power

    def append(
        self,
        kind: str,
        fields: Mapping[str, Json],
        blobs: Mapping[str, Bytes],
        adopted: Mapping[str, Place] | None = None,
        needs: Collection[str] | None = None,
    ) -> int:
        """Append a record in one write call and return the bytes newly written.

        Args:
            adopted: packed blobs that this log does not name yet and that stay where they lie.
            needs: every blob that the record needs: it will stand alone, and all other blobs are
                forgotten, so that no record after it names what only records before it place.
        Raises: StoreFull; the log is then as it was.
        """
        new = {name: blob for name, blob in blobs.items() if name not in self.places}
        inline = _inline(new)
        big = {name: blob for name, blob in new.items() if name not in inline}
        listed = {**(adopted or {}), **self._lying(needs or (), new)}
        packed = {**listed, **self._packs.write(big)}
        names = tuple(dict.fromkeys((*blobs, *listed)))
        record = Record(self.tip.seq + 1, self.tip.epoch, kind, fields, names)
        alone = None if needs is None else Alone(self.tip.end, self.tip.seal)
        body = encode_body(self._run_id, record, packed, inline, alone)
        seal = self._sealer.seal(self.tip.seal, body)
        frame = encode_frame(body, seal)
        tip = Tip(record.epoch, self.tip.end + len(frame), seal, record.seq)
        try:
            self._write(frame, tip)
        except StoreFull:
            if big:
                self._packs.take_back()
            raise
        self.places.update(packed)
        self.places.update(self._inline_places(inline))
        if needs is not None:
            self.places = {name: self.places[name] for name in needs}
        return len(frame) + sum(memoryview(blob).nbytes for blob in big.values())

    def close(self) -> None:
        """Give the descriptors back."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
        self._packs.close()

    def _lying(self, needs: Iterable[str], new: Container[str]) -> dict[str, Place]:
        """Return where the needed blobs lie that are not written just now. Raises KeyError."""
        return {name: self.places[name] for name in needs if name not in new}

    def _write(self, frame: bytes, tip: Tip) -> None:
        try:
            if os.fstat(self.fd).st_size != self.tip.end:  # left by a cut that failed as well
                os.ftruncate(self.fd, self.tip.end)
            written = os.write(self.fd, frame)
            if self._power and written == len(frame):
                os.fdatasync(self.fd)
        except BaseException as error:  # an interrupt as well: what is on file decides
            self._settle(tip, whole=not isinstance(error, OSError))
            if isinstance(error, OSError):
                raise StoreFull(self._path, str(error)) from error
            raise
        if written < len(frame):
            self._settle(tip, whole=False)
            raise StoreFull(self._path, f"only {written} of {len(frame)} bytes fitted")
        self.tip = tip

    def _settle(self, tip: Tip, *, whole: bool) -> None:
        """Cut off a part of a record; keep one that is there whole, as a successor may have."""
        if whole and os.fstat(self.fd).st_size == tip.end:
            self.tip = tip
            return
        try:
            os.ftruncate(self.fd, self.tip.end)
        except OSError:  # tried again before the next record; readers stop before the part
            return

    def _inline_places(self, inline: Mapping[str, Bytes]) -> dict[str, Place]:
        """Inline blobs are the last bytes of their record, in order."""
        file = self._path.rpartition("/")[2]
        sizes = {name: memoryview(blob).nbytes for name, blob in inline.items()}
        offset = self.tip.end - sum(sizes.values())
        places: dict[str, Place] = {}
        for name, size in sizes.items():
            places[name] = Place(file, offset, size)
            offset += size
        return places


def _inline(blobs: Mapping[str, Bytes]) -> dict[str, Bytes]:
    """Return those that go into the record itself."""
    inline: dict[str, Bytes] = {}
    room = INLINE_RECORD_BYTES
    for name, blob in blobs.items():
        size = memoryview(blob).nbytes
        if size < INLINE_BYTES and size <= room:
            inline[name] = blob
            room -= size
    return inline
