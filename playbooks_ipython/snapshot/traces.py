"""Traces: where an error came from, kept as places and shown by frames that hold nothing else.

A traceback's frames cannot be stored. What people read of it can: file, line and function of each
step, and the text of what is in no file.
"""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import Any

from playbooks_ipython.snapshot.home import Home

Span = tuple[int | None, int | None, int | None]
"""Last line, first and last column of what was being evaluated."""
Step = tuple[str, str, str, int, int, Span, str, str | None]
"""File name, name, qualified name, first line, line, span, module, hash of a text in no file."""

_OURS = "playbooks_ipython."
_AT_EACH_END = 50


def steps_of(trace: TracebackType, keep_text: Callable[[str, str], object]) -> tuple[Step, ...]:
    """Return the steps of a traceback, outermost first; of a very deep one both ends.

    `keep_text` is given the SHA-256 and the text of what is in no file.
    """
    steps = [step for step in _walk(trace) if not _module_of(step.tb_frame).startswith(_OURS)]
    if len(steps) > 2 * _AT_EACH_END:
        steps = steps[:_AT_EACH_END] + steps[-_AT_EACH_END:]
    return tuple(_step(step, keep_text) for step in steps)


def _walk(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _module_of(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _step(step: TracebackType, keep_text: Callable[[str, str], object]) -> Step:
    code, text = step.tb_frame.f_code, _text_of(step.tb_frame.f_code.co_filename)
    name = _digest(text) if text else None
    if name is not None:
        keep_text(name, text)
    about = (code.co_filename, code.co_name, code.co_qualname, code.co_firstlineno)
    return *about, step.tb_lineno, _span(step), _module_of(step.tb_frame), name


@lru_cache(maxsize=64)
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _span(step: TracebackType) -> Span:
    if step.tb_lasti < 0:
        return None, None, None
    positions = islice(step.tb_frame.f_code.co_positions(), step.tb_lasti // 2, None)
    line, *span = next(positions, (None, None, None, None))
    return (span[0], span[1], span[2]) if line == step.tb_lineno else (None, None, None)


def _text_of(filename: str) -> str:
    """Return what tracebacks show of a text that is in no file; nothing for files."""
    if filename not in linecache.cache or Path(filename).exists():
        return ""
    text = "".join(linecache.getlines(filename))
    return text if text.isascii() else text.encode(errors="replace").decode()


def make_trace(home: Home, steps: tuple[Step, ...]) -> TracebackType | None:
    """Make a traceback that reads like the one that was stored; None of no steps.

    Its frames have no variables: they only say where they were.
    """
    trace: TracebackType | None = None
    for filename, name, qualname, first, line, span, module, text in reversed(steps):
        if text is not None and filename not in linecache.cache:
            lines = home.sources(text).splitlines(keepends=True)
            linecache.cache[filename] = (len(lines), None, lines, filename)
        code = _HERE.replace(
            co_filename=filename,
            co_name=name,
            co_qualname=qualname,
            co_firstlineno=first,
            co_linetable=_line_table(line - first, line, span),
        )
        trace = TracebackType(trace, _frame(code, module), 0, line)
    return trace


def _frame(code: CodeType, module: str) -> FrameType:
    """Make a frame that leads to no other: one that was called would keep its callers, the decoder
    among them, and so everything that was restored with it."""
    space: dict[str, Any] = {"__name__": module}
    frame: FrameType = FunctionType(code, space)().gi_frame
    return frame


def _line_table(delta: int, line: int, span: Span) -> bytes:
    """Return a table of places in which every instruction of `_HERE` stands at one place.

    `delta`: how far from the code's first line it is.
    Source: CPython's own description of its location tables, entries of the long form.
    """
    last, column, end = span
    kind, columns = _NO_COLUMNS, b""
    if last is not None and column is not None and end is not None:
        kind, columns = _LONG, _number(last - line) + _number(column + 1) + _number(end + 1)
    table, units = b"", len(_HERE.co_code) // 2
    for at in range(0, units, _UNITS_AN_ENTRY):
        head = 0x80 | kind << 3 | min(_UNITS_AN_ENTRY, units - at) - 1
        table += bytes([head]) + _signed(0 if at else delta) + columns
    return table


def _signed(value: int) -> bytes:
    return _number(-value << 1 | 1 if value < 0 else value << 1)


def _number(value: int) -> bytes:
    """Six bits a byte, the lowest first; the seventh says that there are more."""
    found = b""
    while value > 0x3F:
        found, value = found + bytes([0x40 | value & 0x3F]), value >> 6
    return found + bytes([value])


_NO_COLUMNS, _LONG, _UNITS_AN_ENTRY = 13, 14, 8
_HERE = (lambda: (yield)).__code__
