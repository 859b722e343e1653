"""Re-entered scopes: those that a manager enters when it is made again, put where the old ones
were: within the scope around its block, and outside of those that were entered in the block.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playbooks_ipython.continuation.entered_scopes import User
from playbooks_ipython.continuation.passing_scopes import without_passing
from playbooks_ipython.continuation.task_scopes import (
    current_scope,
    current_state,
    running_task,
    scopes_around,
)

_aside: dict[Any, Any] = {}
"""By its task the innermost scope of a program that waits for a manager to be entered again."""


def innermost_of(task: Any, state: Any) -> Any:
    """The scope that a task is in; not what a manager is entering in it just now."""
    return _aside.get(task, state.cancel_scope)


@contextmanager
def apart_from_scopes(own: Any = None) -> Iterator[Any]:
    """Stand in no scope in here, or in one of what is made again, so that none of the program's
    cancels that. Gives the one that the task is in."""
    task = running_task()
    _aside[task] = inside = current_scope()
    _stand_in(current_state(), own)
    try:
        yield inside
    finally:
        del _aside[task]
        _stand_in(current_state(), inside)


@contextmanager
def entering_again(user: User | None) -> Iterator[None]:
    """Enter a manager in here that was entered before."""
    if user is None or (entered := user.scopes) is None:
        yield
        return
    with apart_from_scopes() as inside:
        outer, inner = _gap(entered.around, inside)
        yield
        top = current_scope()
    if top is None:
        return
    *_, outermost = scopes_around(top)
    _hang(outermost, outer)
    entered.around = outer
    entered.belong_to(user, top)
    if inner is None:
        _stand_in(current_state(), top)
    else:
        _hang(inner, top)


def _stand_in(state: Any, scope: Any) -> None:
    if state is not None:
        state.cancel_scope = scope


def _hang(scope: Any, outer: Any) -> None:
    """Put a scope that a task has entered within another one, or within none."""
    if scope._parent_scope is not None:
        scope._parent_scope._child_scopes.discard(scope)
    scope._parent_scope = outer
    if outer is not None:
        outer._child_scopes.add(scope)
        outer._tasks.discard(scope._host_task)


def _gap(around: Any, inside: Any) -> tuple[Any, Any]:
    """The scopes between which a manager enters its own: those of managers that were entered before
    it, in the same scope of the program, are around it."""
    inner = None
    for scope in scopes_around(inside):
        if without_passing(scope) is around:
            return scope, inner
        inner = scope
    assert around is None, "a scope that a block stands in is around its task"
    return None, inner
