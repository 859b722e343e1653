"""Open files: opened again at their position. What was written stays as it is on disk."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import IO, Any

from playbooks_ipython.errors import UnreadableValue, UnstorableValue

_LARGEST = 1 << 26
_COMPARED = 1 << 16
_BYTES = (1 << 64) - 1


def file_args(file: Any, before: int | None = None) -> tuple[Any, ...]:
    """Return the arguments of `open_file`; flushes. Raises UnstorableValue for what is no file.

    `before`: a position that the file will be read from again, which serves where it cannot tell
    where it is.
    """
    name = file.name
    if not isinstance(name, str | bytes):
        raise UnstorableValue("file", type(file).__name__, "it has no path")
    text = isinstance(file, io.TextIOWrapper)
    about = (file.encoding, file.errors, None) if text else None
    if file.closed:
        return name, file.mode, about, None
    if not file.seekable():
        raise UnstorableValue("file", type(file).__name__, "it has no position to go back to")
    if file.writable():
        file.flush()
    position = _position(file, before)
    # What goes back before its position compares what it reads again.
    read = _print_before(file, position) if before is None else None
    return name, file.mode, about, position, read


def _print_before(file: Any, position: int) -> bytes | None:
    """Eight bytes that tell what stands before a position again; None if it cannot be read."""
    at = position & _BYTES  # a text file's position may hold the state of its decoder as well
    try:
        data = os.pread(file.fileno(), min(at, _COMPARED), max(0, at - _COMPARED))
    except OSError:
        return None
    return hashlib.blake2b(data, digest_size=8).digest()


def _position(file: Any, before: int | None) -> int:
    try:
        return int(file.tell())
    except OSError:  # a text file that is being iterated over does not tell
        if before is not None:
            return before
    if os.fstat(file.fileno()).st_size > _LARGEST:
        raise UnstorableValue(
            "file",
            type(file).__name__,
            "it is too large to find its place after next(); readline() leaves it known",
        )
    return _counted_position(file)


def _counted_position(file: Any) -> int:
    """Where a text file stands that does not tell: as many characters before its end as are left.

    It stands there afterwards too, and tells. Cost: the file is read twice.
    """
    left = len(file.read())
    file.seek(0)
    before = len(file.read()) - left
    file.seek(0)
    file.read(before)
    return int(file.tell())


def open_file(
    name: str,
    mode: str,
    about: tuple[str, str, None] | None,
    position: int | None,
    before: bytes | None = None,
) -> IO[Any]:
    """Open a file again as it was. It is never truncated or made anew, and `x` has been done.

    Raises UnreadableValue if what stands before its position is another now.
    """
    encoding, errors, _ = about or (None, None, None)
    binary = "b" if "b" in mode else ""
    again = mode if mode[0] in "ra" else f"r+{binary}"
    file = Path(name).open(again, encoding=encoding, errors=errors)  # noqa: SIM115 # the user's
    if position is None:
        file.close()
        return file
    if before is not None and file.readable() and _print_before(file, position) != before:
        file.close()
        reason = f"{name} has changed before the place where it was read to"
        raise UnreadableValue("file", f"{reason}; bring it back and resume again")
    if "a" not in mode:
        file.seek(position)
    return file
