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

_BEGUN = ("active", "expiring")


class Deadline:
    """What is needed to set a stored timeout again: the seconds that were left of it, if any."""

    order = math.inf  # the last of all: making managers and iterators again is not its time

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
            timeout._task = asyncio.current_task()
            timeout._cancelling = timeout._task.cancelling()
        if timeout._state.value == "active":
            timeout.reschedule(when)


# Until then the timeout keeps its deadline alive, and has no place of its own for it.
_deadlines: weakref.WeakKeyDictionary[asyncio.Timeout, Deadline] = weakref.WeakKeyDictionary()


def reduce_timeout(obj: object) -> Any:
    """Reduce a timeout to what is left of it; NotImplemented for all else.

    One that another task entered stops that one, and is no part of what goes on.
    """
    if type(obj) is not asyncio.Timeout:
        return NotImplemented
    timeout: Any = obj
    if timeout._state.value in _BEGUN and timeout._task not in (None, _current_task()):
        return NotImplemented
    when = timeout.when()
    return make_timeout, (timeout._state.name, None if when is None else when - _now())


def make_timeout(state: str, left: float | None) -> asyncio.Timeout:
    """Make a timeout in a state. It stops nothing until it is made again."""
    made: Any = asyncio.Timeout(_when(left))
    made._state = type(made._state)[state]
    _deadlines[made] = later(Deadline(made, left))
    return made  # type: ignore[no-any-return]  # typed so, to set what is private


def _when(left: float | None) -> float | None:
    return None if left is None else _now() + left


def _now() -> float:
    """The time of the loop that runs here; loops that do not say otherwise have this clock."""
    loop = asyncio._get_running_loop()
    return time.monotonic() if loop is None else loop.time()


def _current_task() -> asyncio.Task[Any] | None:
    return None if asyncio._get_running_loop() is None else asyncio.current_task()
