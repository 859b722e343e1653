"""Dollar: the older dialect, in which a variable is written `$name`, read as plain Python.

Only code and the fields of f-strings are touched, never the text of strings or comments. No line
is added or removed, columns shift to the left.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from playbooks_ipython.source.lines import LineScanner
from playbooks_ipython.source.strings import WITH_FIELDS

_PARTS = re.compile(r"\$|[^$]+")


class DollarFilter:
    """Takes the dollars away while the text streams; where it was cut does not matter.

    A dollar is kept, so that Python refuses it, where no name follows or where a name precedes:
    `a$b` must not silently become another name.
    """

    def __init__(self) -> None:
        self._scanner = LineScanner(WITH_FIELDS)
        self._held = False
        self._length = 0  # characters given out
        self._removed: list[int] = []  # what was given out before each dollar taken away

    def feed(self, chunk: str) -> str:
        """Return the next characters as plain Python; a dollar waits for the one after it."""
        return "".join(self._take(part) for part in _PARTS.findall(chunk))

    def finish(self) -> str:
        """Return what was waiting."""
        return self._release()

    def original_offset(self, offset: int) -> int:
        """Return how much of the text fed in the first `offset` characters given out stand for."""
        return offset + bisect_left(self._removed, offset)

    def _take(self, part: str) -> str:
        if part == "$":
            released = self._release()
            self._held = True
            return released
        if self._held and self._scanner.at_name and part[0].isidentifier():
            self._held = False
            self._removed.append(self._length)
        return self._release() + self._give(part)

    def _release(self) -> str:
        if not self._held:
            return ""
        self._held = False
        return self._give("$")

    def _give(self, text: str) -> str:
        self._scanner.feed(text)
        self._length += len(text)
        return text


def without_dollars(text: str) -> str:
    """Return a whole text of the older dialect as plain Python, line by line."""
    dialect = DollarFilter()
    return dialect.feed(text) + dialect.finish()
