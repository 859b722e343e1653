"""Seen: counted iterators that a program holds in its own variables, under their own class.

Such an iterator answers for the one within: `isinstance`, attributes, special methods. What its
methods are asked is kept as items are, since `fetchone` and `get_chunk` move it too.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from types import BuiltinMethodType, MethodType
from typing import Any

from playbooks_ipython.continuation.again import later
from playbooks_ipython.continuation.calls import Call
from playbooks_ipython.continuation.fingerprints import fingerprint
from playbooks_ipython.continuation.recorders import Judge, judge_of
from playbooks_ipython.continuation.taken import Asked, AsyncTaken, Items, Taken

_METHODS = (MethodType, BuiltinMethodType)
# They are the counted iterator's own, or say nothing of the one within.
_OWN = frozenset(dir(Taken)) - {"__repr__", "__str__", "__eq__", "__hash__"} | {"__del__"}
# Methods that only take: asked again, they give the same. Others may do something.
_TAKING = frozenset({"close", "fetchall", "fetchmany", "fetchone", "get_chunk", "iternext", "read"})
_LOST = "after a restart it is not made again, and raises when it is used"


class SeenTaken(Taken):
    """What stands in a variable until the class of the iterator within is known again."""

    def __getattr__(self, name: str) -> Any:
        found = super().__getattr__(name)
        return Question(self._items, name, found) if isinstance(found, _METHODS) else found

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("_items", "_inner"):
            object.__setattr__(self, name, value)
        else:
            setattr(self._inner.iterator, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return take_seen_again, (self._items,)

    def _hold(self, iterator: Any) -> None:
        super()._hold(iterator)
        kind: Any = type(iterator)
        _set_class(self, _seen_as(kind))


class Question:
    """A method of a counted iterator. What it is asked is asked again after a restart."""

    def __init__(self, items: Items, name: str, method: Any) -> None:
        self.items, self.name, self.method = items, name, method

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        if self.name not in _TAKING:
            self._spoil(judge_of(sys._getframe(1)))
            return self.method(*arguments, **keywords)
        try:
            given = self.method(*arguments, **keywords)
        except StopIteration as end:
            self._keep(arguments, keywords, end.value)
            raise
        self._keep(arguments, keywords, given)
        return given

    def _spoil(self, judge: Judge | None) -> None:
        self.items.spoiled = self.name
        if judge is not None:
            text = f"{self.name}() is called on an iterator that cannot be stored"
            judge.will_be_inexact(self.items.call.notice(text, _LOST))

    def _keep(self, arguments: tuple[Any, ...], keywords: dict[str, Any], given: Any) -> None:
        about = self.items.count, self.name, arguments, keywords
        self.items.asked.append(Asked(*about, fingerprint(given)))

    def __getattr__(self, name: str) -> Any:
        if name in ("items", "method"):
            raise AttributeError(name)
        return getattr(self.method, name)


def take_seen(call: Call, iterator: Any, is_careful: bool = False) -> Any:
    """Count what is taken from an iterator that the program will hold."""
    items = Items(call, is_careful)
    if not hasattr(type(iterator), "__next__"):
        return AsyncTaken(items, iterator)
    seen = SeenTaken(items)
    seen._hold(iterator)
    return seen


def take_seen_again(items: Items) -> SeenTaken:
    """A stored iterator; it waits for `remake`."""
    return later(SeenTaken(items))


@lru_cache(maxsize=256)
def _seen_as(kind: Any) -> type:
    """A class for counted iterators that pass for objects of `kind`."""
    body: dict[str, Any] = {
        name: _through(name)
        for name in dir(kind)
        if name.startswith("__") and name not in _OWN and callable(getattr(kind, name, None))
    }
    body |= {"__class__": property(lambda _: kind), "__doc__": kind.__doc__, "__slots__": ()}
    return type(kind.__name__, (SeenTaken,), body)


def _through(name: str) -> Any:
    def method(self: SeenTaken, *arguments: Any, **keywords: Any) -> Any:
        iterator = self._inner.iterator
        given = getattr(iterator, name)(*arguments, **keywords)
        return self if given is iterator else given

    method.__name__ = name
    return method


def _set_class(seen: SeenTaken, kind: type) -> None:
    vars(object)["__class__"].__set__(seen, kind)
