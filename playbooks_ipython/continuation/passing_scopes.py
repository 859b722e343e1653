"""Passing scopes: anyio's, entered by a library within an await that is in flight. After a restart
that await is issued again and enters its own, so these are stored with nobody.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias

from playbooks_ipython.continuation.handles import is_of_handle, with_library
from playbooks_ipython.continuation.strands import Strand

BACKEND = "anyio._backends._asyncio"

Waiting: TypeAlias = "Callable[[], FrameType | None]"
"""Gives the innermost frame of ours that waits for an await in flight."""
Line: TypeAlias = "tuple[Strand, Waiting | None]"
"""The strand of a task, and where it waits; None if it is a library's coroutine as a whole."""

_NOTHING = object()
_passing: dict[int, Any] = {}
"""By their ids the scopes that pass, while a mark is being taken."""


def scope_states() -> dict[Any, Any]:
    """What anyio knows of each task; nothing where it is not in use."""
    return dict(getattr(sys.modules.get(BACKEND), "_task_states", ()))


def current_scope() -> Any:
    """The scope that the running task is in, or None."""
    states = getattr(sys.modules.get(BACKEND), "_task_states", None)
    state = states.get(asyncio.current_task()) if states else None
    return None if state is None else state.cancel_scope


@contextmanager
def passing_scopes(line_of: Callable[[Any], Line | None]) -> Iterator[None]:
    """Tell in here which scopes pass. Cost: a look at the frames of each task in a scope.

    `line_of` gives what is known of a task; None for one that is none of the run's.
    """
    for task, state in scope_states().items():
        if (line := line_of(task)) is not None:
            _passing.update(_within(state.cancel_scope, *line))
    try:
        yield
    finally:
        _passing.clear()


def without_passing(scope: Any) -> Any:
    """The scope, or the innermost around it that does not pass."""
    while id(scope) in _passing:
        scope = scope._parent_scope
    return scope


def is_passing(scope: Any) -> bool:
    return id(scope) in _passing


def cancels_within(task: Any) -> int:
    """How often scopes that pass have cancelled their own task; they would have taken it back."""
    hosted = (scope for scope in _passing.values() if scope._host_task is task)
    return sum(scope._pending_uncancellations or 0 for scope in hosted)


def is_cancelled_within(task: Any) -> bool:
    """Tell whether the cancellation that a task is to be given is that of a scope that passes."""
    waiter = task._fut_waiter
    message = (task if waiter is None else waiter)._cancel_message
    reasons = (scope._cancel_reason for scope in _passing.values())
    return message is not None and any(message == reason for reason in reasons)


def _within(scope: Any, strand: Strand, waiting: Waiting | None) -> dict[int, Any]:
    """The scopes that were entered since the await in flight was issued."""
    base = None if waiting is None else _base(strand, waiting())
    found = {}
    while scope is not None and scope is not base:
        found[id(scope)] = scope
        scope = scope._parent_scope
    return found if scope is base else {}


def _base(strand: Strand, frame: FrameType | None) -> Any:
    """The scope in which the await in flight was issued; what is no scope if none is."""
    flight = next((one for one in strand.flights if one.frame is frame), None)
    if flight is not None:
        return flight.scope
    if frame is None or not is_of_handle(frame):
        return _NOTHING
    handle = with_library(frame.f_locals.get("self"))
    return _NOTHING if handle is None else handle._cancel_scope
