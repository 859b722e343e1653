"""Describing: values as plain data, with their types and their aliasing.

Equal descriptions are equal graphs, in whatever process or version of Python they were made.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any


def describe(value: object) -> Any:
    return _Describing().look(value)


def shape(namespace: Mapping[str, Any], without: frozenset[str] = frozenset()) -> Any:
    """Describe the user's names, in one go, so that what they share is seen."""
    describing = _Describing()
    names = sorted(n for n in namespace if not n.startswith("__") and n not in without)
    return {name: describing.look(namespace[name]) for name in names}


class _Describing:
    def __init__(self) -> None:
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []

    def look(self, value: Any) -> Any:
        if _is_atom(value):
            return repr(value)
        if id(value) in self.seen:
            return f"#{self.seen[id(value)]}"
        # How many tuples of plain data there are is the compiler's business: it shares constants.
        if type(value) is not tuple or not all(map(_is_atom, value)):
            self.seen[id(value)] = len(self.seen)
            self.kept.append(value)
        return self._content(value)

    def _content(self, value: Any) -> Any:
        if isinstance(value, asyncio.Future):
            return self._future(value)
        kind = type(value).__name__
        if kind == "StandIn":
            return repr(value)
        if isinstance(value, dict):
            return [kind, [[self.look(k), self.look(v)] for k, v in value.items()]]
        if isinstance(value, set | frozenset):
            return [kind, sorted(json.dumps(describe(v)) for v in value)]
        if isinstance(value, list | tuple) or kind == "deque":
            return [kind, [self.look(v) for v in value]]
        return [kind, *self._inside(value)]

    def _inside(self, value: Any) -> list[Any]:
        if isinstance(value, FunctionType):
            cells = [self.look(c.cell_contents) for c in value.__closure__ or () if _is_bound(c)]
            return [value.__qualname__, cells, self.look(value.__defaults__)]
        if isinstance(value, MethodType):
            return [value.__name__, self.look(value.__self__)]
        if isinstance(value, ModuleType):
            return [value.__name__]
        if isinstance(value, BaseException):
            chain = (value.__cause__, value.__context__, value.__suppress_context__)
            return [self.look(one) for one in (value.args, chain, vars(value))]
        if isinstance(value, type) or callable(value):
            return [getattr(value, "__qualname__", "")]
        if isinstance(value, os.PathLike):
            return [os.fspath(value)]
        if hasattr(type(value), "tolist"):
            return [str(getattr(value, "dtype", "")), value.tolist()]
        if hasattr(type(value), "to_dict"):
            return [str(value.to_dict())]
        slots = [s for c in type(value).__mro__ for s in getattr(c, "__slots__", ())]
        state = {s: getattr(value, s) for s in slots if s not in ("__dict__", "__weakref__")}
        state |= getattr(value, "__dict__", {})
        if type(value).__module__.startswith("asyncio."):
            state = _settled(state)
        return [[n, self.look(one)] for n, one in sorted(state.items()) if not n.startswith("__")]

    def _future(self, future: asyncio.Future[Any]) -> list[Any]:
        """How a future ended; which class steps a task is the event loop's business."""
        kind = "Task" if isinstance(future, asyncio.Task) else "Future"
        if not future.done():
            return [kind, "pending"]
        if future.cancelled():
            return [kind, "cancelled"]
        return [kind, self.look(future.exception() or future.result())]


def _settled(state: dict[str, Any]) -> dict[str, Any]:
    """Leave out of an object of asyncio what no program can tell: loop, clock, empty queues."""
    of_the_loop = {"_loop", "_parent_task", "_task", "_when", "_cancelling"}
    waiting = {"_waiters", "_getters", "_putters"}
    return {n: v for n, v in state.items() if n not in of_the_loop and (v or n not in waiting)}


def _is_atom(value: object) -> bool:
    return value is None or type(value) in (bool, int, float, complex, str, bytes, range)


def _is_bound(cell: CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True
