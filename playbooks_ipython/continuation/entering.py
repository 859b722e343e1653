"""Entering: managers that cannot be stored are made again, entered if they were entered, and take
their old place.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Sequence
from typing import Any

from playbooks_ipython.continuation.bars import is_bar
from playbooks_ipython.continuation.calls import Call
from playbooks_ipython.continuation.entries import Entry, all_in_use, entry_of, sweep
from playbooks_ipython.continuation.inexact import Notice
from playbooks_ipython.continuation.places import make_place, place_class
from playbooks_ipython.continuation.quiet import is_quiet_class
from playbooks_ipython.continuation.using import Using

# What their calls did outside is not done twice: such an object comes back as a stand-in.
_ONCE = {("subprocess", "Popen")}
_NO_MANAGERS = (io.IOBase, os.PathLike, asyncio.Timeout)


def is_manager(kind: type) -> bool:
    """Tell whether objects of a class can be entered, and are stored in no other way."""
    enters = hasattr(kind, "__enter__") or hasattr(kind, "__aenter__")
    once = (kind.__module__, kind.__qualname__) in _ONCE or kind.__module__ == "tempfile"
    stored = is_bar(kind) or is_quiet_class(kind) or issubclass(kind, _NO_MANAGERS)
    return enters and not once and not stored


def note_made(call: Call, made: Any) -> Any:
    """Keep how a manager was made, unless that is known: a function may give what it has."""
    if is_manager(type(made)) and entry_of(made) is None:
        sweep()
        Entry(call, made)
    return made


def is_made_again(obj: Any) -> bool:
    """Tell whether something is, or is given by, a manager that cannot be stored."""
    entry = entry_of(obj)
    return entry is not None and entry.is_remade


def is_of_given(call: Call) -> bool:
    """Tell whether a call asks what a manager has given that is made again (a response): a
    generator of it stands on what is lost (a connection), deep in its frames."""
    owner = call.owner
    entry = entry_of(owner) if owner is not None else None
    return entry is not None and entry.is_remade and entry.manager is not owner


def use(manager: Any, is_made_here: bool) -> Using | None:
    """A `with` is about to enter a manager."""
    entry = entry_of(manager)
    if entry is None:
        return None
    entry.is_block = entry.is_block or is_made_here
    return Using(entry, manager)


def note_awaited(manager: object, awaited: Any, *, enters: bool = False) -> Any:
    """An asynchronous manager is about to be entered or left by awaiting this."""
    if (entry := entry_of(manager)) is not None:
        entry.is_async, entry.awaited = True, awaited
        if enters and entry.using is not None:
            entry.using.begin()
    return awaited


def note_done(awaited: object, action: str, value: Any) -> None:
    """What was awaited has come to its end, so the manager was entered, or left."""
    for entry in all_in_use():
        if entry.awaited is awaited and entry.using is not None:
            if action == "enter":
                entry.using.entered(value)
            else:
                entry.using.left()


def begins_anew(entries: Sequence[Using | None]) -> bool:
    """Tell whether the innermost manager that a frame stands in will be another one after a
    restart. What is entering or leaving it now then does so from its beginning.

    Args:
        entries: of each manager, the innermost last; None for one that is stored by value.
    """
    innermost = entries[-1] if entries else None
    return innermost is not None and innermost.entry.is_remade


def judge(refuses: Callable[[object], bool]) -> list[Notice]:
    """Ask of every manager in use whether it can be stored, in the order of entry.

    The others do not count against one that holds them. Returns what is new.
    """
    entries = all_in_use()
    fresh = [entry for entry in entries if not entry.is_remade]
    for entry in fresh:
        entry.is_remade = True
    for entry in fresh:
        entry.is_remade, entry.is_judged = False, True
        entry.is_remade = any(map(refuses, entry.parts))
        entry.is_judged = False
    return [entry.notice for entry in fresh if entry.notice]


def changes() -> list[Notice]:
    """What was set since the last time in managers that will be others after a restart."""
    return [notice for entry in all_in_use() for notice in entry.changes()]


def reduce_entered(obj: Any) -> Any:
    """Reduce a manager that is made again, or what it gave, to a place; else NotImplemented."""
    entry = entry_of(obj)
    if entry is None or entry.is_judged:
        return NotImplemented
    if entry.is_remade:
        return make_place, (place_class(type(obj)),), entry, None, None, keep_entry
    return _with_entry(obj, entry) if entry.manager is obj else NotImplemented


def keep_entry(_place: Any, _entry: Entry) -> None:
    """The entry knows its manager by itself; whoever holds the manager brings it along."""


def _with_entry(manager: Any, entry: Entry) -> Any:
    """Reduce a manager by value, which may become one that cannot be stored when it is used."""
    try:
        reduced = manager.__reduce_ex__(_PROTOCOL)
    except Exception:  # noqa: BLE001  # foreign code; it is asked again with care
        return NotImplemented
    if not isinstance(reduced, tuple) or len(reduced) > 5:
        return NotImplemented
    made, arguments, state, *items = (*reduced, None, None, None)[:5]
    return made, arguments, (state, entry), *items, set_state


def set_state(manager: Any, state: tuple[Any, Entry]) -> None:
    """Give a manager its state as pickle does."""
    given = state[0]
    if given is not None and hasattr(manager, "__setstate__"):
        manager.__setstate__(given)
        return
    attributes, slots = given if isinstance(given, tuple) else (given, None)
    if attributes:
        vars(manager).update(attributes)
    for name, value in (slots or {}).items():
        setattr(manager, name, value)


_PROTOCOL = 5
