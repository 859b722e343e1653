"""Parking: which things are stored apart, their units, and what the main stream must hold for them.

Units are kept from one encoding to the next: of a thing that was not stepped since, only the
counter is looked at. What units refer to and stands still as well has a unit of its own, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from operator import attrgetter, ne
from sys import getrefcount
from typing import Any

from playbooks_ipython.snapshot.units import EXPORTS, Memo, Parked, Still, Unit, is_parked

Make = Callable[[Any], "Unit | None"]
"""Makes the unit of a thing; None if it cannot be stored apart now."""
MakeFrame = Callable[[Any, Any], "Unit | None"]
"""Makes that of a frame of a thing."""
_LONGEST, _BLOCK = 6, 16
_NEVER = -1
_SWEEP = 16
# Where it is asked for them: two lists of the callers, the loop's variable, and an argument. One
# that is let go although somebody has it is in the main stream, and parked again at the next time.
_ASKED = 4
_steps_of, _thing_of, _seen_of = map(attrgetter, ("steps", "thing", "seen"))


@dataclass(slots=True, eq=False)
class _Place:
    """The place of one thing: its number, its unit if it has one, how many units refer to it.

    `tries` and `at`: how often it could not be stored apart since it was stepped last, and at which
    encoding that is tried again; who looks at it in passing may have had a part of it.
    """

    thing: Any
    number: int
    is_here: bool = True
    unit: Unit | None = None
    users: int = 0
    tries: int = 0
    at: int = 0
    frames: tuple[int, ...] = ()
    is_frame: bool = False
    apart: _Place | None = None
    """That of its frame, which is stored apart from it: others have it, too."""
    seen: Any = None
    """How something still looked when it was stored."""


@dataclass(slots=True, eq=False)
class _Export:
    """Something that units refer to, and that is in the main stream therefore."""

    one: Any
    number: int
    users: int = 0


class Parking:
    """All that is parked. `first`: the number of the main stream's first memo entry after `base`.

    Every number stands for a memo entry in the main stream, so that none has to be listed there:
    what comes after them is numbered alike when it is read, whatever things there are by then.
    """

    def __init__(self, base: Memo, first: int, still: Still | None = None) -> None:
        self.memo: Memo = dict(base)
        self.units: list[bytes | None] = []
        self.frames: dict[int, Any] = {}
        """The things whose frames are stored apart, by the frames' ids."""
        self._first, self._stands, self._still = first, list[Any](), still
        self._free: list[int] = []
        self._places: dict[int, _Place] = {}
        self._numbered: dict[int, _Place | _Export] = {}
        self._exports: dict[int, _Export] = {}
        self._sources: dict[str, tuple[str, int]] = {}
        self._things: list[Parked] = []
        self._steps: list[int | None] = []
        self._whole: dict[int, _Place] = {}
        self._still_places: dict[int, _Place] = {}
        self._encodings, self._next_export = 0, EXPORTS

    @property
    def counted(self) -> dict[int, _Export]:
        """What is exported, by id: to each there is one reference from here."""
        return self._exports

    @property
    def sources(self) -> dict[str, str]:
        return {key: text for key, (text, _) in self._sources.items()}

    def update(self, things: list[Parked], make: Make, make_frame: MakeFrame) -> None:
        """Let exactly these be here, and make the units of those that were stepped since.

        Those that are done and that nobody else has any more are let go.

        Cost: two looks, in C, at each that was not, as long as they come in the same order; for the
        others what they own.
        """
        self._encodings += 1
        if self._encodings % _SWEEP == 0:
            things = self._without_left_over(things)
        steps = list(map(_steps_of, things))
        if things == self._things:
            moved = list(compress(things, map(ne, steps, self._steps)))
        else:
            moved = self._come_and_go(things, steps)
        for thing in moved:
            place = self._places.get(id(thing)) or self._enter(thing)
            self._unseal(place)
            place.is_here, place.tries, place.at = True, 0, self._encodings
        self._things, self._steps = things, steps
        self._seal_all(make, make_frame)
        if self._still is not None:
            self._update_still(self._still, make)
        self._prune()

    def _seal_all(self, make: Make, make_frame: MakeFrame) -> None:
        for place in list(self._whole.values()):
            if not place.is_here or place.at > self._encodings or place.thing.steps is None:
                continue
            if place.apart is not None:
                unit = make_frame(place.thing, place.apart.thing)
                if unit is None:
                    self._try_later(place)
                    continue
                self._seal(place.apart, unit)
            self._seal(place, make(place.thing))

    def _without_left_over(self, things: list[Parked]) -> list[Parked]:
        left = {id(t) for t in things if getrefcount(t) <= self._references_to(t) and t.done()}
        return [one for one in things if id(one) not in left] if left else things

    def _references_to(self, thing: Parked) -> int:
        """How many references there are to a thing from here, and where it is asked for them."""
        place = self._places.get(id(thing))
        if place is None:
            return 0
        return _ASKED + 2 + (0 if place.unit is None else 2 + len(place.frames))

    def _update_still(self, still: Still, make: Make) -> None:
        """Make the units of what stands still and others refer to, where it looks as it did not.

        Cost: a look at each.
        """
        for place in [one for one in self._still_places.values() if not one.users]:
            self._unseal(place)
            del self._still_places[id(place.thing)]
        places = list(self._still_places.values())
        looks = list(map(still.look, map(_thing_of, places)))
        changed = map(ne, looks, map(_seen_of, places))
        for place, seen in compress(zip(places, looks, strict=True), changed):
            self._unseal(place)
            if still.is_one(place.thing):
                place.seen = seen
                self._seal(place, make(place.thing))

    def _come_and_go(self, things: Sequence[Parked], steps: list[int | None]) -> list[Parked]:
        """Take note of who is here now. Returns those that are new or were stepped."""
        here = set(map(id, things))
        before = dict(zip(map(id, self._things), self._steps, strict=True))
        for key in before.keys() - here:
            self._places[key].is_here = False
            self._unseal(self._places[key])
        known = map(before.get, map(id, things), repeat(_NEVER))
        return list(compress(things, map(ne, steps, known)))

    def held(self) -> tuple[dict[int, Any], list[Any]]:
        """Return what the main stream must hold: what units refer to, by number, and the things
        that are parked and have none."""
        whole = self._whole.values()
        exports = {export.number: export.one for export in self._exports.values()}
        exports |= {-1 - place.number: place.thing for place in whole if place.users}
        return exports, [place.thing for place in whole if place.is_here]

    def number_of(self, one: Any) -> int:
        """Return the number under which units refer to an object."""
        place = self._places.get(id(one))
        if place is not None:
            return -1 - place.number
        if self._still is not None and self._still.is_one(one):
            place = self._still_places[id(one)] = self._enter(one)
            place.is_here = False
            return -1 - place.number
        export = self._exports.get(id(one))
        if export is None:
            export = self._exports[id(one)] = _Export(one, self._next_export)
            self._numbered[export.number] = export
            self._next_export += 1
        return export.number

    def meet(self, things: Iterable[Any], make: Make, make_frame: MakeFrame) -> None:
        """What the main stream holds leads to frames of these: store them apart, too, or let both
        be in the main stream where that cannot be done."""
        for thing in things:
            place = self._places[id(thing)]
            self._unseal(place)
            frames = tuple(thing.frames())
            if place.apart is None:
                place.apart = self._enter(frames[0])
                place.apart.is_here, place.apart.is_frame = False, True
        self._seal_all(make, make_frame)

    def is_apart(self, frame: object) -> bool:
        """Tell whether a frame is stored apart from its thing."""
        place = self._places.get(id(frame))
        return place is not None and place.unit is not None

    def forget(self) -> None:
        """Make all units anew at the next encoding: how they were made holds no more."""
        for place in self._places.values():
            self._unseal(place)
            place.tries = place.at = 0

    def _enter(self, thing: Parked) -> _Place:
        if not self._free:
            self._grow()
        number = self._free.pop()
        place = self._places[id(thing)] = _Place(thing, number)
        self._whole[id(thing)] = self._numbered[-1 - number] = place
        return place

    def _grow(self) -> None:
        """Make a quarter more numbers, in whole pages of the index; it is made anew with each."""
        count = len(self.units)
        for number in range(count, count + _BLOCK * max(count // (4 * _BLOCK), 1)):
            self.units.append(None)
            self._stands.append(None)
            self._stand_for(number, object())
            self._free.append(number)

    def _stand_for(self, number: int, one: object) -> None:
        """Let a number stand for a thing, or for something that is in no graph."""
        self.memo.pop(id(self._stands[number]), None)
        self.memo[id(one)] = self._first + number, one
        self._stands[number] = one

    def _seal(self, place: _Place, unit: Unit | None) -> None:
        if unit is None:
            self._try_later(place)
            return
        if is_parked(place.thing) and place.apart is None:
            place.frames = tuple(map(id, place.thing.frames()))
            self.frames.update(dict.fromkeys(place.frames, place.thing))
        place.unit, self.units[place.number] = unit, unit.data
        self._stand_for(place.number, place.thing)
        del self._whole[id(place.thing)]
        self._use(unit, 1)

    def _unseal(self, place: _Place) -> None:
        if place.apart is not None:
            self._unseal(place.apart)
        if place.unit is None:
            return
        self._use(place.unit, -1)
        for frame in place.frames:
            del self.frames[frame]
        place.frames = ()
        place.unit = self.units[place.number] = None
        self._stand_for(place.number, object())
        self._whole[id(place.thing)] = place

    def _try_later(self, place: _Place) -> None:
        place.tries += 1
        place.at = self._encodings + (1 << min(place.tries, _LONGEST)) - 1

    def _use(self, unit: Unit, count: int) -> None:
        for number in unit.needs:
            self._numbered[number].users += count
        for name, text in unit.sources.items():
            _, users = self._sources.get(name, (text, 0))
            self._sources[name] = text, users + count
            if not users + count:
                del self._sources[name]

    def _prune(self) -> None:
        """Let go of what no unit refers to any more."""
        for key in [key for key, export in self._exports.items() if not export.users]:
            del self._numbered[self._exports.pop(key).number]
        for key, place in list(self._whole.items()):
            if not (place.users or place.is_here or place.is_frame):
                if place.apart is not None:
                    place.apart.is_frame = False
                del self._whole[key], self._places[key], self._numbered[-1 - place.number]
                self._free.append(place.number)
