"""Positions: Python counts UTF-8 bytes in lines, a cell counts characters from its start."""

from __future__ import annotations

import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")


class Offsets:
    """Turns (line, byte column) into character offsets. `start`, `line`: where `text` stands."""

    def __init__(self, text: str, start: int, line: int) -> None:
        self._line = line
        self._lines: list[tuple[int, str]] = [
            (start + found.start(), found.group()) for found in _LINE.finditer(text)
        ]

    def of(self, line: int, byte_column: int) -> int:
        """Return the offset in the cell."""
        start, text = self._lines[line - self._line]
        if text.isascii():
            return start + byte_column
        return start + len(text.encode()[:byte_column].decode())
