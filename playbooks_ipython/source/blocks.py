"""Blocks: which logical lines belong to one top-level statement, and when it is surely complete."""

from __future__ import annotations

from dataclasses import dataclass

from playbooks_ipython.source.events import LineBegins, LineEnds

_NOTHING: frozenset[str] = frozenset()
_FOLLOWERS = {
    "if": frozenset({"elif", "else"}),
    "elif": frozenset({"elif", "else"}),
    "for": frozenset({"else"}),
    "while": frozenset({"else"}),
    "try": frozenset({"except", "finally"}),
    "except": frozenset({"except", "else", "finally"}),
}
_AFTER_ELSE_OF_TRY = frozenset({"finally"})
DECORATOR, FENCE = "@", "`"


@dataclass(frozen=True, slots=True)
class Segment:
    """The text of one top-level statement, or of one line of statements joined by semicolons.

    Offsets: `start` of its first line, `token` of its first token, `end` before its last newline.
    """

    start: int
    token: int
    end: int
    fence: bool


class Blocks:
    """Joins logical lines to segments.

    A simple statement is complete with its line, a compound one when a line at column 0 begins
    with a word that cannot continue it, or at once where nothing could. Comments and blank lines
    decide nothing: they are no logical lines.
    """

    def __init__(self) -> None:
        self._first: LineBegins | None = None  # of the open segment
        self._line: LineBegins | None = None
        self._end = 0
        self._opener = ""
        self._followers = _NOTHING
        self._suite = False
        self._decorated = False

    def begin(self, line: LineBegins) -> Segment | None:
        """Take the beginning of a line; return the segment that it completes."""
        complete = None
        if self._first is not None and not self._continues(line):
            complete = self._close(self._end)
        if self._first is None:
            self._first = line
            self._decorated = False
        self._line = line
        return complete

    def end(self, line: LineEnds) -> Segment | None:
        """Take the end of the line begun last; return the segment that ends with it."""
        self._end = line.end
        begun = self._line
        if begun is None or (begun.column > 0 and self._suite and begun is not self._first):
            return None
        if begun.word == DECORATOR:
            self._decorated = True
            return None
        self._take_header(line, begun is self._first or self._decorated)
        if self._suite or self._followers:
            return None
        return self._close(self._end)

    def finish(self, length: int) -> Segment | None:
        """Return what is still open; the text ends at `length`."""
        return None if self._first is None else self._close(length)

    def _continues(self, line: LineBegins) -> bool:
        if line.word == FENCE:
            return False
        if self._decorated:
            return True
        return self._suite if line.column else line.word in self._followers

    def _take_header(self, line: LineEnds, opening: bool) -> None:
        words = line.head[1:] if line.head[:1] == ("async",) else line.head
        keyword = words[0] if words else ""
        if opening:
            self._opener = keyword
        self._decorated = False
        self._suite = line.opens
        if keyword == "else" and self._opener == "try":
            self._followers = _AFTER_ELSE_OF_TRY
        else:
            self._followers = _FOLLOWERS.get(keyword, _NOTHING)

    def _close(self, end: int) -> Segment:
        first = self._first
        assert first is not None  # every caller has looked
        self._first = self._line = None
        self._suite, self._followers = False, _NOTHING
        return Segment(first.start, first.token, end, first.word == FENCE)
