"""Handles: anyio's own frame around each coroutine that one of its task groups runs."""

from __future__ import annotations

from types import FrameType
from typing import Any

from playbooks_ipython.continuation.sites import is_child

_MODULE, _RUNS = "anyio._core._tasks", "TaskHandle._run_coro"


def is_of_handle(frame: FrameType) -> bool:
    if frame.f_globals.get("__name__") != _MODULE:
        return False
    return frame.f_code.co_qualname == _RUNS


def with_library(handle: Any) -> Any:
    """The handle itself, if what it runs is a library's coroutine; otherwise None."""
    coroutine = getattr(handle, "_coro", None)
    return None if coroutine is None or is_child(coroutine) else handle
