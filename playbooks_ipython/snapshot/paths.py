"""Paths: by which variable and attributes an object is reached, for telling people of it.

Runs no code of the user's: dictionaries and slots are read past the objects' own attribute access.
"""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LOOKED_AT = 200_000
_CODE = (types.ModuleType, types.CodeType)
_NOT_ENTERED = (str, bytes, int, float, complex, bool, type(None), *_CODE)
_FRAMES = {
    types.CoroutineType: "cr",
    types.GeneratorType: "gi",
    types.AsyncGeneratorType: "ag",
}
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Path:
    """Steps from the roots: ("item", key), ("attribute", name), ("local", name of a variable and
    the place where its frame is), or ("inside", None), a reference of no name, over which a path
    cannot be followed again."""

    steps: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        (_, shown), *rest = self.steps
        where = ""
        for kind, key in rest:
            if kind == "local":
                (shown, where) = _shown_local(*key)
            else:
                shown = f"{shown}{_shown(kind, key)}"
        return f"{shown}{where}"

    def to(self, kind: str, key: Any) -> Path:
        return Path((*self.steps, (kind, key)))

    def follow(self, roots: Mapping[str, object]) -> object:
        """Return what is there now; an object of nobody's if nothing is."""
        at: Any = roots
        for kind, key in self.steps:
            if kind == "attribute":
                at = _own_attributes(at).get(key, _ABSENT)
            elif kind == "local":
                at = _locals_of(at).get(key[0], _ABSENT)
            elif kind == "inside" or type(at) not in (dict, list, tuple):
                return _ABSENT
            else:
                at = _at(at, key)
        return at


def find_paths(roots: Mapping[str, object], wanted: Iterable[object]) -> dict[int, Path]:
    """Return the shortest path to each wanted object by its id, for example `agent.client`.

    Cost: one walk, breadth first, until all are found or 200,000 objects were looked at; objects
    that were not found are absent.
    """
    missing = {id(one) for one in wanted}
    found: dict[int, Path] = {}
    seen: set[int] = set()
    level: list[tuple[Path, object]] = [(Path((("item", k),)), v) for k, v in roots.items()]
    while level and missing and len(seen) < _LOOKED_AT:
        below: list[tuple[Path, object]] = []
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


def _below(path: Path, obj: object) -> Iterator[tuple[Path, object]]:
    if isinstance(obj, _NOT_ENTERED):
        return
    if type(obj) is dict:
        yield from ((path.to("item", key), value) for key, value in list(obj.items()))
    elif isinstance(obj, list | tuple) and type(obj) in (list, tuple):
        yield from ((path.to("item", i), value) for i, value in enumerate(obj))
    elif (frame := _frame_of(obj)) is not None:
        place = frame.f_code.co_qualname, frame.f_lineno
        found = _locals_of(obj).items()
        yield from ((path.to("local", (name, *place)), value) for name, value in found)
    else:
        yield from _parts(path, obj)


def _parts(path: Path, obj: object) -> Iterator[tuple[Path, object]]:
    own = _own_attributes(obj)
    yield from ((path.to("attribute", name), value) for name, value in own.items())
    for one in gc.get_referents(obj):
        if isinstance(one, type | types.CodeType):
            continue
        if isinstance(obj, types.FunctionType) and one is obj.__globals__:
            continue
        yield path.to("inside", None), one


def _frame_of(obj: Any) -> types.FrameType | None:
    """The frame of a coroutine or generator that has not ended."""
    prefix = _FRAMES.get(type(obj))
    frame: types.FrameType | None = getattr(obj, f"{prefix}_frame") if prefix else None
    return frame


def _locals_of(obj: object) -> Mapping[str, object]:
    """The variables of a frame. Before 3.13 it keeps the dictionary that it shows: emptied here."""
    frame = _frame_of(obj)
    if frame is None:
        return {}
    shown = frame.f_locals
    values = dict(shown)
    if sys.version_info < (3, 13) and sys.getrefcount(shown) <= 3:
        shown.clear()
    return values


def _own_attributes(obj: object) -> Mapping[str, object]:
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


def _at(container: Any, key: Any) -> object:
    try:
        return container[key]
    except (LookupError, TypeError):
        return _ABSENT


def _shown_local(name: str, function: str, line: int) -> tuple[str, str]:
    """Return how a variable of a frame is called, and where it is."""
    if not name.isidentifier():
        return "a value", f" of line {line}"
    return name, "" if function == "<module>" else f" in {function}()"


def _shown(kind: str, key: Any) -> str:
    if kind == "attribute":
        return f".{key}"
    if kind == "inside":
        return ""
    return f"[{key!r}]" if type(key) in (str, int) else "[...]"
