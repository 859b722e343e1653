"""The stream of a cell: text in chunks of any size -> whole top-level statements, in order."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from playbooks_ipython.source import parsing, refusal
from playbooks_ipython.source.blocks import Blocks, Segment
from playbooks_ipython.source.events import Broken, Event, LineBegins
from playbooks_ipython.source.lines import LineScanner
from playbooks_ipython.source.positions import Offsets

_OPENING_FENCE = re.compile(r"[ \t]*`{3,}[ \t]*\{?[\w.+#-]*\}?[ \t]*")
_CLOSING_FENCE = re.compile(r"[ \t]*`{3,}[ \t]*")


@dataclass(frozen=True, slots=True)
class TopStatement:
    """One whole top-level statement of a cell.

    `text` is the cell's text[start:end], decorators included, so that text[:end] is what has run
    once it has. `node` bears the cell's line numbers; `line` is that of the first decorator.
    `has_await`: it awaits by itself, not only in functions that it defines; an asynchronous
    generator expression counts where Python compiles it so.
    """

    index: int
    node: ast.stmt
    text: str
    start: int
    end: int
    line: int
    end_line: int
    has_await: bool


@dataclass(frozen=True, slots=True)
class _Refused:
    """What Python refused, and whether it did while parsing, hence without the lines around."""

    segment: Segment
    error: Exception
    parsing: bool


class StatementStream:
    """Hands out each statement as early as it is surely complete.

    What comes out depends on the text alone, never on where it was cut. Cost: O(characters).
    `flags` are the future imports (compiler flags) in force before the text; those that the text
    switches on itself are added.
    """

    def __init__(self, filename: str = "<playbook>", flags: int = 0) -> None:
        self.filename = filename
        self.flags = flags
        self._lines = LineScanner()
        self._blocks = Blocks()
        self._chunks: list[str] = []
        # Text that has not become statements yet begins at offset `_base` in line `_base_line`.
        self._pending: list[str] = []
        self._base, self._base_line = 0, 1
        self._length = 0
        self._count = 0
        self._future_allowed = True
        self._fence_allowed = True  # an opening one
        self._fence: Segment | None = None  # the closing one; only blanks may follow
        self._refused: _Refused | None = None
        self._broken = False
        self._finished = False

    @property
    def text(self) -> str:
        """All text that came so far."""
        if len(self._chunks) > 1:
            self._chunks = ["".join(self._chunks)]
        return self._chunks[0] if self._chunks else ""

    @property
    def failed(self) -> bool:
        """Whether a syntax error is certain: no more statements come, `finish` tells which."""
        return self._broken or self._refused is not None

    def feed(self, chunk: str) -> list[TopStatement]:
        """Take the next characters and return the statements that they complete."""
        if self._finished:
            raise ValueError("the stream was finished; no text may follow")
        if not chunk:
            return []
        self._chunks.append(chunk)
        self._length += len(chunk)
        if self._refused:
            return []
        self._pending.append(chunk)
        return self._statements(self._segments(self._lines.feed(chunk)))

    def finish(self) -> Iterator[TopStatement]:
        """Yield the statements that only the end completes, then raise the SyntaxError, if any.

        The error is raised once, with the cell's line numbers and text; what is yielded before
        it stands before it. All work is done in this call.
        """
        if self._finished:
            return iter(())
        self._finished = True
        segments = self._segments(self._lines.finish())
        if last := self._blocks.finish(self._length):
            segments.append(last)
        statements = self._statements(segments)
        error = self._explain(self._refused) if self._refused else None
        return _deliver(statements, error)

    def _segments(self, events: list[Event]) -> list[Segment]:
        found: list[Segment | None] = []
        for event in events:
            if isinstance(event, LineBegins):
                found.append(self._blocks.begin(event))
            elif isinstance(event, Broken):
                self._broken = True
            else:
                found.append(self._blocks.end(event))
        return [segment for segment in found if segment]

    def _statements(self, segments: list[Segment]) -> list[TopStatement]:
        if not segments:
            return []
        buffer, base = "".join(self._pending), self._base
        statements: list[TopStatement] = []
        for segment in segments:
            gap = buffer[self._base - base : segment.start - base]
            self._base_line += parsing.count_newlines(gap)
            self._base = segment.start
            # With its newline: to Python a backslash before an empty line is not one at the end.
            text = buffer[segment.start - base : segment.end - base + 1]
            if self._refused is None and not self._is_fence(segment, text):
                statements += self._parse(segment, text)
        self._pending = [buffer[self._base - base :]]
        return statements

    def _is_fence(self, segment: Segment, text: str) -> bool:
        """Take a code fence at the very start or end of the text; refuse what follows the end."""
        opening, self._fence_allowed = self._fence_allowed, False
        if self._fence:
            self._refuse(self._fence, SyntaxError("invalid syntax"), parsing_=True)
            return True
        if not segment.fence:
            return False
        if opening and _OPENING_FENCE.fullmatch(text.rstrip()):
            return True
        if _CLOSING_FENCE.fullmatch(text.rstrip()):
            self._fence = segment
            return True
        return False

    def _parse(self, segment: Segment, text: str) -> Iterator[TopStatement]:
        try:
            nodes = parsing.parse(text, self._base_line, self.filename, self.flags)
        except parsing.REFUSALS as error:
            self._refuse(segment, error, parsing_=True)
            return
        offsets = Offsets(text, segment.start, self._base_line)
        # The tree of a decorated definition begins at `def`, the statement at its first token.
        start = segment.token
        line = self._base_line + parsing.count_newlines(text[: start - segment.start])
        for node in nodes:
            try:
                has_await = parsing.check(node, self.filename, self.flags, self._future_allowed)
            except parsing.REFUSALS as error:
                self._refuse(segment, error, parsing_=False)
                return
            self._note_future(node)
            if node is not nodes[0]:
                start, line = offsets.of(node.lineno, node.col_offset), node.lineno
            end_line = node.end_lineno or node.lineno
            end = offsets.of(end_line, node.end_col_offset or 0)
            source = text[start - segment.start : end - segment.start]
            yield TopStatement(self._count, node, source, start, end, line, end_line, has_await)
            self._count += 1

    def _note_future(self, node: ast.stmt) -> None:
        self.flags |= parsing.future_flags(node)
        docstring = self._count == 0 and parsing.is_text(node)
        self._future_allowed &= docstring or parsing.is_future(node)

    def _refuse(self, segment: Segment, error: Exception, *, parsing_: bool) -> None:
        self._refused = _Refused(segment, error.with_traceback(None), parsing_)

    def _explain(self, refused: _Refused) -> SyntaxError:
        segment = refused.segment
        error = None
        if refused.parsing:
            error = refusal.explain(
                self.text, segment.start, segment.end, self.filename, self.flags
            )
        return error or refusal.as_syntax_error(
            refused.error, self.text, segment.start, self.filename
        )


def parse_cell(text: str, filename: str = "<playbook>", flags: int = 0) -> list[TopStatement]:
    """Return all statements of a whole cell. Raises the SyntaxError that a stream would."""
    stream = StatementStream(filename, flags)
    return [*stream.feed(text), *stream.finish()]


def _deliver(statements: list[TopStatement], error: SyntaxError | None) -> Iterator[TopStatement]:
    yield from statements
    if error:
        raise error
