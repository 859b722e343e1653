"""Strings that are open while text is scanned, and the prefixes of those that hold code."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field

_F_STRINGS = frozenset({"f", "fr", "rf"})
_T_STRINGS = frozenset({"t", "tr", "rt"})

WITH_FIELDS = _F_STRINGS | _T_STRINGS
"""Prefixes, in lower case, of strings whose braces hold code in some version of Python."""

# Since 3.12 (PEP 701) the fields are code for the tokenizer too and may hold quotes and newlines;
# before, an f-string ends where a plain one would. 3.14 added template strings.
NESTING: frozenset[str] = frozenset()
if sys.version_info >= (3, 12):
    NESTING |= _F_STRINGS
if sys.version_info >= (3, 14):
    NESTING |= _T_STRINGS


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
