"""Fingerprints: a few bytes by which an item is known again in another process."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Iterator
from typing import Any

SIZE = 4
_ATOMS = (int, float, complex, bool, str, bytes, type(None))
_NODES = 10_000
_BYTES = 1 << 20


def fingerprint(item: object, size: int = SIZE) -> bytes:
    """Return bytes that are equal, in any process, for items that are equal.

    Plain data counts by content. Anything else counts by its pickled bytes if they stay the same
    over a load, and by type, length and path or span where they do not.
    Cost: one walk of the item, of 10,000 objects at most.
    """
    digest = hashlib.blake2b(digest_size=size)
    for part in _parts(item):
        digest.update(part)
        digest.update(b"\0")
    return digest.digest()


def _parts(item: object) -> Iterator[bytes]:
    waiting, seen = [item], 0
    while waiting and seen < _NODES:
        one: Any = waiting.pop()
        seen += 1
        kind = type(one)
        yield kind.__qualname__.encode()
        if kind in _ATOMS:
            yield one if kind is bytes else repr(one).encode("utf-8", "surrogatepass")
        elif kind in (list, tuple) or (isinstance(one, tuple) and hasattr(one, "_fields")):
            yield str(len(one)).encode()
            waiting.extend(one)
        elif kind is dict:
            yield str(len(one)).encode()
            waiting.extend(part for pair in one.items() for part in pair)
        else:
            yield from _foreign(one)


def _foreign(item: Any) -> Iterator[bytes]:
    try:
        yield _stable_bytes(item)
    except Exception:  # noqa: BLE001  # whatever the item's own code raises when it is pickled
        yield from _outline(item)


def _stable_bytes(item: Any) -> bytes:
    """Raises ValueError where the order or the sharing in the bytes is not the item's own."""
    if isinstance(item, set | frozenset):
        raise ValueError("its order differs between processes")
    data = pickle.dumps(item, 5)
    if len(data) > _BYTES or pickle.dumps(pickle.loads(data), 5) != data:  # noqa: S301  # made here
        raise ValueError("its bytes differ between two copies, or are too many to compare")
    return data


def _outline(item: Any) -> Iterator[bytes]:
    if isinstance(item, os.PathLike):
        yield os.fsencode(item)
    if hasattr(type(item), "span"):  # an instance might answer by code of the user's
        yield repr((item.span(), item.group())).encode("utf-8", "surrogatepass")
    if hasattr(type(item), "__len__"):
        yield str(len(item)).encode()
