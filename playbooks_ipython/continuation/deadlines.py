"""Deadlines: `asyncio.timeout` counts running time only: what was left at the newest checkpoint is
what is left after a restart.

A timeout is stored with the time of its end, and a graph with what the time was: so what is stored
of a timeout stays as it is, however much time has passed.
"""

from __future__ import annotations

import asyncio
import math
import sys
import time
import weakref
from types import MethodType
from typing import Any

from playbooks_ipython.continuation.again import later
from playbooks_ipython.continuation.cells import cell_tasks
from playbooks_ipython.continuation.tasks import RunTask

_BEGUN = ("active", "expiring")
_LEAST_S = 0.001
"""One that is over stops nobody before what was in flight is issued again."""


class Clock:
    """What the time of the loop was when a graph was stored; `at` None for the time that it is."""

    at: float | None = None


CLOCK = Clock()


class Deadline:
    """What is needed to set a stored timeout again: the seconds that were left of it, if any.

    `owner`: the task of the run that it stops; None for the one that goes on with the cell.
    `cancelling`: how many cancellations that had been asked for when it was entered.
    """

    order = math.inf  # the last of all: making managers and iterators again is not its time
    owner: asyncio.Task[Any] | None = None
    cancelling = 0

    def __init__(self, timeout: asyncio.Timeout) -> None:
        self._timeout = weakref.ref(timeout)
        self.left: float | None = None

    async def remake(self) -> None:
        """Let the timeout stop the task that goes on, once what was left has passed."""
        timeout: Any = self._timeout()
        if timeout is None:
            return
        del _deadlines[timeout]
        left = None if self.left is None else max(self.left, _LEAST_S)
        timeout._when = when = _when(left)
        if timeout._state.value in _BEGUN:
            owner: Any = self.owner or asyncio.current_task()
            timeout._task = owner
            timeout._cancelling = self.cancelling if self.owner else owner.cancelling()
        if timeout._state.value == "active":
            timeout.reschedule(when)


# Until then the timeout keeps its deadline alive, and has no place of its own for it.
_deadlines: weakref.WeakKeyDictionary[asyncio.Timeout, Deadline] = weakref.WeakKeyDictionary()


def is_timeout(cls: type) -> bool:
    return cls is asyncio.Timeout


def reduce_timeout(obj: object) -> Any:
    """Reduce a timeout to what is left of it.

    NotImplemented for one that a task entered which is none of a run's: it stops that one, and is
    no part of what goes on.
    """
    timeout: Any = obj
    owner = timeout._task if timeout._state.value in _BEGUN else None
    is_of_cell = owner is None or owner in cell_tasks or owner is _current_task()
    if not is_of_cell and not isinstance(owner, RunTask):
        return NotImplemented
    task, cancelling = (owner, timeout._cancelling) if isinstance(owner, RunTask) else (None, 0)
    state = task, cancelling, CLOCK
    return make_timeout, (timeout._state.name, timeout.when()), state, None, None, fill_timeout


def is_clock(cls: type) -> bool:
    return cls is Clock


def reduce_clock(_clock: Clock) -> Any:
    return make_clock, (_now(),)


def make_clock(at: float) -> Clock:
    clock = Clock()
    clock.at = at
    return clock


def make_timeout(state: str, when: float | None) -> asyncio.Timeout:
    """Make a timeout in a state. It stops nothing until it is made again."""
    made: Any = asyncio.Timeout(when)
    made._state = type(made._state)[state]
    _deadlines[made] = later(Deadline(made))
    return made  # type: ignore[no-any-return]  # typed so, to set what is private


def fill_timeout(timeout: Any, state: tuple[asyncio.Task[Any] | None, int, Clock]) -> None:
    """Give a timeout the task that it stops, and what was left of it."""
    deadline = _deadlines[timeout]
    deadline.owner, deadline.cancelling, clock = state
    if timeout._when is not None and clock.at is not None:
        deadline.left = timeout._when - clock.at
    timeout._when = _when(deadline.left)


class OwnTimeouts:
    """Timeouts that only the frames of the task have that they stop, and the loop: when that uses
    one, it cancels the task."""

    kinds = frozenset[type]({asyncio.Timeout})
    shared: tuple[object, ...] = (CLOCK,)

    @staticmethod
    def holders_of(timeout: Any) -> list[object]:
        """What the loop will call, if it has not been looked at by anybody."""
        handler = timeout._timeout_handler
        call = getattr(handler, "_callback", None)
        is_its_own = type(call) is MethodType and call.__self__ is timeout
        return [call] if is_its_own and sys.getrefcount(call) == _ITS_HANDLE else []

    @staticmethod
    def is_own(timeout: Any, task: object) -> bool:
        return timeout._task is task and weakref.getweakrefcount(timeout) <= _ITS_ENTRY


# The handle's, the variable's and the argument's; the one by which we know how it was made.
_ITS_HANDLE, _ITS_ENTRY = 3, 1


def _when(left: float | None) -> float | None:
    return None if left is None else _now() + left


def _now() -> float:
    """The time of the loop that runs here; loops that do not say otherwise have this clock."""
    loop = asyncio._get_running_loop()
    return time.monotonic() if loop is None else loop.time()


def _current_task() -> asyncio.Task[Any] | None:
    return None if asyncio._get_running_loop() is None else asyncio.current_task()
