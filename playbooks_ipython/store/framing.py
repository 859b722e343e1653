"""Framing: one record <-> the bytes of it in a log. Reads no file and knows no key.

    frame = length of the body (4) | CRC-32 (4) | seal (32) | body
    body  = length of the JSON (4) | JSON | inline blobs, in the order of the table

The checksum covers length, seal and body, so that zeros left by a power failure do not pass for
a record. The seal covers the body, and the body names run, epoch and number.

A record may stand alone: its table then says where every blob that it needs lies, and its JSON
where it begins and which seal it follows, so that a reading can begin with it and check it.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from playbooks_ipython.records import Json, Record
from playbooks_ipython.store.protocol import Bytes

_HEAD = struct.Struct(">II32s")
_LENGTH = struct.Struct(">I")
HEAD_BYTES = _HEAD.size
SEAL_BYTES = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where a blob's bytes lie: a file of the run's directory, an offset, a length."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Head:
    """The fixed part of a frame."""

    length: int
    checksum: int
    seal: bytes


@dataclass(frozen=True, slots=True)
class Alone:
    """What a record says of itself that stands alone: where it begins, and the seal before it."""

    at: int
    after: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """A decoded body. Inline places count from the body's first byte and name no file yet."""

    run_id: str
    record: Record
    packed: Mapping[str, Place]
    inline: Mapping[str, Place]
    alone: Alone | None


def blob_name(data: Bytes) -> str:
    """Return the name of these bytes: their SHA-256 in hexadecimal."""
    return sha256(data).hexdigest()


# As it stands in a body. In the text of a value its quotes would be escaped; in an inline blob it
# may stand, which is why the offset that follows is looked at before it is believed.
_ALONE = re.compile(rb'"alone":\{"at":([0-9]{1,18}),')
ALONE_BYTES = len(b'"alone":{"at":,') + 18


def find_offsets(data: bytes) -> list[tuple[int, int]]:
    """Return where something that may be a record standing alone says so, and where it begins."""
    return [(found.start(), int(found[1])) for found in _ALONE.finditer(data)]


def encode_body(
    run_id: str,
    record: Record,
    packed: Mapping[str, Place],
    inline: Mapping[str, Bytes],
    alone: Alone | None = None,
) -> bytes:
    """Return the body of a record; a blob in neither mapping is one that the run already has."""
    data = {name: memoryview(blob).cast("B") for name, blob in inline.items()}
    fields = {
        "run": run_id,
        "epoch": record.epoch,
        "seq": record.seq,
        "kind": record.kind,
        **({} if alone is None else {"alone": {"at": alone.at, "after": alone.after.hex()}}),
        "fields": record.fields,
        "blobs": [_table_row(name, packed, data) for name in record.blobs],
    }
    text = json.dumps(fields, separators=(",", ":")).encode()
    return b"".join((_LENGTH.pack(len(text)), text, *data.values()))


def _table_row(
    name: str, packed: Mapping[str, Place], inline: Mapping[str, memoryview]
) -> Sequence[Json]:
    if name in packed:
        place = packed[name]
        return [name, place.length, place.file, place.offset]
    return [name, len(inline[name])] if name in inline else [name]


def decode_body(body: bytes) -> Body:
    """Take a body apart.

    Raises for a bad one: ValueError, KeyError, IndexError, TypeError, RecursionError.
    """
    if len(body) < _LENGTH.size:
        raise ValueError("too short")
    (text_length,) = _LENGTH.unpack_from(body)
    start = _LENGTH.size + text_length
    loaded = json.loads(body[_LENGTH.size : start])
    packed: dict[str, Place] = {}
    inline: dict[str, Place] = {}
    for row in loaded["blobs"]:
        if len(row) == 4:
            packed[_text(row[0])] = Place(_text(row[2]), _count(row[3]), _count(row[1]))
        elif len(row) == 2:
            inline[_text(row[0])] = Place("", start, _count(row[1]))
            start += row[1]
    if start > len(body) or not isinstance(loaded["fields"], dict):
        raise ValueError("the table does not fit the body")
    record = Record(
        _count(loaded["seq"]),
        _count(loaded["epoch"]),
        _text(loaded["kind"]),
        loaded["fields"],
        tuple(_text(row[0]) for row in loaded["blobs"]),
    )
    return Body(_text(loaded["run"]), record, packed, inline, _alone(loaded.get("alone")))


def _alone(said: Any) -> Alone | None:
    return None if said is None else Alone(_count(said["at"]), bytes.fromhex(_text(said["after"])))


def encode_frame(body: bytes, seal: bytes) -> bytes:
    """Put length, checksum and seal in front of a body."""
    if len(seal) != SEAL_BYTES:
        raise ValueError(f"a seal has {SEAL_BYTES} bytes, not {len(seal)}")
    return _HEAD.pack(len(body), _checksum(body, seal), seal) + body


def decode_head(head: bytes) -> Head:
    """Take the fixed part of a frame apart."""
    return Head(*_HEAD.unpack(head))


def checksum_holds(head: Head, body: bytes) -> bool:
    """Tell whether these are the bytes that were written."""
    return _checksum(body, head.seal) == head.checksum


def _checksum(body: bytes, seal: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(seal, zlib.crc32(_LENGTH.pack(len(body)))))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(value)
    return value
