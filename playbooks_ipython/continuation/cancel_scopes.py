"""Cancel scopes: anyio's, and what it knows of each task: stored with the tasks of a run.

A deadline counts running time only, as `asyncio.timeout` does: what was left is what is left.
"""

from __future__ import annotations

import asyncio
import copyreg
import time
from typing import Any, TypeAlias

from playbooks_ipython.continuation.cells import cell_tasks
from playbooks_ipython.continuation.entered_scopes import is_entered_again
from playbooks_ipython.continuation.passing_scopes import (
    first_within,
    is_passing,
    without_passing,
)
from playbooks_ipython.continuation.quiet import is_quiet_class
from playbooks_ipython.continuation.reentered_scopes import innermost_of
from playbooks_ipython.continuation.task_scopes import BACKEND, scope_states
from playbooks_ipython.continuation.tasks import RunTask

Known: TypeAlias = "list[tuple[Any, Any, Any]]"
"""Of each task, the scope that it is in and the task that made it."""


def known_of(owner: Any) -> Known:
    """Return what anyio knows of a run's tasks, and of those of cells; nothing where it is not in
    use. A task that has ended is known until its callbacks were called."""
    found = {task: state for task, state in scope_states().items() if _is_of(task, owner)}
    by_id = {id(task): task for task in found}
    return [
        (task, without_passing(innermost_of(task, one)), by_id.get(one.parent_id))
        for task, one in found.items()
    ]


def _is_of(task: Any, owner: Any) -> bool:
    if not isinstance(task, RunTask):
        return task in cell_tasks
    return getattr(getattr(task, "stepper", None), "owner", owner) is owner


def let_know(known: Known) -> None:
    """Let anyio know of restored tasks what it knew of them."""
    if not known:
        return
    import anyio._backends._asyncio as backend

    for task, scope, parent in known:
        state = backend.TaskState(None if parent is None else id(parent), scope)
        backend._task_states[task] = state


def is_scope(cls: type) -> bool:
    """Tell whether instances of a class are anyio's own, with which its tasks wait."""
    return cls.__module__ == BACKEND and is_quiet_class(cls)


def reduce_scope(obj: Any) -> Any:
    """Reduce a cancel scope to what is left of it, and what else anyio waits with."""
    cls = type(obj)
    if cls.__qualname__ != "CancelScope":
        return _without_arguments(obj)
    if is_entered_again(obj):
        return the_one_around, (without_passing(obj),)
    reduced: Any = object.__reduce_ex__(obj, 2)
    _, slots = reduced[2]  # it has slots only
    state = {**slots, **_held(slots), "_deadline": slots["_deadline"] - _now()}
    return copyreg.__newobj__, (cls,), state, None, None, set_scope  # type: ignore[attr-defined]  # in no stub


def _held(slots: dict[str, Any]) -> dict[str, Any]:
    """What a scope stands in and holds, as if those that pass had been left."""
    scopes, tasks = slots["_child_scopes"], slots["_tasks"]
    around = {"_parent_scope": without_passing(slots["_parent_scope"])}
    within = {scope: first_within(scope) for scope in scopes if is_passing(scope)}
    if not within:
        return around
    hosts = {scope._host_task for scope, own in within.items() if own is None}
    held = scopes.difference(within).union(own for own in within.values() if own is not None)
    return {**around, "_child_scopes": held, "_tasks": tasks | hosts}


def the_one_around(scope: Any) -> Any:
    """What stands for a scope that its manager will enter again: named in stored bytes."""
    return scope


def set_scope(scope: Any, state: dict[str, Any]) -> None:
    """Give a scope its state, with a deadline of the loop that runs here."""
    for name, value in {**state, "_deadline": state["_deadline"] + _now()}.items():
        setattr(scope, name, value)


def _without_arguments(obj: Any) -> Any:
    """Its locks are made by classes whose `__new__` wants arguments, only to choose a backend."""
    reduced = object.__reduce_ex__(obj, 2)
    if not isinstance(reduced, tuple) or reduced[1] != (type(obj),):
        return NotImplemented
    return object.__new__, *reduced[1:]


def _now() -> float:
    loop = asyncio._get_running_loop()
    return time.monotonic() if loop is None else loop.time()
