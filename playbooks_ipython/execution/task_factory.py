"""Task factory: while a run lasts, tasks that are made in it are its own."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any

from playbooks_ipython.continuation.recorders import current
from playbooks_ipython.execution.nesting import nested_by

# Loops that have our factory: for how many runs, and the factory that they had before.
_installed: dict[Any, tuple[int, Any]] = {}


def begin_tasks() -> Callable[[], None]:
    """Let tasks of recorded runs be ours, in the loop that runs. Returns what ends that."""
    loop = asyncio.get_running_loop()
    if nested_by() is not None:  # it has tasks of its own
        return lambda: None
    count, before = _installed.get(loop, (0, loop.get_task_factory()))
    _installed[loop] = count + 1, before
    if not count:
        loop.set_task_factory(functools.partial(_factory, before))
    return functools.partial(_end_tasks, loop)


def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    count, before = _installed.pop(loop)
    if count > 1:
        _installed[loop] = count - 1, before
    elif not loop.is_closed():
        loop.set_task_factory(before)


def _factory(before: Any, loop: Any, coroutine: Any, **options: Any) -> Any:
    recorder, _ = current.get()
    children = getattr(recorder, "children", None)
    task = None
    if children is not None and children.is_open and nested_by() is None:
        task = children.make(loop, coroutine, **options)
    if task is not None:
        return task
    if before is not None:
        return before(loop, coroutine, **options)
    options.pop("eager_start", None)
    return asyncio.Task(coroutine, loop=loop, **options)
