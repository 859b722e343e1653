"""Markers: what a module holds once and compares by identity: `object()`, `NOT_GIVEN`, members of
enumerations. They are stored as the place where the module holds them. Nothing with a value of its
own is one."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

Steps: TypeAlias = tuple[str | int, ...]

# By module: how many names it had, and what it holds by id. The objects are kept, so that no other
# one gets their id.
_held: dict[str, tuple[int, dict[int, tuple[object, Steps]]]] = {}


def marker(module: str, steps: Steps) -> Any:
    """Find a marker again. Raises LookupError or AttributeError where the module lost it."""
    found: Any = importlib.import_module(module)
    for step in steps:
        found = found[step] if isinstance(step, int) else getattr(found, step)
    return found


def place_of(obj: object, namespace: Mapping[str, object]) -> tuple[str, Steps] | None:
    """Return the module that holds a marker, and the steps to it there; None if none does.

    Cost: of a bare `object()` one look at every module, again once more are imported.
    """
    if type(obj) is object:
        places = _bare_of_all(len(sys.modules))
    else:
        held = _markers_of(type(obj).__module__).get(id(obj))
        places = {} if held is None else {id(obj): (type(obj).__module__, held[1])}
    place = places.get(id(obj))
    if place is None or not _is_at(obj, *place):
        return None
    space = sys.modules[place[0]].__dict__
    return None if space is namespace else place


@lru_cache(maxsize=1)
def _bare_of_all(_count: int) -> dict[int, tuple[str, Steps]]:
    return {
        key: (name, steps)
        for name in list(sys.modules)
        for key, (one, steps) in _markers_of(name).items()
        if type(one) is object
    }


def has_markers(cls: type) -> bool:
    """Tell whether the module of a class holds an instance that says nothing but that it is it."""
    return any(type(one) is cls for one, _ in _markers_of(cls.__module__).values())


def _is_at(obj: object, module: str, steps: Steps) -> bool:
    try:
        return marker(module, steps) is obj
    except (LookupError, AttributeError, TypeError):
        return False


def _markers_of(name: str) -> dict[int, tuple[object, Steps]]:
    space = getattr(sys.modules.get(name), "__dict__", None)
    if type(space) is not dict or name == "__main__":
        return {}
    known = _held.get(name)
    if known is None or known[0] != len(space):
        found = {id(one): (one, steps) for one, steps in _find(name, space)}
        known = _held[name] = len(space), found
    return known[1]


def _find(module: str, space: Mapping[str, object]) -> Iterator[tuple[object, Steps]]:
    for name, value in list(space.items()):
        if _is_marker(value, module):
            yield value, (name,)
        elif type(value) is types.FunctionType and value.__module__ == module:
            yield from _in_defaults(value, (name,))
        elif issubclass(type(value), type) and vars(value).get("__module__") == module:
            yield from _in_class(vars(value), (name,))


def _in_class(space: Mapping[str, Any], steps: Steps) -> Iterator[tuple[object, Steps]]:
    for name, value in list(space.items()):
        # By exact type: asking a lazy object for an attribute would import what it stands for.
        held = value.__func__ if type(value) in (classmethod, staticmethod) else value
        if type(held) is object:
            yield held, (*steps, name)
        elif type(held) is types.FunctionType:
            yield from _in_defaults(held, (*steps, name))


def _in_defaults(function: types.FunctionType, steps: Steps) -> Iterator[tuple[object, Steps]]:
    for i, value in enumerate(function.__defaults__ or ()):
        if type(value) is object:
            yield value, (*steps, "__defaults__", i)
        elif type(value) is tuple:
            inner = ((j, one) for j, one in enumerate(value) if type(one) is object)
            yield from ((one, (*steps, "__defaults__", i, j)) for j, one in inner)


def _is_marker(value: object, module: str) -> bool:
    """Tell whether something is told from all else by what it is, not by what it holds."""
    cls = type(value)
    if cls is object:
        return True
    if cls.__module__ != module or cls.__eq__ is not object.__eq__ or issubclass(cls, type):
        return False
    if cls.__reduce__ is not object.__reduce__ or cls.__reduce_ex__ is not object.__reduce_ex__:
        return False
    if getattr(cls, "__getstate__", None) is not getattr(object, "__getstate__", None):
        return False
    return all(v is None or type(v) is str for v in _attributes(value))


def _attributes(value: object) -> list[object]:
    """The values of an object's attributes; one that has more to it than those is its own."""
    try:
        reduced: Any = object.__reduce_ex__(value, 2)
    except TypeError:  # C holds what it is
        return [value]
    if any(one is not None for one in reduced[3:]):
        return [value]
    parts = reduced[2] if type(reduced[2]) is tuple else (reduced[2],)
    return [v for part in parts for v in (part.values() if type(part) is dict else (part,))]
