"""Strings that are open while text is scanned, and which prefixes make them formatted."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field

# Since 3.12 (PEP 701) the fields of an f-string are code and may hold quotes and newlines; before,
# an f-string ends where a plain one would. 3.14 adds template strings.
_FORMATTED: frozenset[str] = frozenset(
    (("f", "fr", "rf") if sys.version_info >= (3, 12) else ())
    + (("t", "tr", "rt") if sys.version_info >= (3, 14) else ())
)


def is_formatted(prefix: str) -> bool:
    """Tell whether a string with this lower-case prefix has fields that are code."""
    return prefix in _FORMATTED


@dataclass(slots=True, eq=False)
class Text:
    """One open string. `dull` matches what can neither end it nor begin something in it."""

    quote: str
    size: int
    formatted: bool
    raw: bool
    quotes_seen: int = 0
    named: bool = False  # inside of \\N{...}
    dull: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        newlines = r"\r\n" if self.size == 1 else ""
        braces = "{}" if self.formatted else ""
        self.dull = re.compile(rf"[^\\{self.quote}{newlines}{braces}]+")
