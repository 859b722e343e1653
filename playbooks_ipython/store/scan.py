"""Scan: whole records out of one epoch's log, up to the first that does not hold.

Knows lengths and checksums; seals are for the one who has a key, and chains are for chain.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from playbooks_ipython.records import Record
from playbooks_ipython.store.framing import (
    ALONE_BYTES,
    HEAD_BYTES,
    Alone,
    Body,
    Place,
    checksum_holds,
    decode_body,
    decode_head,
    find_offsets,
)

_BLOCK = 1 << 20
_TRIED = 16  # of what may be a record standing alone: a hostile log could be full of them


@dataclass(frozen=True, slots=True)
class Framed:
    """A whole record with what signs it, where its blobs lie, and where it ends in its log."""

    run_id: str
    record: Record
    body: bytes
    seal: bytes
    places: dict[str, Place]
    end: int
    alone: Alone | None


class LogScan:
    """One pass over the first `size` bytes of a log.

    Iterate it once; `end` and `reason` are right at every moment: where the last whole record
    ends, and why there are no more (None: the log simply ends there).
    """

    def __init__(self, file: BinaryIO, name: str, epoch: int, size: int, start: int = 0) -> None:
        self._file, self._name, self._epoch, self._size = file, name, epoch, size
        self.end = start
        self.reason: str | None = None
        self.torn = False
        file.seek(start)

    def __iter__(self) -> Iterator[Framed]:
        while self.end < self._size:
            try:
                framed = self._next(self._size - self.end)
            except _NoRecordError as why:
                self.reason, self.torn = f"{self._name}: {why}", why.torn
                return
            self.end = framed.end
            yield framed

    def _next(self, left: int) -> Framed:
        """Return the record at `end`, with `left` bytes from there on. Raises _NoRecordError."""
        head_bytes = self._file.read(min(HEAD_BYTES, left))
        head = decode_head(head_bytes) if len(head_bytes) == HEAD_BYTES else None
        if head is None or head.length > left - HEAD_BYTES:
            raise _NoRecordError(f"its last {left} bytes are not a whole record", torn=True)
        body = self._file.read(head.length)
        where = f"at byte {self.end}"
        if not checksum_holds(head, body):
            raise _NoRecordError(
                f"the checksum {where} does not hold; {left} bytes are passed over"
            )
        try:
            decoded = decode_body(body)
        # Whole but not ours: foreign JSON may be wrong in each of these ways.
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            raise _NoRecordError(f"what lies {where} is no record ({error!r})") from error
        if decoded.record.epoch != self._epoch:
            raise _NoRecordError(f"the record {where} belongs to another epoch")
        return self._framed(decoded, body, head.seal)

    def _framed(self, decoded: Body, body: bytes, seal: bytes) -> Framed:
        start = self.end + HEAD_BYTES
        inline = {
            name: replace(place, file=self._name, offset=start + place.offset)
            for name, place in decoded.inline.items()
        }
        places = {**inline, **decoded.packed}
        end = start + len(body)
        return Framed(decoded.run_id, decoded.record, body, seal, places, end, decoded.alone)


def find_alone(file: BinaryIO, name: str, epoch: int, size: int) -> Iterator[Framed]:
    """Yield records of the first `size` bytes that stand alone, newest first; not all of them.

    Only checksums are looked at. Cost: reads backwards to the newest one; a log without any is
    searched, not parsed.
    """
    tried = 0
    for start in range((size - 1) // _BLOCK * _BLOCK, -1, -_BLOCK):
        file.seek(start)
        block = file.read(min(_BLOCK + ALONE_BYTES, size - start))
        for place, at in reversed(find_offsets(block)):
            if place >= _BLOCK or at >= start + place:
                continue
            if (tried := tried + 1) > _TRIED:
                return
            framed = next(iter(LogScan(file, name, epoch, size, at)), None)
            if framed is not None and framed.alone is not None and framed.alone.at == at:
                yield framed


class _NoRecordError(Exception):
    """What lies here is not a record of this log; `torn` if it only lacks its end."""

    def __init__(self, reason: str, *, torn: bool = False) -> None:
        super().__init__(reason)
        self.torn = torn
