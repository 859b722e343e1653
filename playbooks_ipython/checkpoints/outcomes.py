"""The outcome of one await, taken out of a graph that nobody goes on from."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    ModuleType,
    TracebackType,
)
from typing import Any

from playbooks_ipython.checkpoints.frames import abandon
from playbooks_ipython.checkpoints.graph import Graph
from playbooks_ipython.checkpoints.loading import decode_checkpoint
from playbooks_ipython.continuation.marks import Answer, Outcome
from playbooks_ipython.snapshot import StandIn

OUTCOME = "outcome"
"""The key under which a graph in a region holds what its await gave."""

_ELSEWHERE = (type, ModuleType, BuiltinFunctionType, CodeType, FrameType, TracebackType)
_LIVE = (FunctionType, CoroutineType, GeneratorType, CellType, StandIn)


def give_again(graph: Graph, namespace: dict[str, Any]) -> Answer | None:
    """Load what an await gave; None if it cannot be had apart from the rest of its graph.

    Instances of the notebook's classes become instances of those that `namespace` has now.
    """
    decoded = decode_checkpoint(graph, namespace)
    found = decoded.extra.pop(OUTCOME, None)
    if not isinstance(found, Outcome):
        abandon(decoded.extra)
        return None
    parts = list(_reached([found.value, found.error], {id(namespace)}))
    rest = _reached([decoded.variables, decoded.extra], {id(namespace), id(found)})
    shared = {id(one) for one in rest if gc.is_tracked(one)}
    abandon(decoded.extra)
    if any(isinstance(one, _LIVE) or id(one) in shared for one in parts):
        return None
    if not all(_is_of_today(one, namespace) for one in parts):
        return None
    return Answer(found.value, found.error)


def _reached(roots: Iterable[object], seen: set[int]) -> Iterator[object]:
    """Every object that roots lead to; what modules own is not gone into."""
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, _ELSEWHERE):
            continue
        seen.add(id(one))
        yield one
        waiting += gc.get_referents(one)


def _is_of_today(obj: Any, namespace: dict[str, Any]) -> bool:
    """Give an instance of a notebook's class the class of now; False if there is none."""
    cls = type(obj)
    if cls.__module__ != "__main__":
        return True
    today = namespace.get(cls.__qualname__)
    if today is cls:
        return True
    if not isinstance(today, type):
        return False
    try:
        obj.__class__ = today
    except TypeError:
        return False
    return True
