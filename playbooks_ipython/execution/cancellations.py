"""Cancellations on their way: those that were asked for and have not reached their coroutines. What
the frames wait for is not what they will be given, so they are stored with what that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from playbooks_ipython.continuation.marks import HOOKS, Outcome
from playbooks_ipython.continuation.passing_scopes import is_cancelled_within
from playbooks_ipython.continuation.sites import is_child
from playbooks_ipython.continuation.tasks import RunTask, cancellation_of, is_cancelled_soon
from playbooks_ipython.execution.waiting import innermost


class _Noted(NamedTuple):
    """What was noted of a task, and its step counter then; it holds until that moves. `frame`: its
    id, for who refers to a frame can see into it."""

    steps: int | None
    frame: int | None


class Cancellations:
    """The cancellations that are on their way to tasks of one run."""

    def __init__(self) -> None:
        self._tasks: dict[RunTask, _Noted | None] = {}
        self._given: dict[int, Callable[[], Outcome]] = {}

    def may_reach(self, task: RunTask) -> None:
        self._tasks.setdefault(task, None)

    @contextmanager
    def noted(self, cell: tuple[Any, Any] | None) -> Iterator[None]:
        """Read frames in here that wait for one. `cell`: the task of the cell, and its coroutine.

        Cost: a look at each that was noted before, and the frames of the others.
        """
        for task, noted in list(self._tasks.items()):
            if noted is None or noted.steps != task.steps:
                self._note(task, noted)
        given = self._given
        if cell is not None and is_cancelled_soon(cell[0]) and not is_cancelled_within(cell[0]):
            frame = _waiting_frame(cell[1])
            given = given if frame is None else {**given, frame: partial(_given_by, cell[0])}
        HOOKS.due = given
        try:
            yield
        finally:
            HOOKS.due = {}

    def _note(self, task: RunTask, before: _Noted | None) -> None:
        if before is not None and before.frame is not None:
            self._given.pop(before.frame, None)
        if task.is_shell or not is_cancelled_soon(task):
            del self._tasks[task]
            return
        reaches = task.stepper.steps and not is_cancelled_within(task)
        frame = _waiting_frame(task.coroutine) if reaches else None
        if frame is not None:
            self._given[frame] = partial(_given_by, task)
        if task.steps is not None:
            task.touch()
        self._tasks[task] = _Noted(task.steps, frame)


def _given_by(task: Any) -> Outcome:
    """Made anew for each reader: what is stored belongs to nobody else."""
    return Outcome(error=cancellation_of(task))


def _waiting_frame(coroutine: Any) -> int | None:
    """The id of the innermost frame of ours; None if there is none, or it has ended."""
    if not is_child(coroutine):
        return None
    frame = innermost(coroutine)
    return None if frame is None else id(frame)
