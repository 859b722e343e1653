"""Memory: what was read of a run, kept until the run changes.

A log is only ever appended to, or replaced by a later epoch's, so a length and an epoch tell
whether it changed; whether the owner lives is looked up anew each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from playbooks_ipython.store.protocol import RunReader

T = TypeVar("T")
Key = tuple[Path, str]
Mark = tuple[str, int, bool | None, int]


class Memory(Generic[T]):
    """The results of the `size` readings used last. Safe for several threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Key, tuple[Mark, T]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, reader: RunReader, read: Callable[[RunReader], T]) -> T:
        """Return `read(reader)`, or what it returned before if the run is as it was then."""
        mark = _mark(reader)  # before reading: what is appended meanwhile is read again
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept[0] == mark:
                self._kept.move_to_end(key)
                return kept[1]
        result = read(reader)
        with self._lock:
            self._kept[key] = (mark, result)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return result


def _mark(reader: RunReader) -> Mark:
    claim = reader.claim
    return reader.header.run_id, claim.epoch, claim.alive, reader.size_bytes()
