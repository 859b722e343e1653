"""Logical lines: where they begin and end, told from characters that come one after another.

A pushdown automaton over single characters. It keeps no text, so where the text was cut cannot
matter, and each character is looked at once. It decides nothing about statements (blocks.py), and
what Python's tokenizer refuses it only reports as `Broken`: Python itself says why.
"""

from __future__ import annotations

import re

from playbooks_ipython.source.events import CLAUSES, Broken, Event, LineBegins, LineEnds
from playbooks_ipython.source.strings import FIELD, NESTING, SPEC, Step, StringScanner

_CLOSERS = {")": "(", "]": "[", "}": "{"}
_WORD = re.compile(r"[0-9A-Za-z_\x80-\U0010ffff]+")
_DULL = re.compile(r"[^0-9A-Za-z_\x80-\U0010ffff\n\r\"'#\\()\[\]{}:]+")
_COMMENT = re.compile(r"[^\n\r]+")
_TAB = 8
# Longer than any keyword and any string prefix; a longer word need not be known whole.
_WORD_KEPT = 12


class LineScanner(StringScanner):
    """Turns characters into the beginnings and ends of logical lines.

    `nesting` are the prefixes of strings whose fields are code. Cost: O(characters), constant
    memory but for the depth of brackets.
    """

    def __init__(self, nesting: frozenset[str] = NESTING) -> None:
        super().__init__(nesting)
        self._events: list[Event] = []
        self._consumed = 0  # characters of all chunks before the current one
        self._mode: Step = self._indentation
        self._line_start = 0
        self._column = 0
        self._continued = False  # by a backslash, before any token
        self._continued_column = 0
        self._begun: tuple[int, int] | None = None  # token and column, until its word is known
        self._word = ""
        self._head: list[str] = []
        self._head_open = False
        self._last = ""

    def feed(self, chunk: str) -> list[Event]:
        """Return what the next characters decide."""
        self._events = []
        position, length = 0, len(chunk)
        while position < length and not self._broken:
            position = self._mode(chunk, position)
        self._consumed += length
        return self._events

    def finish(self) -> list[Event]:
        """Return what the end of the text decides: a last word is a whole word."""
        self._events = []
        if not self._broken:
            self._close_word()
        if self._continued:
            self._begin("\\", self._line_start)  # it continues nothing, and Python minds
        return self._events

    @property
    def at_name(self) -> bool:
        """Whether a name that began with the next character would be code of its own."""
        if self._broken or self._word:
            return False
        opening_field = self._mode == self._second_brace and self._brace == "{"
        return opening_field or self._mode in (self._code, self._indentation)

    # Modes outside of strings

    def _indentation(self, chunk: str, at: int) -> int:
        char = chunk[at]
        if char == " ":
            self._column += 1
        elif char == "\t":
            self._column = (self._column // _TAB + 1) * _TAB
        elif char == "\f":
            self._column = 0
        elif char in "\r\n":
            self._start_line(self._consumed + at + 1)
        elif char == "#":
            self._interlude(self._comment, self._indentation)
        elif char == "\\":
            # As in CPython: of an indentation split by backslashes the first part counts.
            self._continued = True
            self._continued_column = self._continued_column or self._column
            self._interlude(self._backslash, self._indentation)
        else:
            self._begin(char, self._consumed + at)
            return at
        return at + 1

    def _code(self, chunk: str, at: int) -> int:
        if found := _WORD.match(chunk, at):
            self._extend_word(found.group())
            return found.end()
        prefix = self._word
        self._close_word()
        if found := _DULL.match(chunk, at):
            self._note_last(found.group().strip(" \t\f"))
            return found.end()
        char = chunk[at]
        if char in "\r\n":
            if not self._stack:
                self._end_line(self._consumed + at)
        elif char in "\"'":
            self._quote, self._quotes, self._prefix = char, 1, prefix
            self._note_last(char)
            self._mode = self._quotation
        elif char == "#":
            self._interlude(self._comment, self._code)
        elif char == "\\":
            self._interlude(self._backslash, self._code)
        else:
            self._bracket_or_colon(char)
        return at + 1

    def _comment(self, chunk: str, at: int) -> int:
        if found := _COMMENT.match(chunk, at):
            return found.end()
        self._mode = self._resume
        return at

    def _backslash(self, chunk: str, at: int) -> int:
        if chunk[at] == "\r":
            self._mode = self._line_feed
        elif chunk[at] == "\n":
            self._mode = self._resume
        elif self._resume == self._indentation:
            self._begin("\\", self._consumed + at - 1)
            return at
        else:
            self._mode = self._resume
            return at
        return at + 1

    def _start_line(self, offset: int) -> None:
        self._line_start = offset
        self._column = self._continued_column = 0
        self._continued = False
        self._mode = self._indentation

    def _begin(self, char: str, token: int) -> None:
        self._word, self._head, self._head_open, self._last = "", [], True, ""
        self._continued = False
        self._begun = (token, self._continued_column or self._column)
        self._mode = self._code
        if not _WORD.match(char):
            self._announce(char)

    def _announce(self, word: str) -> None:
        if self._begun is not None:
            token, column = self._begun
            self._begun = None
            self._events.append(LineBegins(self._line_start, token, column, word))

    def _end_line(self, offset: int) -> None:
        self._events.append(LineEnds(offset, tuple(self._head), self._last == ":"))
        self._start_line(offset + 1)

    def _extend_word(self, part: str) -> None:
        if len(self._word) < _WORD_KEPT:
            self._word += part
        self._last = "w"
        if self._begun and not any(clause.startswith(self._word) for clause in CLAUSES):
            self._announce(self._word)

    def _close_word(self) -> None:
        if not self._word:
            return
        self._announce(self._word)
        if self._head_open and len(self._head) < 2:
            self._head.append(self._word)
        self._word = ""

    def _note_last(self, token: str) -> None:
        if token:
            self._last = token[-1]
            self._head_open = False

    def _bracket_or_colon(self, char: str) -> None:
        self._note_last(char)
        top = self._stack[-1] if self._stack else None
        if char == ":":
            if top == FIELD:
                self._stack.append(SPEC)
                self._mode = self._text
        elif char in "([{":
            self._stack.append(char)
        elif char == "}" and top == FIELD:
            self._stack.pop()
            self._mode = self._text
        elif top == _CLOSERS[char]:
            self._stack.pop()
        else:
            self._break(0)

    def _break(self, at: int) -> int:
        self._broken = True
        self._events.append(Broken())
        return at
