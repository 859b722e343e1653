"""Passing scopes: anyio's, entered by a library within an await that is in flight. After a restart
that await is issued again and enters its own, so these are stored with nobody; nor are those that
managers enter again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias

from playbooks_ipython.continuation.cells import cell_tasks
from playbooks_ipython.continuation.entered_scopes import entered_again_by, is_entered_again
from playbooks_ipython.continuation.handles import is_of_handle, with_library
from playbooks_ipython.continuation.strands import Strand
from playbooks_ipython.continuation.task_scopes import scope_states, scopes_around
from playbooks_ipython.continuation.tasks import RunTask

Waiting: TypeAlias = "Callable[[], FrameType | None]"
"""Gives the innermost frame of ours that waits for an await in flight."""
Line: TypeAlias = "tuple[Strand, Waiting | None]"
"""The strand of a task, and where it waits; None if it is a library's coroutine as a whole."""

_NOTHING = object()
_passing: dict[int, Any] = {}
"""By their ids the scopes that pass, while a mark is being taken."""


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
    while is_passing(scope):
        scope = scope._parent_scope
    return scope


def first_within(scope: Any) -> Any:
    """Of a scope that passes, the next that its task has entered within and that does not."""
    while is_passing(scope):
        own = (one for one in scope._child_scopes if one._host_task is scope._host_task)
        scope = next(own, None)
    return scope


def is_passing(scope: Any) -> bool:
    return id(scope) in _passing or is_entered_again(scope)


def is_of_library(scope: Any) -> bool:
    """Tell whether a scope comes again with all that is in it, by what made it: it is within one
    that passes, or within none that a task of the program has entered."""
    for one in scopes_around(scope):
        host = one._host_task
        if is_passing(one) or host is None or isinstance(host, RunTask) or host in cell_tasks:
            return is_passing(one)
    return True


def cancels_within(task: Any) -> int:
    """How often scopes that pass have cancelled their own task; they would have taken it back."""
    hosted = (scope for scope in _passing.values() if scope._host_task is task)
    return sum(scope._pending_uncancellations or 0 for scope in hosted)


def is_cancelled_within(task: Any) -> bool:
    """Tell whether the cancellation that a task is to be given is that of a scope that passes."""
    waiter = task._fut_waiter
    message = (task if waiter is None else waiter)._cancel_message
    scopes = [*_passing.values(), *entered_again_by(task)]
    reasons = (scope._cancel_reason for scope in scopes)
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
