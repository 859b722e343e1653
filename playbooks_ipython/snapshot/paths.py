"""Paths: by which variable and attributes an object is reached, for telling people of it."""

from __future__ import annotations

import gc
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_LOOKED_AT = 200_000
_NOT_ENTERED = (str, bytes, int, float, complex, bool, type(None), types.ModuleType)


def find_paths(roots: Mapping[str, object], wanted: Iterable[object]) -> dict[int, str]:
    """Return the shortest path to each wanted object by its id, for example `agent.client`.

    Runs no code of the user's. Cost: one walk, breadth first, until all are found or 200,000
    objects were looked at; objects that were not found are absent.
    """
    missing = {id(one) for one in wanted}
    found: dict[int, str] = {}
    seen: set[int] = set()
    level: list[tuple[str, object]] = list(roots.items())
    while level and missing and len(seen) < _LOOKED_AT:
        below: list[tuple[str, object]] = []
        for path, obj in level:
            if id(obj) in seen:
                continue
            seen.add(id(obj))
            if id(obj) in missing:
                missing.discard(id(obj))
                found[id(obj)] = path
            below.extend(_below(path, obj))
        level = below
    return found


def _below(path: str, obj: object) -> Iterator[tuple[str, object]]:
    if isinstance(obj, _NOT_ENTERED):
        return
    if type(obj) is dict:
        yield from ((_item(path, key), value) for key, value in list(obj.items()))
    elif type(obj) in (list, tuple):
        yield from ((f"{path}[{i}]", value) for i, value in enumerate(obj))  # type: ignore[arg-type,var-annotated] # a list or tuple
    else:
        yield from _parts(path, obj)


def _item(path: str, key: object) -> str:
    return f"{path}[{key!r}]" if type(key) in (str, int) else f"{path}[...]"


def _parts(path: str, obj: object) -> Iterator[tuple[str, object]]:
    own: Any = _own_attributes(obj)
    yield from ((f"{path}.{name}", value) for name, value in own.items())
    for one in gc.get_referents(obj):
        if one is own or isinstance(one, type | types.CodeType):
            continue
        if isinstance(obj, types.FunctionType) and one is obj.__globals__:
            continue
        yield path, one


def _own_attributes(obj: object) -> dict[str, object]:
    """Return attributes without asking the object: its dictionary and its slots."""
    try:
        own: dict[str, object] = dict(object.__getattribute__(obj, "__dict__"))
    except (AttributeError, TypeError):
        own = {}
    for cls in type(obj).__mro__:
        for name, slot in vars(cls).items():
            if isinstance(slot, types.MemberDescriptorType) and not name.startswith("__"):
                try:
                    own[name] = slot.__get__(obj)
                except (AttributeError, TypeError):
                    continue
    return own
