"""Entering: managers that cannot be stored are made and entered again, and take their old place.

A manager is stored as a place for one of its class: memory that nothing has filled. When the
program goes on, its constructor is called on that very object, so every reference to it, in
tuples, sets and bound methods too, leads to the new one. What has no such place (a connection in
C) is a proxy, replaced wherever it is found and forwarding elsewhere.
"""

from __future__ import annotations

import gc
import io
import itertools
import weakref
from collections.abc import Callable, Iterable, Iterator
from types import CellType
from typing import Any, Literal

from playbooks_ipython.continuation.again import later
from playbooks_ipython.continuation.calls import Call
from playbooks_ipython.continuation.inexact import Notice
from playbooks_ipython.continuation.sites import is_child

_numbers = itertools.count(1)
_entries: weakref.WeakValueDictionary[int, Entry] = weakref.WeakValueDictionary()

_NOTICE = (
    "this `with` holds what cannot be stored",
    "after a restart it is made and entered again",
)

# What a manager may give that is stored by value, and shared with others.
_DATA = (type(None), bool, int, float, complex, str, bytes, tuple, frozenset, type)


class Entry:
    """One manager in use, and how to come by another one.

    `state`: "made" until it was entered, "left" after its end. `is_remade`: it was found that it
    cannot be stored. The frame holds this as long as the block lasts.
    """

    def __init__(self, call: Call, manager: Any) -> None:
        self.call, self.manager, self.value = call, manager, None
        self.state: Literal["made", "entered", "left"] = "made"
        self.is_async = False
        self.is_remade = False
        self.order = next(_numbers)
        self.awaited: Any = None
        self.enlist()

    def enlist(self) -> None:
        _entries[id(self.manager)] = self
        given = (*self.call.arguments, *self.call.keywords.values())
        if not isinstance(self.value, _DATA) and all(self.value is not one for one in given):
            _entries[id(self.value)] = self

    def enter(self, value: Any) -> None:
        self.state, self.value, self.awaited = "entered", value, None
        self.order = next(_numbers)
        self.enlist()

    @property
    def notice(self) -> Notice | None:
        return Notice(self.call.line, *_NOTICE) if self.is_remade else None

    @property
    def parts(self) -> list[Any]:
        """What cannot do without this manager; while it is being entered, that too."""
        return [self.manager, self.value, self.awaited if is_child(self.awaited) else None]

    def __getstate__(self) -> tuple[Any, ...]:
        awaited = self.awaited if is_child(self.awaited) and not self.is_remade else None
        about = (self.is_async, self.is_remade, self.order, awaited)
        return (self.call, self.manager, self.value, self.state, *about)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.call, self.manager, self.value, self.state = state[:4]
        self.is_async, self.is_remade, self.order, self.awaited = state[4:]
        self.enlist()
        if self.is_remade:
            later(self)

    async def remake(self) -> None:
        """Make the manager, enter it if it was entered, and let both take their places.

        Raises: what its constructor and its entering raise.
        """
        place, value = self.manager, self.value
        self.manager = self._construct(place)
        if self.state == "entered":
            kind = type(self.manager)
            if self.is_async:
                given = await kind.__aenter__(self.manager)
            else:
                given = kind.__enter__(self.manager)
            self.value = self.manager if value is place else _take_place(value, given)
        self.order = next(_numbers)
        self.enlist()

    def _construct(self, place: Any) -> Any:
        if type(place) is self.call.function:
            place.__init__(*self.call.arguments, **self.call.keywords)
            return place
        return _take_place(place, self.call.make())


def manage(call: Call | None, manager: Any) -> Entry | None:
    """Keep how a manager was made. Files are not made again: they go back to their position."""
    return None if call is None or isinstance(manager, io.IOBase) else Entry(call, manager)


def note_awaited(manager: object, awaited: Any) -> Any:
    """An asynchronous manager is about to be entered or left by awaiting this."""
    if (entry := _entries.get(id(manager))) is not None:
        entry.is_async, entry.awaited = True, awaited
    return awaited


def note_done(awaited: object, action: str, value: Any) -> None:
    """What was awaited has its value, so the manager was entered, or left."""
    for entry in list(_entries.values()):
        if entry.awaited is awaited and action == "enter":
            entry.enter(value)
        elif entry.awaited is awaited:
            entry.state, entry.awaited = "left", None


def begins_anew(kept: Iterable[Any]) -> bool:
    """Tell whether the innermost manager that a frame keeps will be another one after a restart.

    What is entering or leaving it now then does so from its beginning.
    """
    entries = [one for one in kept if type(one) is Entry]
    return bool(entries) and entries[-1].is_remade


def in_use() -> tuple[int, ...]:
    """Which managers are in use: equal numbers, equal managers in equal states."""
    return tuple(sorted(entry.order for entry in set(_entries.values())))


def judge(refuses: Callable[[object], bool]) -> list[Notice]:
    """Ask of every manager in use whether it can be stored, in the order of entry.

    One that cannot counts no longer against those that hold it. Returns what is new.
    """
    fresh = []
    for entry in sorted(set(_entries.values()), key=lambda entry: entry.order):
        if not entry.is_remade and any(map(refuses, entry.parts)):
            entry.is_remade = True
            fresh.append(Notice(entry.call.line, *_NOTICE))
    return fresh


def reduce_entered(obj: Any) -> Any:
    """Reduce a manager that is made again, or what it gave, to a place; else NotImplemented."""
    entry = _entries.get(id(obj))
    if entry is None or not entry.is_remade:
        return NotImplemented
    return make_place, (type(obj) if _can_wait(type(obj)) else Proxy,)


def _can_wait(kind: Any) -> bool:
    """Tell whether there can be objects of a class that nothing was done with."""
    is_plain = kind.__new__ is object.__new__ and kind.__dictoffset__ != 0
    return is_plain and not hasattr(kind, "__del__")


def make_place(kind: Any) -> Any:
    return kind.__new__(kind)


def _take_place(place: Any, new: Any) -> Any:
    """Let an object take the place of one that waits for it; return which of both it now is."""
    if type(place) is type(new) and hasattr(place, "__dict__") and _can_wait(type(new)):
        place.__dict__ = new.__dict__
        _doubles.append((place, new))  # what the new one gave out of itself must stay alive
        return place
    if type(place) is not Proxy:
        return new  # plain data: where it was used, it is a copy
    object.__setattr__(place, "_new", new)
    for holder in gc.get_referrers(place):
        _replace_in(holder, place, new)
    return new


_doubles: list[tuple[Any, Any]] = []


def _replace_in(holder: Any, old: Any, new: Any) -> None:
    if isinstance(holder, dict):
        holder.update((key, new) for key, value in list(holder.items()) if value is old)
    elif isinstance(holder, list):
        holder[:] = [new if value is old else value for value in holder]
    elif isinstance(holder, CellType):
        holder.cell_contents = new
    elif type(getattr(holder, "__dict__", None)) is dict:
        _replace_in(vars(holder), old, new)


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
