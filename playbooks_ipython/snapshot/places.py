"""Places: the numbers of what is stored apart, the units, and what they refer to.

Every number stands for a memo entry in the main stream, so that none has to be listed there: what
comes after them is numbered alike when it is read, whatever things there are by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from sys import getrefcount
from typing import Any

from playbooks_ipython.snapshot.units import EXPORTS, Memo, Unit, Units, is_parked

_LONGEST, _BLOCK = 6, 16
_ASKED = 1  # where it is asked for: an argument


@dataclass(slots=True, eq=False)
class Place:
    """The place of one thing: its number, its unit if it has one, how many units refer to it.

    Why it is there: it waits (`is_here`), its thing has a place and others have it (`is_frame`), or
    it stands still. `is_constant`: it never changes. `is_closed`: nobody can ask it what it gave.
    `tries` and `at`: how often it could not be stored apart since it was stepped last, and at which
    encoding that is tried again; who looks at it in passing may have had a part of it.
    """

    thing: Any
    number: int
    is_here: bool = False
    is_frame: bool = False
    is_still: bool = False
    is_constant: bool = False
    is_closed: bool = False
    unit: Unit | None = None
    users: int = 0
    steps: int | None = None
    tries: int = 0
    at: int = 0
    frames: tuple[int, ...] = ()
    apart: Place | None = None
    """That of its frame, which is stored apart from it: others have it, too."""

    def is_only_ours(self, others: int = 0) -> bool:
        """Tell whether there are no references to the thing but those from here, and `others`."""
        ours = 1 + (0 if self.unit is None else 2 + len(self.frames))
        return getrefcount(self.thing) == _ASKED + ours + others


@dataclass(slots=True, eq=False)
class Export:
    """Something that units refer to, and that is in the main stream therefore."""

    one: Any
    number: int
    users: int = 0


class Places:
    """All places and exports. `first`: the number of the first memo entry after `base`."""

    def __init__(self, base: Memo, first: int) -> None:
        self.memo: Memo = dict(base)
        self.units = Units()
        self.frames: dict[int, Any] = {}
        """The things whose frames are stored apart, by the frames' ids."""
        self.by_id: dict[int, Place] = {}
        self.whole: dict[int, Place] = {}
        """Those without a unit."""
        self.exports: dict[int, Export] = {}
        self.unused = set[int]()
        """Numbers of what no unit referred to when it was looked at last."""
        self.encodings = 0
        self._first, self._stands, self._free = first, list[Any](), list[int]()
        self._numbered: dict[int, Place | Export] = {}
        self._sources: dict[str, tuple[str, int]] = {}
        self._next_export = EXPORTS

    @property
    def sources(self) -> dict[str, str]:
        return {key: text for key, (text, _) in self._sources.items()}

    def held(self) -> dict[int, Any]:
        """What units refer to and the main stream must hold therefore, by number."""
        exports = {export.number: export.one for export in self.exports.values()}
        return exports | {-1 - p.number: p.thing for p in self.whole.values() if p.users}

    def enter(self, thing: Any) -> Place:
        if not self._free:
            self._grow()
        number = self._free.pop()
        place = self.by_id[id(thing)] = Place(thing, number)
        self.whole[id(thing)] = self._numbered[-1 - number] = place
        return place

    def export(self, one: Any) -> int:
        """Return the number of what the main stream holds."""
        export = self.exports.get(id(one))
        if export is None:
            export = self.exports[id(one)] = Export(one, self._next_export)
            self._numbered[export.number] = export
            self.unused.add(export.number)
            self._next_export += 1
        return export.number

    def seal(self, place: Place, unit: Unit | None) -> None:
        """Let a place have its unit; None if that could not be made."""
        if unit is None:
            place.tries += 1
            place.at = self.encodings + (1 << min(place.tries, _LONGEST)) - 1
            return
        if is_parked(place.thing) and place.apart is None:
            place.frames = tuple(map(id, place.thing.frames()))
            self.frames.update(dict.fromkeys(place.frames, place.thing))
        place.unit = unit
        self.units.put(place.number, unit.data)
        self._stand_for(place.number, place.thing)
        del self.whole[id(place.thing)]
        self._use(unit, 1)

    def unseal(self, place: Place) -> None:
        if place.apart is not None:
            self.unseal(place.apart)
        if place.unit is None:
            return
        self._use(place.unit, -1)
        for frame in place.frames:
            del self.frames[frame]
        place.frames = ()
        place.unit = None
        self.units.put(place.number, None)
        self._stand_for(place.number, object())
        self.whole[id(place.thing)] = place

    def take_unused(self) -> list[Place | Export]:
        """What no unit refers to any more."""
        found = [self._numbered.get(number) for number in self.unused]
        self.unused.clear()
        return [one for one in found if one is not None and not one.users]

    def drop_export(self, export: Export) -> None:
        del self._numbered[export.number], self.exports[id(export.one)]

    def drop(self, place: Place) -> None:
        """Take away the place of what is whole and that no unit refers to."""
        if place.apart is not None:
            place.apart.is_frame = False
        key = id(place.thing)
        del self.whole[key], self.by_id[key], self._numbered[-1 - place.number]
        self._free.append(place.number)

    def _grow(self) -> None:
        """Make an eighth more numbers, in whole pages of the index; it is made anew with each."""
        count = len(self.units)
        for number in range(count, count + _BLOCK * max(count // (8 * _BLOCK), 1)):
            self.units.append(None)
            self._stands.append(None)
            self._stand_for(number, object())
            self._free.append(number)

    def _stand_for(self, number: int, one: object) -> None:
        """Let a number stand for a thing, or for something that is in no graph."""
        self.memo.pop(id(self._stands[number]), None)
        self.memo[id(one)] = self._first + number, one
        self._stands[number] = one

    def _use(self, unit: Unit, count: int) -> None:
        for number in unit.needs:
            needed = self._numbered[number]
            needed.users += count
            if not needed.users:
                self.unused.add(number)
        for name, text in unit.sources.items():
            _, users = self._sources.get(name, (text, 0))
            self._sources[name] = text, users + count
            if not users + count:
                del self._sources[name]
