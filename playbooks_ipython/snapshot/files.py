"""Open files: opened again at their position. What was written stays as it is on disk."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, Any

from playbooks_ipython.errors import UnstorableValue


def file_args(file: Any, before: int | None = None) -> tuple[Any, ...]:
    """Return the arguments of `open_file`; flushes. Raises UnstorableValue for what is no file.

    `before`: a position to go back to if the file cannot tell where it is.
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
    return name, file.mode, about, _position(file, before)


def _position(file: Any, before: int | None) -> int:
    try:
        return int(file.tell())
    except OSError:  # a text file that is being iterated over does not tell
        if before is None:
            raise
        return before


def open_file(
    name: str, mode: str, about: tuple[str, str, None] | None, position: int | None
) -> IO[Any]:
    """Open a file again as it was. It is never truncated or made anew, and `x` has been done."""
    encoding, errors, _ = about or (None, None, None)
    binary = "b" if "b" in mode else ""
    again = mode if mode[0] in "ra" else f"r+{binary}"
    file = Path(name).open(again, encoding=encoding, errors=errors)  # noqa: SIM115 # the user's
    if position is None:
        file.close()
    elif "a" not in mode:
        file.seek(position)
    return file
