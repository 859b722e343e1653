"""Tracebacks: what twins take out of them, so that they read like those of the plain program."""

from __future__ import annotations

import sys
from types import CodeType, TracebackType
from typing import NoReturn


def as_it_was(error: BaseException, recorded: TracebackType | None) -> None:
    """Let an error that an outcome raised again have this frame, and what was below it.

    `recorded` begins with this frame too, as it was before the restart.
    """
    if error.__traceback__ is not None:
        error.__traceback__.tb_next = recorded.tb_next if recorded else None


def raise_as_it_was(error: BaseException) -> NoReturn:
    """Raise an error once more; it arose from what it arose from, not from what is handled now."""
    context = error.__context__
    try:
        raise error
    finally:
        error.__context__ = context


def caught_again() -> BaseException | None:
    """The error being handled, whose traceback does not tell that it was raised on the way in: by
    `raise_as_it_was`, which the frame that handles it called."""
    error = sys.exception()
    for _ in range(2):
        if error is not None and error.__traceback__ is not None:
            error.__traceback__ = error.__traceback__.tb_next
    return error


def inlined(*_lines: int) -> None:
    """Called where a comprehension failed: from 3.12 on it is no frame of its own.

    `_lines`: those that it has beside its first, so that the caller has an instruction on each.
    """
    error = sys.exception()
    outer = error.__traceback__ if error and sys.version_info >= (3, 12) else None
    inner = outer.tb_next if outer else None
    if error and outer and inner:
        at = _instruction_on(outer.tb_frame.f_code, inner.tb_lineno)
        if at is not None:
            error.__traceback__ = TracebackType(inner.tb_next, outer.tb_frame, at, inner.tb_lineno)


def _instruction_on(code: CodeType, line: int) -> int | None:
    """The first instruction of a line. What shows tracebacks goes by it, or loops for ever."""
    lines = (at for at, (found, *_) in enumerate(code.co_positions()) if found == line)
    first = next(lines, None)
    return None if first is None else 2 * first
