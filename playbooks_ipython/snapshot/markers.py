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

    Cost: of a bare `object()` one look at every module, again once more are imported; of any other
    one look at the modules of its class's package.
    """
    cls: type[Any] = type(obj)
    if cls is object:
        place = _bare_of_all(len(sys.modules)).get(id(obj))
    elif (held := _markers_of(cls.__module__).get(id(obj))) is not None:
        place = cls.__module__, held[1]
    else:
        place = _elsewhere(cls, len(sys.modules)).get(id(obj), (None, None))[1]  # type: ignore[arg-type]  # a class has a hash
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


@lru_cache(maxsize=256)
def _elsewhere(cls: type, _count: int) -> dict[int, tuple[object, tuple[str, Steps]]]:
    """The markers of a class that other modules of its package hold by a name."""
    package = cls.__module__.partition(".")[0]
    if package == "__main__" or not _may_mark(cls):
        return {}
    return {
        id(value): (value, (module, (name,)))
        for module in list(sys.modules)
        if module.partition(".")[0] == package and module != cls.__module__
        for name, value in list(_space_of(module).items())
        if type(value) is cls and _says_nothing(value)
    }


def has_markers(cls: type) -> bool:
    """Tell whether a module of a class's package holds an instance that says nothing but that it
    is it."""
    own = any(type(one) is cls for one, _ in _markers_of(cls.__module__).values())
    return own or bool(_elsewhere(cls, len(sys.modules)))


def _is_at(obj: object, module: str, steps: Steps) -> bool:
    try:
        return marker(module, steps) is obj
    except (LookupError, AttributeError, TypeError):
        return False


def _markers_of(name: str) -> dict[int, tuple[object, Steps]]:
    space = _space_of(name)
    if not space or name == "__main__":
        return {}
    known = _held.get(name)
    if known is None or known[0] != len(space):
        found = {id(one): (one, steps) for one, steps in _find(name, space)}
        known = _held[name] = len(space), found
    return known[1]


def _space_of(name: str) -> dict[str, Any]:
    space = getattr(sys.modules.get(name), "__dict__", None)
    return space if type(space) is dict else {}


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
    return cls.__module__ == module and _may_mark(cls) and _says_nothing(value)


def _may_mark(cls: type) -> bool:
    """Tell whether instances of a class are compared, and stored, by nothing of its own."""
    # Looked up, not asked for: a mock's class answers with new mocks.
    found = (next(vars(c)[name] for c in cls.__mro__ if name in vars(c)) for name in _OF_ITS_OWN)
    as_object = all(one is vars(object)[name] for one, name in zip(found, _OF_ITS_OWN, strict=True))
    return as_object and not issubclass(cls, type)


_OF_ITS_OWN = ("__eq__", "__reduce__", "__reduce_ex__", "__getstate__")


def _says_nothing(value: object) -> bool:
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
