"""Quiet: asyncio's own functions, and anyio's, that wait for what is in the graph. They are gone
into, so that their frames are stored; an await of theirs is a part of the user's await, and no
point of its own.
"""

from __future__ import annotations

import asyncio.locks
import asyncio.queues
import asyncio.taskgroups
import asyncio.tasks
import contextlib
import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping
from types import FrameType, FunctionType
from typing import Any

_MODULES = (asyncio.locks, asyncio.queues, asyncio.taskgroups, asyncio.tasks)
# A sleep is issued again, for what is left of it.
_LEAVES = (asyncio.sleep, vars(asyncio.tasks)["__sleep0"])
_ALL = ("",)
# Of each module what is gone into, by how its name begins. What waits for a thread, a socket or a
# process is not: nobody would end that wait.
_BEGINNINGS: Mapping[str, tuple[str, ...]] = {
    **{module.__name__: _ALL for module in _MODULES},
    "anyio._backends._asyncio": (
        *("TaskGroup.", "CancelScope.", "_AsyncioTaskStatus."),
        *("Event.", "Lock.", "Semaphore.", "CapacityLimiter."),
        *("AsyncIOBackend.checkpoint", "AsyncIOBackend.cancel_shielded_checkpoint"),
    ),
    "anyio._core._synchronization": _ALL,
    "anyio._core._tasks": _ALL,
    "anyio.abc._resources": _ALL,
    "anyio.abc._streams": _ALL,
    "anyio.abc._tasks": _ALL,
    "anyio.lowlevel": ("checkpoint", "cancel_shielded_checkpoint"),
    "anyio.streams.memory": _ALL,
}


def is_quiet(frame: FrameType) -> bool:
    """Tell whether a frame is one of those that are gone into."""
    beginnings = _BEGINNINGS.get(frame.f_globals.get("__name__", ""))
    return beginnings is not None and frame.f_code.co_qualname.startswith(beginnings)


def is_quiet_function(function: FunctionType) -> bool:
    beginnings = _BEGINNINGS.get(function.__globals__.get("__name__", ""))
    return beginnings is not None and function.__code__.co_qualname.startswith(beginnings)


def is_restored_inner(function: FunctionType) -> bool:
    """Tell whether a function was made within one of those: restored, it is not its twin yet."""
    return "<locals>" in function.__qualname__ and is_quiet_function(function)


def is_quiet_class(kind: type) -> bool:
    """Tell whether what instances of a class wait for is in the graph, and so they are too."""
    beginnings = _BEGINNINGS.get(kind.__module__)
    return beginnings is not None and f"{kind.__qualname__}.".startswith(beginnings)


def waiting_functions(*, with_anyio: bool) -> Iterator[FunctionType]:
    """The functions and methods that are gone into, of asyncio, and of anyio if it is there."""
    for name in _BEGINNINGS:
        if name.startswith("anyio"):
            if not with_anyio:
                continue
            with contextlib.suppress(ImportError):
                importlib.import_module(name)  # it imports some of itself when it is first used
        space = getattr(sys.modules.get(name), "__dict__", {})
        yield from _defined_in(space, name)
        for kind in list(space.values()):
            if isinstance(kind, type) and kind.__module__ == name:
                yield from _defined_in(vars(kind), name)


def _defined_in(space: Mapping[str, Any], module: str) -> Iterator[FunctionType]:
    for held in list(space.values()):
        one = held.__func__ if isinstance(held, classmethod | staticmethod) else held
        if isinstance(one, FunctionType) and one.__module__ == module and one not in _LEAVES:
            one = inspect.unwrap(one)  # of `contextmanager` the generator within
            if one.__code__.co_qualname.startswith(_BEGINNINGS[module]):
                yield one


def is_wait(obj: Any) -> bool:
    """Tell whether an object is a coroutine of such a function."""
    return inspect.iscoroutine(obj) and obj.cr_frame is not None and is_quiet(obj.cr_frame)
