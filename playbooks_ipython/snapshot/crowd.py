"""Crowd: those that are parked, and what became of them since they were stored last.

There may be thousands, of which one or two moved: whoever moves says so, and nobody asks the rest.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator

from playbooks_ipython.snapshot.units import Parked


class Crowd:
    """Things that are parked, by a key, as long as somebody else has them.

    `is_followed`: whoever stores them knows all that happened before `follow` was called last.
    """

    def __init__(self) -> None:
        self.is_followed = False
        self._members: dict[int, weakref.ref[Parked]] = {}
        self._come: list[weakref.ref[Parked]] = []
        self._gone: list[int] = []
        self._moved: dict[int, Parked] = {}

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Parked]:
        return _alive(list(self._members.values()))

    def add(self, key: int, thing: Parked) -> None:
        members = self._members
        members[key] = weakref.ref(thing, lambda _: members.pop(key, None))
        if self.is_followed:
            self._come.append(members[key])

    def remove(self, key: int) -> None:
        """One of them is to be looked at whole from now on."""
        reference = self._members.pop(key, None)
        if self.is_followed and reference is not None and (thing := reference()) is not None:
            self._gone.append(id(thing))

    def note_moved(self, key: int, thing: Parked) -> None:
        """Its counter was changed. It lives until it is stored, so that its id is its own."""
        if self.is_followed and key in self._members:
            self._moved[id(thing)] = thing

    def moved(self) -> list[Parked]:
        """Those that came or moved since `follow`."""
        return [*_alive(self._come), *self._moved.values()]

    def gone(self) -> Iterable[int]:
        """The ids of those that were removed since `follow`."""
        return self._gone

    def follow(self) -> None:
        """All that happened until now is known."""
        self.leave()
        self.is_followed = True

    def leave(self) -> None:
        """Nobody wants to know what happens."""
        self.is_followed = False
        self._come.clear()
        self._gone.clear()
        self._moved.clear()


def _alive(references: Iterable[weakref.ref[Parked]]) -> Iterator[Parked]:
    return (thing for one in references if (thing := one()) is not None)
