"""Task scopes: anyio's own notes of which task is in which cancel scope. Nothing where it is not in
use.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

BACKEND = "anyio._backends._asyncio"


def scope_states() -> dict[Any, Any]:
    """What anyio knows of each task."""
    return dict(getattr(sys.modules.get(BACKEND), "_task_states", ()))


def state_of(task: Any) -> Any:
    """What anyio knows of a task, or None."""
    states = getattr(sys.modules.get(BACKEND), "_task_states", None)
    return states.get(task) if states and task is not None else None


def running_task() -> Any:
    """The task that runs; None where no loop does."""
    return None if asyncio._get_running_loop() is None else asyncio.current_task()


def current_state() -> Any:
    """What anyio knows of the running task, or None."""
    return state_of(running_task())


def current_scope() -> Any:
    """The scope that the running task is in, or None."""
    state = current_state()
    return None if state is None else state.cancel_scope


def is_cancel_scope(obj: Any) -> bool:
    return type(obj) is getattr(sys.modules.get(BACKEND), "CancelScope", None)


def scopes_around(scope: Any) -> Iterator[Any]:
    """A scope and those around it, the outermost last."""
    while scope is not None:
        yield scope
        scope = scope._parent_scope
