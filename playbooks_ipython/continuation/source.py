"""Sources: the texts that code comes from, named by what they say."""

from __future__ import annotations

import hashlib
import linecache
from dataclasses import dataclass
from functools import lru_cache


@lru_cache(maxsize=64)
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Source:
    """One text as it was compiled, and the name that its frames show."""

    text: str
    filename: str

    @property
    def id(self) -> str:
        """The SHA-256 of the text: the same text is the same source on every machine."""
        return _digest(self.text)

    def show_lines(self) -> None:
        """Let tracebacks find the lines of a text that is in no file."""
        known = linecache.cache.get(self.filename)
        if known is None or (len(known) > 1 and known[1] is None):  # entries of files have a time
            lines = self.text.splitlines(keepends=True)
            linecache.cache[self.filename] = (len(self.text), None, lines, self.filename)
