"""Deadlines: `asyncio.timeout` counts running time only: what was left at the newest checkpoint is
what is left after a restart.
"""

from __future__ import annotations

import asyncio
import math
import time
import weakref
from typing import Any

from playbooks_ipython.continuation.again import later
from playbooks_ipython.continuation.cells import cell_tasks
from playbooks_ipython.continuation.tasks import RunTask

_BEGUN = ("active", "expiring")


class Deadline:
    """What is needed to set a stored timeout again: the seconds that were left of it, if any.

    `owner`: the task of the run that it stops; None for the one that goes on with the cell.
    `cancelling`: how many cancellations that had been asked for when it was entered.
    """

    order = math.inf  # the last of all: making managers and iterators again is not its time
    owner: asyncio.Task[Any] | None = None
    cancelling = 0

    def __init__(self, timeout: asyncio.Timeout, left: float | None) -> None:
        self._timeout, self._left = weakref.ref(timeout), left

    async def remake(self) -> None:
        """Let the timeout stop the task that goes on, once what was left has passed."""
        timeout: Any = self._timeout()
        if timeout is None:
            return
        del _deadlines[timeout]
        timeout._when = when = _when(self._left)
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
    when = timeout.when()
    made = make_timeout, (timeout._state.name, None if when is None else when - _now())
    if isinstance(owner, RunTask):
        return *made, (owner, timeout._cancelling), None, None, fill_timeout
    return made


def make_timeout(state: str, left: float | None) -> asyncio.Timeout:
    """Make a timeout in a state. It stops nothing until it is made again."""
    made: Any = asyncio.Timeout(_when(left))
    made._state = type(made._state)[state]
    _deadlines[made] = later(Deadline(made, left))
    return made  # type: ignore[no-any-return]  # typed so, to set what is private


def fill_timeout(timeout: asyncio.Timeout, state: tuple[asyncio.Task[Any], int]) -> None:
    """Give a timeout the task that it stops."""
    if deadline := _deadlines.get(timeout):
        deadline.owner, deadline.cancelling = state


def _when(left: float | None) -> float | None:
    return None if left is None else _now() + left


def _now() -> float:
    """The time of the loop that runs here; loops that do not say otherwise have this clock."""
    loop = asyncio._get_running_loop()
    return time.monotonic() if loop is None else loop.time()


def _current_task() -> asyncio.Task[Any] | None:
    return None if asyncio._get_running_loop() is None else asyncio.current_task()
