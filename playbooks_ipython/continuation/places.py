"""Places: what stands in a restored graph for an object that is made again before the run goes on.

Where its class allows it, a place is memory of that class that nothing has filled: the constructor
is called on that very object, so every reference to it leads to the new one. What has no such
memory (a connection in C) is a proxy, replaced wherever it is found.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator
from types import CellType, FrameType, MemberDescriptorType, MethodType
from typing import Any

_doubles: list[tuple[Any, Any]] = []
_DEPTH = 20


class Vacant:
    """A place for a class whose objects may not be dropped half made: it takes its class later."""


def make_place(kind: Any) -> Any:
    return kind.__new__(kind)


def place_class(kind: Any) -> type:
    """Return the class of the place for objects of a class."""
    if kind.__new__ is not object.__new__ or not kind.__dictoffset__:
        return Proxy
    if not hasattr(kind, "__del__"):
        return kind  # type: ignore[no-any-return]  # a class
    return Vacant if _fits(kind) else Proxy


def _fits(kind: type) -> bool:
    tried = Vacant()
    try:
        object.__setattr__(tried, "__class__", kind)
    except TypeError:
        return False
    object.__setattr__(tried, "__class__", Vacant)  # so that nothing of `kind` ends
    return True


def settle(place: Any, kind: Any) -> Any:
    """Give a place the class of what will be in it. False if it must be another object."""
    if type(place) is Vacant:
        object.__setattr__(place, "__class__", kind)
    return type(place) is kind and place_class(kind) is not Proxy


def take_place(place: Any, new: Any) -> Any:
    """Let an object take the place of one that waits for it; return which of both it now is."""
    if isinstance(place, Proxy):
        object.__setattr__(place, "_new", new)
        put_in_place(place, new)
        return new
    if hasattr(place, "__dict__") and settle(place, type(new)):
        place.__dict__ = new.__dict__
        for name in _slots_of(type(new)):
            if hasattr(new, name):
                setattr(place, name, getattr(new, name))
        _doubles.append((place, new))  # what the new one gave out of itself must stay alive
        return place
    return new  # plain data: where it was used, it is a copy


def take_places(old: Any, new: Any, place: Any, manager: Any) -> Any:
    """What a block has now: what was given anew, in the places of what was given before.

    Where that was the manager itself, in its `place`, it is the manager.
    """
    if old is place:
        return manager
    if type(old) is type(new) is tuple and len(old) == len(new):
        return tuple(take_places(*pair, place, manager) for pair in zip(old, new, strict=True))
    return take_place(old, new)


def _slots_of(kind: type) -> list[str]:
    members = [vars(cls).items() for cls in kind.__mro__]
    return [name for one in members for name, value in one if type(value) is MemberDescriptorType]


def put_in_place(old: Any, new: Any, depth: int = 0) -> None:
    """Put one object wherever another one is held, in what cannot be changed too."""
    holders = gc.get_referrers(old)
    for holder in holders:
        if holder is not holders and not isinstance(holder, FrameType):
            _replace_in(holder, old, new, depth)


def _replace_in(holder: Any, old: Any, new: Any, depth: int) -> None:
    if isinstance(holder, dict):
        for key, value in list(holder.items()):
            if key is old:
                del holder[key]
            if key is old or value is old:
                holder[new if key is old else key] = new if value is old else value
    elif isinstance(holder, list | deque):
        for at, value in enumerate(holder):
            if value is old:
                holder[at] = new
    elif isinstance(holder, set):
        holder.discard(old)
        holder.add(new)
    elif isinstance(holder, CellType):
        holder.cell_contents = new
    elif type(getattr(holder, "__dict__", None)) is dict and old in list(vars(holder).values()):
        _replace_in(vars(holder), old, new, depth)
    elif names := [n for n in _slots_of(type(holder)) if getattr(holder, n, None) is old]:
        for name in names:
            object.__setattr__(holder, name, new)
    elif depth < _DEPTH and (fresh := _with(holder, old, new)) is not None:
        put_in_place(holder, fresh, depth + 1)


def _with(holder: Any, old: Any, new: Any) -> Any:
    """What cannot be changed made anew, with another object in it; None for all else."""
    if type(holder) in (tuple, frozenset):
        return type(holder)(new if value is old else value for value in holder)
    if isinstance(holder, tuple) and hasattr(holder, "_make"):
        return holder._make(new if value is old else value for value in holder)
    if isinstance(holder, MethodType) and holder.__self__ is old:
        return MethodType(holder.__func__, new)
    if isinstance(holder, Method) and holder.owner is old:
        return getattr(new, holder.name)
    return None


class Proxy:
    """Stands for an object that is made later, and does what that does from then on."""

    __slots__ = ("__weakref__", "_new")

    def __getattr__(self, name: str) -> Any:
        if name == "_new":
            raise AttributeError(name)
        try:
            new = object.__getattribute__(self, "_new")
        except AttributeError:
            if name.startswith("__"):
                raise
            return Method(self, name)
        return getattr(new, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._new)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._new(*arguments, **keywords)


class Method:
    """A method of an object that is made later."""

    def __init__(self, owner: Any, name: str) -> None:
        self.owner, self.name = owner, name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return getattr(self.owner, self.name)(*arguments, **keywords)
