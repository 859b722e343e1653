"""Upcoming: what a loop is about to call for a run: tasks that can go on, calls, and timers."""

from __future__ import annotations

import asyncio
import functools
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

from playbooks_ipython.continuation.futures import cell_tasks, is_wakeup
from playbooks_ipython.continuation.quiet import is_quiet_function
from playbooks_ipython.continuation.recorders import Recorder, current
from playbooks_ipython.continuation.sites import twin_of_code
from playbooks_ipython.continuation.tasks import RunTask


class Upcoming:
    """What the loop that runs will call for one run. Loops that do not tell have nothing.

    Only what was asked for in a context of the run counts, and of that only what belongs to the
    program, or to asyncio on its behalf: the rest comes again with the operations that made it.
    Cost: one look at everything that the loop has to do.
    """

    def __init__(self, recorder: Recorder, namespace: dict[str, Any]) -> None:
        self._recorder, self._namespace = recorder, namespace
        self._loop: Any = asyncio._get_running_loop()

    def due(self) -> list[Any]:
        """What it calls next, in its order: tasks, None for the cell's own, and calls."""
        found: list[Any] = []
        for handle in filter(self._is_ours, getattr(self._loop, "_ready", ())):
            callback = handle._callback
            if not is_wakeup(callback):
                if self._is_known(callback):
                    found.append((callback, handle._args))
            elif isinstance(callback.__self__, RunTask):
                found.append(callback.__self__)
            elif callback.__self__ in cell_tasks:
                found.append(None)
        return found

    def timers(self) -> list[Any]:
        scheduled = filter(self._is_ours, getattr(self._loop, "_scheduled", ()))
        return [handle for handle in scheduled if self._is_known(handle._callback)]

    def _is_ours(self, handle: Any) -> bool:
        if handle._cancelled or handle._context is None:
            return False
        return handle._context.get(current, (None,))[0] is self._recorder

    def _is_known(self, callback: Any) -> bool:
        while isinstance(callback, functools.partial):
            callback = callback.func
        holder = getattr(callback, "__self__", None)
        if isinstance(callback, BuiltinMethodType):
            return isinstance(holder, asyncio.Future | list | dict | set)
        if isinstance(callback, MethodType):
            callback = callback.__func__
        if not isinstance(callback, FunctionType) or isinstance(holder, asyncio.Timeout):
            return False
        ours = callback.__globals__ is self._namespace
        return ours or is_quiet_function(callback) or twin_of_code(callback.__code__) is not None
