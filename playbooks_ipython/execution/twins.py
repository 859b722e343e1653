"""Twins for what is there already: functions of earlier cells, and functions just restored."""

from __future__ import annotations

import gc
import inspect
import linecache
from types import CodeType, FunctionType
from typing import Any

from playbooks_ipython.continuation import instrument
from playbooks_ipython.continuation.sites import twin_of_code

_ENTERED_AGAIN = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


def give_twins(namespace: dict[str, Any]) -> None:
    """Give every function that runs in this namespace, and needs one, its twin.

    Found by asking the garbage collector, since a function may be held by anything: a class, a
    closure, a registry. Functions that have theirs are left alone. Functions whose text is not
    known keep their code; their awaits are then no points.
    Cost: one look at every object of the process, some 20 ms.
    """
    for function in _functions_of(namespace):
        lines = linecache.getlines(function.__code__.co_filename)
        if lines:
            instrument(function, "".join(lines))


def _functions_of(namespace: dict[str, Any]) -> list[FunctionType]:
    return [
        found
        for found in gc.get_objects()
        if type(found) is FunctionType
        and found.__globals__ is namespace
        and twin_of_code(found.__code__) is None
        and _has_frames(found.__code__)
    ]


def _has_frames(code: CodeType) -> bool:
    """Tell whether calling the function, or one defined in it, makes a frame that can suspend."""
    inner = (c for c in code.co_consts if isinstance(c, CodeType))
    return bool(code.co_flags & _ENTERED_AGAIN) or any(map(_has_frames, inner))
