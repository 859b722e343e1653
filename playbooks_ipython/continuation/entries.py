"""Entries: managers and how they were made, so that they can be made again in their old place."""

from __future__ import annotations

import itertools
import sys
import weakref
from collections.abc import Callable
from inspect import getattr_static
from typing import Any, Literal

from playbooks_ipython.continuation.again import Lost, later
from playbooks_ipython.continuation.bars import carry_over, counted_by
from playbooks_ipython.continuation.calls import Call
from playbooks_ipython.continuation.inexact import Notice
from playbooks_ipython.continuation.places import settle, take_place, take_places
from playbooks_ipython.continuation.reentered_scopes import apart_from_scopes, entering_again
from playbooks_ipython.continuation.sites import is_child
from playbooks_ipython.continuation.stacks import left_by_a_stack
from playbooks_ipython.continuation.task_scopes import current_scope
from playbooks_ipython.continuation.using import Using

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

_STUCK = (
    "what {name}() gave has entered a cancel scope of anyio in a task",
    "after a restart the cell's task enters another one, and to leave it raises RuntimeError",
)

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
        self._to_leave: tuple[Any, Any] | None = None
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
        notices = [self.call.notice(text, _CHANGED) for text in texts]
        if self.call.home is None and self.using is not None and self.using.is_of_task:
            notices.append(self.call.notice(*_STUCK))
        return notices

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
        self.is_judged, self._to_leave = False, None
        self._using = _nothing if using is None else weakref.ref(using)
        self._hold(manager)
        self._known = {}
        if using is not None:
            using.enlist()
        if self.is_remade:
            later(self)

    def entered(self) -> None:
        """A block has entered the manager."""
        self.was_entered, self.awaited, self.order = True, None, next(_numbers)
        self.note_state()

    def speak_for(self, value: Any) -> None:
        """What entering gave is made again with the manager, but what the call was given, and what
        the program makes again by itself."""
        others = (*self.call.arguments, *self.call.keywords.values())
        for one in _each(value):
            known = isinstance(one, _DATA) or any(one is other for other in others)
            if not known and not _is_of_program(one):
                _entries[id(one)] = self

    @property
    def lost(self) -> Lost:
        return Lost([self.manager, *self.given], self.kind, self.call.said)

    async def remake(self) -> None:
        """Make the manager, bring it where it was, and let both take their places.

        Raises: what its constructor and its entering raise.
        """
        place, state, using = self.manager, self.state, self.using
        if state == "made" and (way := left_by_a_stack(place)):
            state, self.is_async = "entered", way == "__aexit__"
        manager = await self._construct(place)
        self._hold(manager)
        if state == "entered":
            given = await self._enter(manager)
            if using is not None and using.is_open:
                using.value = take_places(using.value, given, place, manager)
                using.enlist()
        elif state == "left":
            with apart_from_scopes():
                await self._enter(manager)
                self._to_leave = manager, current_scope()
        carry_over(manager, self._counted)
        self.note_state()
        if using is not None:
            using.manager = manager
        self.order = next(_numbers)

    async def bring_to_end(self) -> None:
        """Leave the manager if it was left. Those that were entered after it come first: they may
        need it to be entered."""
        if self._to_leave is not None:
            (manager, innermost), self._to_leave = self._to_leave, None
            with apart_from_scopes(innermost):
                await self._leave(manager)

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
        with entering_again(self.using):
            return await kind.__aenter__(manager) if self.is_async else kind.__enter__(manager)

    async def _leave(self, manager: Any) -> None:
        kind, nothing = type(manager), (None, None, None)
        if self.is_async:
            await kind.__aexit__(manager, *nothing)
        else:
            kind.__exit__(manager, *nothing)


def _each(value: Any) -> tuple[Any, ...]:
    return value if type(value) is tuple else (value,)


def _is_of_program(value: Any) -> bool:
    """Tell whether something is a manager that the program itself has made: it makes it again."""
    entry = _entries.get(id(value))
    return entry is not None and entry.manager is value and entry.call.home is None


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
