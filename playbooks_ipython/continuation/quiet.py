"""Quiet: asyncio's own functions that wait for what is in the graph. They are gone into, so that
their frames are stored; an await of theirs is a part of the user's await, and no point of its own.
"""

from __future__ import annotations

import asyncio.locks
import asyncio.queues
import asyncio.taskgroups
import asyncio.tasks
import inspect
from collections.abc import Iterator
from types import FrameType, FunctionType, ModuleType
from typing import Any

_MODULES = (asyncio.locks, asyncio.queues, asyncio.taskgroups, asyncio.tasks)
_NAMES = frozenset(module.__name__ for module in _MODULES)
# A sleep is issued again, for what is left of it.
_LEAVES = (asyncio.sleep, vars(asyncio.tasks)["__sleep0"])


def is_quiet(frame: FrameType) -> bool:
    """Tell whether a frame is one of asyncio's that are gone into."""
    return frame.f_globals.get("__name__") in _NAMES


def is_quiet_function(function: FunctionType) -> bool:
    return function.__globals__.get("__name__") in _NAMES


def waiting_functions() -> Iterator[FunctionType]:
    """The functions and methods of asyncio that are gone into."""
    for module in _MODULES:
        yield from _defined_in(module, module.__name__)
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                yield from _defined_in(kind, module.__name__)


def _defined_in(holder: ModuleType | type, module: str) -> Iterator[FunctionType]:
    for one in vars(holder).values():
        if isinstance(one, FunctionType) and one.__module__ == module and one not in _LEAVES:
            yield one


def is_wait(obj: Any) -> bool:
    """Tell whether an object is a coroutine of such a function."""
    return inspect.iscoroutine(obj) and obj.cr_frame is not None and is_quiet(obj.cr_frame)
