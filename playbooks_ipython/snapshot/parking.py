"""Parking: which things are stored apart, and what the main stream must hold for them.

Units are kept from one encoding to the next: of a thing that was not stepped since, only the
counter is looked at. What units refer to and stands still as well has a unit of its own, too.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Container, Iterable
from typing import Any

from playbooks_ipython.snapshot.constants import TEXTS, Ending, Lists
from playbooks_ipython.snapshot.crowd import Crowd
from playbooks_ipython.snapshot.places import Export, Place, Places
from playbooks_ipython.snapshot.stills import Still, Stills
from playbooks_ipython.snapshot.units import Memo, Parked, Unit, text_unit

Make = Callable[[Any], "Unit | None"]
"""Makes the unit of a thing; None if it cannot be stored apart now."""
MakeFrame = Callable[[Any, Any], "Unit | None"]
"""Makes that of a frame of a thing."""
_SWEEP = 16
_KNOWN_BY = 3
"""Weak references to a task that nobody has: its crowd's, its context's, and asyncio's. With more
of them somebody may come back to it."""


class Parking:
    """All that is parked. `first`: the number of the main stream's first memo entry after `base`.

    Args:
        make: of a thing; `make_frame`: of its frame, where that is to be apart from it.
    """

    def __init__(
        self, base: Memo, first: int, still: Still | None, make: Make, make_frame: MakeFrame
    ) -> None:
        self.places = Places(base, first)
        self._stills = None if still is None else Stills(still)
        self._lists = Lists()
        self._ended: dict[int, Place] = {}
        """The places of what is done, by their things' ids; `_fresh`: of those the newest."""
        self._fresh: list[Place] = []
        self._left: list[weakref.ref[Parked]] = []
        self._make, self._make_frame = make, make_frame

    @property
    def known(self) -> Container[int]:
        """The ids of what has a place."""
        return self.places.by_id

    @property
    def counted(self) -> Container[int]:
        """The ids of what is exported: to each there is one reference from here."""
        return self.places.exports

    def update(self, things: Iterable[Parked]) -> None:
        """Let exactly these be here, and make the units of those that were stepped since.

        Those that are done and that nobody else has any more are let go.

        Cost: that of what they own, for those that were stepped; nothing for the others of a crowd.
        """
        self.places.encodings += 1
        self._take(things)
        self._open_ended()
        self._close_soon()
        if self.places.encodings % _SWEEP == 0:
            self._let_go()
        self._seal_all()
        self._update_stills()
        self._prune()

    def held(self) -> tuple[dict[int, Any], list[Any]]:
        """Return what the main stream must hold: what units refer to, by number, and the things
        that are parked and have none."""
        whole = self.places.whole.values()
        return self.places.held(), [place.thing for place in whole if place.is_here]

    def number_of(self, one: Any) -> int:
        """Return the number under which units refer to an object."""
        place = self.places.by_id.get(id(one))
        if place is None:
            place = self._entered(one)
        return self.places.export(one) if place is None else -1 - place.number

    def meet(self, things: Iterable[Any]) -> None:
        """What the main stream holds leads to frames of these: store them apart, too, or let both
        be in the main stream where that cannot be done."""
        for thing in things:
            place = self.places.by_id[id(thing)]
            self.places.unseal(place)
            frames = tuple(thing.frames())
            if place.apart is None:
                place.apart = self.places.enter(frames[0])
                place.apart.is_frame = True
        self._seal_all()

    def keep(self, lists: Iterable[tuple[list[Any], Ending]]) -> None:
        """Store lists apart that never change. `Ending` goes through one at its end."""
        for items, ending in lists:
            if id(items) not in self.places.by_id:
                place = self.places.enter(items)
                place.is_constant = True
                self._lists.add(items, ending)
                self.places.seal(place, self._make(items))

    def is_apart(self, frame: object) -> bool:
        """Tell whether a frame is stored apart from its thing."""
        place = self.places.by_id.get(id(frame))
        return place is not None and place.unit is not None

    def is_closed(self, thing: object) -> bool:
        """Tell whether nobody can ask a thing that is done what it gave."""
        place = self.places.by_id.get(id(thing))
        return place is not None and place.is_closed

    def forget(self) -> None:
        """Make all units anew at the next encoding: how frames are stored is not as it was."""
        for place in self.places.by_id.values():
            if not (place.is_still or place.is_constant):
                self.places.unseal(place)
                place.tries = place.at = 0

    # -- who is here

    def _take(self, things: Iterable[Parked]) -> None:
        """Take note of who is here now, and who was stepped."""
        if isinstance(things, Crowd) and things.is_followed:
            moved = things.moved()
        else:
            moved = self._come_and_go(list(things))
        for thing in moved:
            place = self.places.by_id.get(id(thing)) or self.places.enter(thing)
            self.places.unseal(place)
            place.is_here, place.is_closed = True, False
            place.steps, place.tries, place.at = thing.steps, 0, self.places.encodings
        if isinstance(things, Crowd):
            for key in things.gone():
                self._leave(key)
            things.follow()

    def _come_and_go(self, things: list[Parked]) -> list[Parked]:
        """Let others than these leave. Returns those that are new or were stepped."""
        here = set(map(id, things))
        known = self.places.by_id
        for key in [key for key, p in known.items() if p.is_here and key not in here]:
            self._leave(key)
        return [
            thing
            for thing, place in zip(things, map(known.get, map(id, things)), strict=True)
            if place is None or not place.is_here or place.steps != thing.steps
        ]

    def _leave(self, key: int) -> None:
        place = self.places.by_id.get(key)
        if place is not None and place.is_here:
            place.is_here = False
            self._ended.pop(key, None)
            self.places.unseal(place)

    def _let_go(self) -> None:
        """Let those go that are done and that only this has. One that somebody has nevertheless is
        in the main stream, and parked again when it moves. Close those that stand in lists alone.
        """
        for thing in filter(None, (reference() for reference in self._left)):
            place = self.places.by_id.get(id(thing)) or self.places.enter(thing)
            place.is_here = True
        self._left.clear()
        for key, place in list(self._ended.items()):
            if not place.is_closed and place.is_only_ours():
                self._leave(key)
            elif place.is_closed != self._may_close(place):
                self.places.unseal(place)
                place.at = self.places.encodings

    def _close_soon(self) -> None:
        """Close what ended just now: who waited for it may have it for another round of the loop,
        and what it gave is encoded at each mark until then."""
        fresh, self._fresh = self._fresh, []
        for place in fresh:
            if place.is_here and self._may_close(place):
                self.places.unseal(place)
            elif place.is_here and self.places.encodings < place.at + _SWEEP:
                self._fresh.append(place)

    def _may_close(self, place: Place) -> bool:
        """Tell whether a thing that is done stands in lists alone."""
        times = self._lists.times(place.thing)
        if not times or weakref.getweakrefcount(place.thing) > _KNOWN_BY:
            return False
        return place.is_only_ours(times) or place.is_only_ours(times + place.thing.listening)

    def _open_ended(self) -> None:
        """What was closed goes with its list, mostly; what does not is parked again later."""
        for items in self._lists.take_ended():
            place = self.places.by_id[id(items)]
            place.is_constant = False
            self.places.unseal(place)
            for one in map(self.places.by_id.get, map(id, items)):
                if one is not None and one.is_closed:
                    self._leave(id(one.thing))
                    one.is_closed = False
                    self._left.append(weakref.ref(one.thing))

    # -- their units

    def _seal_all(self) -> None:
        for place in list(self.places.whole.values()):
            is_due = place.is_here and place.at <= self.places.encodings
            if not is_due or place.thing.steps is None:
                continue
            if place.thing.done():
                self._ended[id(place.thing)] = place
                place.is_closed = self._may_close(place)
                if not place.is_closed and self._lists.times(place.thing):
                    self._fresh.append(place)
            if place.apart is not None:
                unit = self._make_frame(place.thing, place.apart.thing)
                if unit is None:
                    self.places.seal(place, None)
                    continue
                self.places.seal(place.apart, unit)
            self.places.seal(place, self._make(place.thing))

    def _entered(self, one: Any) -> Place | None:
        """Give a place to what stands still, or never changes."""
        if type(one) in TEXTS:
            place = self.places.enter(one)
            place.is_constant = True
            self.places.seal(place, text_unit(one))
        elif self._stills is not None and self._stills.is_one(one):
            place = self.places.enter(one)
            place.is_still = True
            self._stills.add(one)
        else:
            return None
        self.places.unused.add(-1 - place.number)
        return place

    def _update_stills(self) -> None:
        """Make the units of what stands still and others refer to, where it looks as it did not."""
        if self._stills is None:
            return
        for thing in self._stills.changed():
            place = self.places.by_id[id(thing)]
            self.places.unseal(place)
            if self._stills.is_one(thing):
                self.places.seal(place, self._make(thing))

    def _prune(self) -> None:
        """Let go of what no unit refers to any more."""
        for one in self.places.take_unused():
            if isinstance(one, Export):
                self.places.drop_export(one)
            elif one.is_still and self._stills is not None:
                self._stills.remove(one.thing)
                one.is_still = False
                self.places.unseal(one)
            elif one.is_constant and type(one.thing) is not list:
                one.is_constant = False
                self.places.unseal(one)
        for place in list(self.places.whole.values()):
            if not (place.users or place.is_here or place.is_frame or place.is_constant):
                self.places.drop(place)
