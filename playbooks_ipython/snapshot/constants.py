"""Constants: what never changes once it is there, so that a unit of it holds for good.

Long texts; and lists that a future goes through when it ends, which nobody else has in hands: who
only stands in such a list can be asked by nobody what it gave, until the future is done.
"""

from __future__ import annotations

import weakref
from collections import Counter
from typing import Any, Protocol

TEXTS = (str, bytes)


class Ending(Protocol):
    """A future, for one."""

    def done(self) -> bool: ...


class Lists:
    """Lists of things, by id, each with what goes through it at its end."""

    def __init__(self) -> None:
        self._lists: dict[int, tuple[list[Any], weakref.ref[Ending]]] = {}
        self._times = Counter[int]()

    def add(self, items: list[Any], ending: Ending) -> None:
        self._lists[id(items)] = items, weakref.ref(ending)
        self._times.update(map(id, items))

    def times(self, thing: object) -> int:
        """How often a thing stands in lists whose end has not come."""
        return self._times.get(id(thing), 0)

    def take_ended(self) -> list[list[Any]]:
        """Return the lists whose end has come, and know them no more. Cost: a look at each list."""
        ended = [
            key
            for key, (_, ending) in self._lists.items()
            if (one := ending()) is None or one.done()
        ]
        taken = [self._lists.pop(key)[0] for key in ended]
        for items in taken:
            self._times.subtract(map(id, items))
        if taken:
            self._times = +self._times
        return taken


# -- from bytes. The functions here are named in stored bytes.


def fill_list(made: list[Any], items: tuple[Any, ...]) -> None:
    made.extend(items)


def is_whole(_made: object, _state: None) -> None:
    """It was made with all that it is."""
