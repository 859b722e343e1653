"""Strings while text is scanned: where they end, and which hold code between their braces."""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

Step: TypeAlias = Callable[[str, int], int]

FIELD = "field"  # on the stack: the expression in an f-string's braces
SPEC = "spec"  # on the stack: the format specification after its colon

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


class StringScanner(ABC):
    """The modes of the scanner at and in strings; whoever derives from it knows the code between.

    A mode takes the chunk and a position in it and returns the position to go on from.
    """

    def __init__(self, nesting: frozenset[str]) -> None:
        self._nesting = nesting
        self._mode: Step = self._code
        self._resume: Step = self._code  # where an interlude (comment, backslash) leads back
        self._stack: list[str | Text] = []  # open brackets, strings, fields and specifications
        self._texts: list[Text] = []  # the strings among them
        self._quote, self._quotes, self._prefix = "", 0, ""
        self._brace = ""
        self._broken = False

    @abstractmethod
    def _code(self, chunk: str, at: int) -> int:
        """The mode outside of strings and in their fields."""

    @abstractmethod
    def _break(self, at: int) -> int:
        """Note that Python's tokenizer refuses the text here."""

    def _quotation(self, chunk: str, at: int) -> int:
        """After an opening quote: is it one, an empty string, or three?"""
        if chunk[at] == self._quote:
            self._quotes += 1
            if self._quotes == 3:
                self._open_text(3)
            return at + 1
        if self._quotes == 1:
            self._open_text(1)
        else:
            self._mode = self._code
        return at

    def _text(self, chunk: str, at: int) -> int:
        text = self._texts[-1]
        if found := text.dull.match(chunk, at):
            text.quotes_seen = 0
            return found.end()
        char = chunk[at]
        if char == text.quote:
            text.quotes_seen += 1
            if text.quotes_seen == text.size:
                self._close_text()
            return at + 1
        text.quotes_seen = 0
        if char == "\\":
            self._interlude(self._escape, self._text)
        elif char in "\r\n":
            return self._newline_in_text(at)
        else:
            self._brace_in_text(text, char)
        return at + 1

    def _newline_in_text(self, at: int) -> int:
        if self._stack[-1] == SPEC:
            # A format specification of a one-line string ends at the newline, its field does not.
            self._stack.pop()
            self._mode = self._code
            return at
        return self._break(at)

    def _brace_in_text(self, text: Text, char: str) -> None:
        in_spec = self._stack[-1] == SPEC
        if char == "}" and text.named:
            text.named = False
        elif char == "{" and in_spec:
            self._stack.append(FIELD)
            self._mode = self._code
        elif in_spec:
            del self._stack[-2:]
        else:
            self._brace = char
            self._mode = self._second_brace

    def _second_brace(self, chunk: str, at: int) -> int:
        if chunk[at] == self._brace:
            self._mode = self._text
            return at + 1
        if self._brace == "}":
            return self._break(at)
        self._stack.append(FIELD)
        self._mode = self._code
        return at

    def _escape(self, chunk: str, at: int) -> int:
        text, char = self._texts[-1], chunk[at]
        self._mode = self._text
        if text.formatted and char in "{}":
            return at
        if text.formatted and char == "N" and not text.raw:
            self._mode = self._named_escape
        elif char == "\r":
            self._interlude(self._line_feed, self._text)
        return at + 1

    def _named_escape(self, chunk: str, at: int) -> int:
        self._mode = self._text
        if chunk[at] != "{":
            return at
        self._texts[-1].named = True
        return at + 1

    def _line_feed(self, chunk: str, at: int) -> int:
        """After an escaped carriage return: a line feed belongs to it."""
        self._mode = self._resume
        return at + (chunk[at] == "\n")

    # Changes of state

    def _interlude(self, mode: Step, resume: Step) -> None:
        self._mode, self._resume = mode, resume

    def _open_text(self, size: int) -> None:
        prefix = self._prefix.lower()
        text = Text(self._quote, size, prefix in self._nesting, "r" in prefix)
        self._stack.append(text)
        self._texts.append(text)
        self._mode = self._text

    def _close_text(self) -> None:
        if self._stack.pop() != self._texts.pop():
            self._break(0)  # the string ended inside one of its own fields
        self._mode = self._code
