"""Entries: managers and how they were made, so that they can be made again in their old place."""

from __future__ import annotations

import gc
import itertools
import sys
import weakref
from collections.abc import Callable
from inspect import getattr_static
from types import MethodType
from typing import Any, Literal

from playbooks_ipython.continuation.again import Lost, later
from playbooks_ipython.continuation.bars import carry_over, counted_by
from playbooks_ipython.continuation.calls import Call
from playbooks_ipython.continuation.hidden import AWAITED
from playbooks_ipython.continuation.inexact import Notice
from playbooks_ipython.continuation.places import settle, take_place
from playbooks_ipython.continuation.sites import is_child

_numbers = itertools.count(1)
_entries: dict[int, Entry] = {}
_BLOCK = (
    "this `with` holds what cannot be stored",
    "after a restart it is made and entered again",
)
_LINE = (
    "{name}() gave what cannot be stored",
    "after a restart it is called again, and the new object takes the old one's place",
)

_CHANGED = "after a restart it is not set in the new object"

# What a manager may give that is stored by value, and shared with others.
_DATA = (type(None), bool, int, float, complex, str, bytes, tuple, frozenset, type)

State = Literal["made", "entered", "left"]


class Entry:
    """One manager, and how to come by another one. Held here for as long as the manager lives.

    `is_remade`: it was found that it cannot be stored; `is_judged`: that is being found just now.
    `is_block`: it was made for a `with`, whose end is its own.
    """

    def __init__(self, call: Call, manager: Any) -> None:
        self.call, self.is_block = call, False
        self.is_async = self.is_remade = False
        self.was_entered = self.is_judged = False
        self.order = next(_numbers)
        self.awaited: Any = None
        self._counted: dict[str, Any] = {}
        self._known: dict[str, int] = {}
        self._using: Callable[[], Using | None] = _nothing
        self._hold(manager)
        self.kind = type(manager).__qualname__
        self.note_state()

    def _hold(self, manager: Any) -> None:
        key = id(manager)
        try:
            self._manager: Callable[[], Any] = weakref.ref(manager, lambda _: _forget(key, self))
        except TypeError:
            self._manager = lambda: manager  # `sweep` ends it
        _entries[key] = self

    def note_state(self) -> None:
        """What is set in the manager from now on is lost with it."""
        self._known = _public(self.manager)

    def changes(self) -> list[Notice]:
        """What was set since then, each said once."""
        if not self.is_remade:
            return []
        before, self._known = self._known, _public(self.manager)
        names = [name for name, value in self._known.items() if before.get(name) != value]
        counted = counted_by(self.manager)
        texts = (f"{name} was set in what {{name}}() gave" for name in names if name not in counted)
        return [self.call.notice(text, _CHANGED) for text in texts]

    @property
    def manager(self) -> Any:
        return self._manager()

    @property
    def using(self) -> Using | None:
        return self._using()

    @using.setter
    def using(self, using: Using) -> None:
        self._using = weakref.ref(using)

    @property
    def state(self) -> State:
        if not self.was_entered:
            return "made"
        return "entered" if self.using is not None and self.using.is_open else "left"

    @property
    def value(self) -> Any:
        return self.using.value if self.using is not None else None

    @property
    def given(self) -> list[Any]:
        """What entering gave that is no plain data; of a tuple, what it consists of."""
        value = self.value
        return [one for one in _each(value) if not isinstance(one, _DATA)]

    @property
    def notice(self) -> Notice | None:
        if not self.is_remade:
            return None
        return self.call.notice(*(_BLOCK if self.is_block else _LINE))

    @property
    def parts(self) -> list[Any]:
        """What cannot do without this manager; while it is being entered, that too."""
        return [self.manager, self.value, self.awaited if is_child(self.awaited) else None]

    def __getstate__(self) -> tuple[Any, ...]:
        awaited = self.awaited if is_child(self.awaited) and not self.is_remade else None
        counted = counted_by(self.manager) if self.is_remade else {}
        about = (self.is_block, self.is_async, self.is_remade, self.was_entered, self.order)
        return (self.call, self.manager, self.using, awaited, counted, self.kind, *about)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.call, manager, using, self.awaited, self._counted, self.kind = state[:6]
        self.is_block, self.is_async, self.is_remade, self.was_entered, self.order = state[6:]
        self.is_judged = False
        self._using = _nothing if using is None else weakref.ref(using)
        self._hold(manager)
        self._known = {}
        if using is not None:
            using.enlist()
        if self.is_remade:
            later(self)

    @property
    def lost(self) -> Lost:
        return Lost([self.manager, *self.given], self.kind, self.call.said)

    async def remake(self) -> None:
        """Make the manager, bring it where it was, and let both take their places.

        Raises: what its constructor and its entering raise.
        """
        place, state, using = self.manager, self.state, self.using
        if state == "made" and (way := _left_by_a_stack(place)):
            state, self.is_async = "entered", way == "__aexit__"
        manager = await self._construct(place)
        self._hold(manager)
        if state != "made":
            given = await self._enter(manager)
            if using is not None and using.is_open:
                using.value = _taken(using.value, given, place, manager)
                using.enlist()
        if state == "left":
            await self._leave(manager)
        carry_over(manager, self._counted)
        self.note_state()
        if using is not None:
            using.manager = manager
        self.order = next(_numbers)

    async def _construct(self, place: Any) -> Any:
        kind: Any = self.call.function
        if self.call.is_awaited:
            return take_place(place, await self.call.make())
        if isinstance(kind, type) and settle(place, kind):
            place.__init__(*self.call.arguments, **self.call.keywords)
            return place
        return take_place(place, self.call.make())

    async def _enter(self, manager: Any) -> Any:
        kind = type(manager)
        return await kind.__aenter__(manager) if self.is_async else kind.__enter__(manager)

    async def _leave(self, manager: Any) -> None:
        kind, nothing = type(manager), (None, None, None)
        if self.is_async:
            await kind.__aexit__(manager, *nothing)
        else:
            kind.__exit__(manager, *nothing)


class Using:
    """One `with` that holds a manager, and what entering gave. The frame holds it for the block."""

    def __init__(self, entry: Entry, manager: Any) -> None:
        self.entry, self.manager, self.value, self.is_open = entry, manager, None, True
        entry.using = self

    def entered(self, value: Any) -> None:
        entry, self.value = self.entry, value
        entry.was_entered, entry.awaited, entry.order = True, None, next(_numbers)
        entry.note_state()
        self.enlist()

    def left(self) -> None:
        self.entry.awaited, self.is_open = None, False

    def enlist(self) -> None:
        if not (hasattr(self, "value") and hasattr(self.entry, "call")):
            return  # one of both is still being loaded, and will call again
        call = self.entry.call
        arguments = (*call.arguments, *call.keywords.values())
        for value in _each(self.value):
            if not isinstance(value, _DATA) and all(value is not one for one in arguments):
                _entries[id(value)] = self.entry

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.enlist()


def _each(value: Any) -> tuple[Any, ...]:
    return value if type(value) is tuple else (value,)


def _taken(old: Any, new: Any, place: Any, manager: Any) -> Any:
    """What a block has now: what was given anew, in the places of what was given before."""
    if old is place:
        return manager
    if type(old) is type(new) is tuple and len(old) == len(new):
        return tuple(_taken(*pair, place, manager) for pair in zip(old, new, strict=True))
    return take_place(old, new)


def _public(manager: Any) -> dict[str, int]:
    """The attributes of an object that its class does not make by itself, by their identity."""
    kind = type(manager)
    return {
        name: id(value)
        for name, value in getattr(manager, "__dict__", {}).items()
        if not name.startswith("_") and not hasattr(getattr_static(kind, name, None), "__get__")
    }


def _nothing() -> None:
    return None


def _forget(key: int, entry: Entry) -> None:
    if _entries.get(key) is entry:
        del _entries[key]


def entry_of(obj: Any) -> Entry | None:
    """The entry of a manager, or of what it gave."""
    entry = _entries.get(id(obj))
    # An object that came later may have the number of one that is gone.
    if entry is None:
        return None
    return entry if entry.manager is obj or any(one is obj for one in entry.given) else None


def sweep() -> None:
    """Forget what is left: a manager made for its block, and one that only we still hold."""
    for key in list(_entries):  # `items()` makes tuples: garbage may be collected meanwhile
        entry = _entries.get(key)
        if entry is None:
            continue
        ended = entry.is_block and entry.using is None
        strong = not isinstance(entry._manager, weakref.ref)
        if ended or (strong and sys.getrefcount(entry.manager) <= _OURS):
            _entries.pop(key, None)


_OURS = 2  # the cell that holds it, and what getrefcount is called with


def all_in_use() -> list[Entry]:
    """Every manager in use, in the order in which they were made, or entered."""
    sweep()
    found = list(_entries.values())  # at once: collecting garbage forgets some
    return sorted(set(found), key=lambda entry: entry.order)


def in_use() -> tuple[int, ...]:
    """Which managers are in use: equal numbers, equal managers in equal states."""
    return tuple(entry.order for entry in all_in_use())


def _left_by_a_stack(place: Any) -> str | None:
    """The method with which an ExitStack will leave a manager, if one has entered it."""
    name = ""
    for holder in gc.get_referrers(place):
        if isinstance(holder, MethodType):
            name = getattr(holder.__func__, "__name__", "")
        elif isinstance(holder, dict) and holder.get("cm") is place:
            # It stands between entering and keeping what leaves.
            is_done = hasattr(holder.get(AWAITED), "__await__") and "_exit" in holder
            name = "__aexit__" if is_done else ""
        if name in ("__exit__", "__aexit__"):
            return name
    return None
