"""Upcoming: what a loop is about to call for a run: tasks that can go on, calls, and timers."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

from playbooks_ipython.continuation.cells import cell_tasks
from playbooks_ipython.continuation.futures import is_wakeup
from playbooks_ipython.continuation.passing_scopes import is_of_library
from playbooks_ipython.continuation.quiet import is_quiet_function
from playbooks_ipython.continuation.recorders import Recorder, current
from playbooks_ipython.continuation.sites import twin_of_code
from playbooks_ipython.continuation.task_scopes import is_cancel_scope, state_of
from playbooks_ipython.continuation.tasks import RunTask, is_cancelled_soon

_CALL, _NOTHING = object(), object()


def _call_in(handle: Any) -> tuple[Any, tuple[Any, ...]]:
    """Function and arguments. A bound method is made for each call: there may be thousands."""
    callback, args = handle._callback, handle._args
    if type(callback) is MethodType:
        return callback.__func__, (callback.__self__, *args)
    return callback, args


def _ends_out_of_sight(handle: Any) -> bool:
    """Tell whether a call says the end of a library's task to a group of the library."""
    ended = handle._args[0] if handle._args else None
    if not isinstance(ended, asyncio.Task) or isinstance(ended, RunTask):
        return False
    state = state_of(ended)
    return state is not None and is_of_library(state.cancel_scope)


class Upcoming:
    """What the loop that runs will call for one run; `owner` has its tasks. Loops that do not tell
    have nothing.

    Only what was asked for in a context of the run counts, and of that only what belongs to the
    program, or to asyncio on its behalf: the rest comes again with the operations that made it.
    `note_cancelled` is told of tasks that go on only to be cancelled.

    Cost: a judgement of what is new since it was looked at last, if that was not long ago.
    """

    def __init__(
        self,
        owner: object,
        recorder: Recorder,
        namespace: dict[str, Any],
        note_cancelled: Callable[[RunTask], None],
    ) -> None:
        self._owner, self._recorder, self._namespace = owner, recorder, namespace
        self._handles: list[Any] = []
        self._judged: list[Any] = []
        self._scheduled: list[Any] = []
        self._timers: list[Any] = []
        """Those of what is scheduled that may be the program's."""
        self._has_others = False
        self._note_cancelled = note_cancelled

    def due(self) -> list[Any]:
        """What it calls next, in its order: tasks, None for the cell's own, and calls."""
        handles = list(getattr(asyncio._get_running_loop(), "_ready", ()))
        judged = self._known_of(handles)
        new = list(map(self._judge, handles[len(judged) :]))
        judged += new
        self._handles, self._judged = handles, judged
        if not self._has_others and set(map(type, new)) <= {RunTask}:
            return judged.copy()
        self._has_others = set(map(type, judged)) != {RunTask}
        return [
            _call_in(handle) if one is _CALL else one
            for one, handle in zip(judged, handles, strict=True)
            if one is not _NOTHING and not handle._cancelled
        ]

    def _known_of(self, handles: list[Any]) -> list[Any]:
        """What was found of those that stand first and stood in the same order before. A loop takes
        them from the front and adds behind."""
        try:
            gone = self._handles.index(handles[0])
        except (IndexError, ValueError):  # nothing is due, or nothing that was before
            return []
        left = self._handles[gone:]
        return self._judged[gone:] if left == handles[: len(left)] else []

    def _judge(self, handle: Any) -> Any:
        callback = handle._callback
        task = callback.__self__ if is_wakeup(callback) else None
        if type(task) is RunTask:
            if is_cancelled_soon(task):
                self._note_cancelled(task)
            return task if task.stepper.owner is self._owner else _NOTHING
        if not self._is_ours(handle):
            return _NOTHING
        if task is None:
            is_call = self._is_known(callback) and not _ends_out_of_sight(handle)
            return _CALL if is_call else _NOTHING
        return None if task in cell_tasks else _NOTHING

    def timers(self) -> list[Any]:
        """What it calls later. Most of thousands are timeouts or sleeps, and are judged once."""
        scheduled = list(getattr(asyncio._get_running_loop(), "_scheduled", ()))
        if scheduled != self._scheduled:
            before, here = set(map(id, self._scheduled)), set(map(id, scheduled))
            stay = [handle for handle in self._timers if id(handle) in here]
            new = (handle for handle in scheduled if id(handle) not in before)
            self._timers = stay + [h for h in new if self._can_be_stored(h._callback)]
            self._scheduled = scheduled
        ours = filter(self._is_ours, self._timers)
        return [handle for handle in ours if not _is_of_library(handle._callback)]

    def _is_ours(self, handle: Any) -> bool:
        if handle._cancelled or handle._context is None:
            return False
        return handle._context.get(current, (None,))[0] is self._recorder

    def _is_known(self, callback: Any) -> bool:
        return self._can_be_stored(callback) and not _is_of_library(callback)

    def _can_be_stored(self, callback: Any) -> bool:
        callback, holder = _innermost(callback), _holder(callback)
        if isinstance(callback, BuiltinMethodType):
            return isinstance(holder, asyncio.Future | list | dict | set)
        if isinstance(callback, MethodType):
            callback = callback.__func__
        if not isinstance(callback, FunctionType) or isinstance(holder, asyncio.Timeout):
            return False
        ours = callback.__globals__ is self._namespace
        return ours or is_quiet_function(callback) or twin_of_code(callback.__code__) is not None


def _innermost(callback: Any) -> Any:
    while isinstance(callback, functools.partial):
        callback = callback.func
    return callback


def _holder(callback: Any) -> Any:
    """Whose method a callback is; None of what is none."""
    return getattr(_innermost(callback), "__self__", None)


def _is_of_library(callback: Any) -> bool:
    """Tell whether it is for a scope that a library entered: it enters its own after a restart."""
    scope = _holder(callback)
    return is_cancel_scope(scope) and is_of_library(scope)
