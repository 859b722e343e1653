"""Cells: the tasks that run cells of recorded runs. Another process has others in their place."""

from __future__ import annotations

import asyncio
import weakref
from typing import Any

from playbooks_ipython.continuation.tasks import RunTask

cell_tasks: weakref.WeakSet[Any] = weakref.WeakSet()


def note_cell_task() -> Any:
    """The task that runs now runs a cell. Returns it; None where no loop runs."""
    task = None if asyncio._get_running_loop() is None else asyncio.current_task()
    if task is not None and not isinstance(task, RunTask):
        cell_tasks.add(task)
    return task
