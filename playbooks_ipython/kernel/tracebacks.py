"""Tracebacks: an error in a playbook looks like one in an ordinary cell.

IPython hides our frames, which say so, but would still begin with the magic's call, the whole cell
on one line. What shows a traceback is told to begin where the user's program does.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from IPython.core import ultratb
from IPython.core.interactiveshell import InteractiveShell

_OURS = "playbooks_ipython."


def begin_at_the_program(shell: InteractiveShell) -> None:
    """Wrap what shows tracebacks in this shell; `show_all_again` takes it back."""
    _wrap(shell.InteractiveTB, _program_only)
    _wrap(shell.SyntaxTB, _no_frames)


def show_all_again(shell: InteractiveShell) -> None:
    for shower in (shell.InteractiveTB, shell.SyntaxTB):
        shower.__dict__.pop("structured_traceback", None)


def _wrap(shower: Any, change: Any) -> None:
    shown = shower.structured_traceback

    def structured_traceback(
        kind: Any, value: Any, trace: Any = None, tb_offset: int | None = None, **options: Any
    ) -> Any:
        with _cells_measured():
            return shown(kind, value, *change(value, trace, tb_offset), **options)

    shower.structured_traceback = structured_traceback


@contextmanager
def _cells_measured() -> Iterator[None]:
    """Let IPython find that a cell is short, though it is no file.

    What it cannot measure it takes for long, and then shows the line at which a frame *is*; one
    that an error left through a `finally`, or through what we put around an await, is further on.
    """
    inside: Any = ultratb  # what is measured with is not among what the module exports
    measure = inside.get_line_number_of_frame

    def measured(frame: FrameType) -> int:
        known = linecache.cache.get(frame.f_code.co_filename)
        return len(known[2]) if known is not None and len(known) > 1 else measure(frame)

    inside.get_line_number_of_frame = measured
    try:
        yield
    finally:
        inside.get_line_number_of_frame = measure


def _program_only(value: Any, trace: Any, offset: int | None) -> tuple[Any, int | None]:
    last = _last_of_ours(trace)
    if last is None or last.tb_next is None:
        return trace, offset
    if isinstance(value, KeyboardInterrupt):
        return _without_handler(last.tb_next) or trace, 0
    return last.tb_next, 0


def _without_handler(trace: TracebackType) -> TracebackType | None:
    """Return the traceback without its end in what handles signals; None if nothing is left."""
    below = trace.tb_next and _without_handler(trace.tb_next)
    if below is None and _is_handling(trace):
        return None
    return TracebackType(below, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)


def _is_handling(step: TracebackType) -> bool:
    module = str(step.tb_frame.f_globals.get("__name__", ""))
    return module.startswith(_OURS) or module == "contextlib"


def _no_frames(value: Any, trace: Any, offset: int | None) -> tuple[Any, int | None]:
    """A syntax error has no frames of the user's; `trace` is what IPython calls elist."""
    ours = _last_of_ours(value.__traceback__)
    return ([], 0) if ours is not None else (trace, offset)


def _last_of_ours(trace: Any) -> TracebackType | None:
    """Return the last of the frames through which we started the user's program, if we did."""
    found, step = None, trace if isinstance(trace, TracebackType) else None
    while step is not None:
        if str(step.tb_frame.f_globals.get("__name__", "")).startswith(_OURS):
            found = step
        elif found is not None:
            # Ours may come again below the program, as a verb that it called.
            break
        step = step.tb_next
    return found
