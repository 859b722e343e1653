"""Packs: files of blobs too big for the log. Page aligned, so that a restore may map them."""

from __future__ import annotations

import os
from collections.abc import Mapping

from playbooks_ipython.errors import StoreFull
from playbooks_ipython.store.directory import RunDirectory
from playbooks_ipython.store.framing import Place
from playbooks_ipython.store.protocol import Bytes

PAGE_BYTES = 4096
PACK_BYTES = 64 << 20  # a fresh file beyond this, so that rewriting a run can drop old ones whole


class PackWriter:
    """Appends blobs to this epoch's packs, the first of which is made when it is first needed."""

    def __init__(self, directory: RunDirectory, epoch: int, *, power: bool) -> None:
        self._directory, self._epoch, self._power = directory, epoch, power
        self._fd = -1
        self._name = ""
        self._end = self._before = 0

    def write(self, blobs: Mapping[str, Bytes]) -> dict[str, Place]:
        """Write these, each from a page's first byte. Raises StoreFull; nothing of them remains.

        Cost: one write call a blob; synced once where the store promises to survive power loss.
        """
        if not blobs:
            return {}
        try:
            self._make_room()
            return self._write(blobs)
        except OSError as error:
            raise StoreFull(str(self._directory.path / "packs"), str(error)) from error

    def take_back(self) -> None:
        """Undo the newest write, because the record that was to name its blobs was not written.

        No map reaches bytes that no record ever named; left there, they would keep a full disk
        full. What is named is never cut.
        """
        os.ftruncate(self._fd, self._before)
        self._end = self._before

    def close(self) -> None:
        """Give the descriptor back."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _make_room(self) -> None:
        if self._fd >= 0 and self._end < PACK_BYTES:
            return
        self.close()
        self._fd, self._name = self._directory.create_pack(self._epoch)
        self._end = self._before = 0

    def _write(self, blobs: Mapping[str, Bytes]) -> dict[str, Place]:
        places: dict[str, Place] = {}
        end = self._end
        try:
            for name, blob in blobs.items():
                data = memoryview(blob).cast("B")
                start = -(-end // PAGE_BYTES) * PAGE_BYTES
                _write_whole(self._fd, data, start)
                places[name] = Place(self._name, start, len(data))
                end = start + len(data)
            if self._power:
                os.fsync(self._fd)
        except BaseException:  # an interrupt as well: half a blob must not stay
            os.ftruncate(self._fd, self._end)
            raise
        self._before, self._end = self._end, end
        return places


def _write_whole(fd: int, data: memoryview, offset: int) -> None:
    while data:
        written = os.pwrite(fd, data, offset)
        data, offset = data[written:], offset + written
