"""Waiting: where the coroutine of a task stands, and whose await it is that it waits for."""

from __future__ import annotations

from types import FrameType
from typing import Any

from playbooks_ipython.continuation.frames import child_of, frame_of, read_standing
from playbooks_ipython.continuation.handles import is_of_handle, with_library
from playbooks_ipython.continuation.marks import HOOKS
from playbooks_ipython.continuation.sites import is_child


def innermost(coroutine: Any) -> FrameType | None:
    """The innermost frame of ours."""
    while (child := child_of(coroutine)) is not None:
        coroutine = child
    return frame_of(coroutine)


def waiting_frame(coroutine: Any) -> FrameType | None:
    """The innermost frame of ours; None if its own mark is being taken: it has no await then."""
    frame = innermost(coroutine) if is_child(coroutine) else None
    return None if frame is HOOKS.frame else frame


def library_in(coroutine: Any) -> Any:
    """The coroutine of a library that a handle of anyio runs by this one; None for all others."""
    frame = frame_of(coroutine) if is_child(coroutine) else None
    if frame is None or not is_of_handle(frame):
        return None
    standing = read_standing(coroutine)
    handle = None if standing is None else with_library(standing.variables.get("self"))
    return None if handle is None else handle._coro
