"""Exclusive: what one parked thing alone leads to, as reference counts prove it. Writes nothing.

An object is owned if every reference to it comes from something owned. Nobody else has it, so only
code of the thing itself can change it or hand it out; whatever a count does not explain is taken
to be shared. That errs on one side only: references that the garbage collector cannot see, of C
code and of threads, are in the count and never in the explanation. So are cycles: what is held by
itself as well is shared with the rest of the graph, which keeps it right.
"""

from __future__ import annotations

import copyreg
import dataclasses
import datetime
import decimal
import functools
import gc
import sys
import types
from collections import deque
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import getweakrefcount

from playbooks_ipython.snapshot import steps

# Of these nobody can tell two equal ones apart, so each unit may have its own.
_ATOMS = frozenset({type(None), bool, int, float, complex, type(...), type(NotImplemented)})
_TEXTS = frozenset({str, bytes})
_LONG = 128
"""Longer texts count as objects: a thousand things that share one text must not store it each."""

_SUSPENDED = {
    types.CoroutineType: "cr",
    types.GeneratorType: "gi",
    types.AsyncGeneratorType: "ag",
}
# What they are reduced to depends on nothing but what they refer to.
_OWNABLE = frozenset(
    {
        *(list, dict, set, frozenset, tuple, bytearray, str, bytes, deque, range, slice),
        *(types.CellType, types.FunctionType, types.MethodType, types.FrameType),
        *(types.BuiltinMethodType, types.MethodWrapperType),
        *(functools.partial, decimal.Decimal),
        *(datetime.date, datetime.datetime, datetime.time, datetime.timedelta),
        *(type(iter([])), type(iter(())), type(iter(range(0))), type(iter(""))),
        *(enumerate, zip, type(reversed([])), *steps.KINDS),
    }
)
_LISTS = frozenset({list, tuple})
_HEAP = 1 << 9
_MOST = 5_000


class Timed(Protocol):
    """Knows things that the loop refers to as well as frames do, and that stop who owns them."""

    kinds: frozenset[type]
    shared: tuple[object, ...]
    """What they are stored with, and is there as long as the process."""

    def holders_of(self, obj: Any) -> Iterable[object]:
        """What refers to one for the loop, and steps its owner when it changes anything in it."""
        ...

    def is_own(self, obj: Any, owner: object) -> bool: ...


@dataclass(slots=True)
class Reach:
    """What a parked thing owns, and what else it refers to, both by id and in the order met."""

    own: dict[int, Any] = field(default_factory=dict)
    foreign: dict[int, Any] = field(default_factory=dict)


def find_reach(
    known: Iterable[object],
    frames: Iterable[Any],
    holders: Iterable[object],
    counted: Container[int],
    may_own: Callable[[Any], bool],
    timed: Timed | None = None,
) -> Reach | None:
    """Return what a thing that is parked owns through its frames; None if somebody can see into
    them.

    Args:
        known: the thing, and what else it is stored as. Others may have it, and it may tell them
            what it refers to: nothing of that is owned.
        frames: its coroutines and generators. That others have these as well changes nothing in
            them, as long as the thing alone steps them.
        holders: refer to frame objects as well, and give them to nobody.
        counted: ids of objects to which the caller has one reference each.
        may_own: tells of an object that nobody else has whether it can be owned.
        timed: knows what the loop has as well.
    Cost: O(objects owned and referred to); a thing that owns thousands counts as one that does not.
    """
    walk = _Walk(counted, may_own, timed)
    for frame in frames:
        walk.own(frame)
    for holder in holders:
        walk.count(holder)
    for one in known:
        walk.note(one)
    while walk.ready and len(walk.reach.own) < _MOST:
        walk.count(walk.reach.own[walk.ready.pop()])
    return walk.reach if not walk.ready and _are_closed(walk.reach) else None


def frames_of(thing: object) -> list[Any]:
    """Return the coroutines and generators that a thing has."""
    found = gc.get_referents(thing, *_attributes(thing))
    return [one for one in found if type(one) in _SUSPENDED]


class _Walk:
    """One search. Owned objects become ready to be gone into when the last reference is counted."""

    def __init__(
        self, counted: Container[int], may_own: Callable[[Any], bool], timed: Timed | None
    ) -> None:
        self.reach, self.ready = Reach(), list[int]()
        self._timed, self._callers = timed, list[object]()
        self._counted, self._may_own = counted, may_own
        self._met: dict[int, int] = {}
        self._never: set[int] = set()
        probe = {0: object()}
        self._ours = sys.getrefcount(probe[0])

    def own(self, obj: object) -> None:
        self.reach.own[id(obj)] = obj
        self.ready.append(id(obj))

    def note(self, obj: object) -> None:
        """Note that what an object refers to is shared. Lists that only it has were made to store
        it: of these, what they hold."""
        waiting = [obj, *_attributes(obj)]
        while waiting:
            keys = self._meet(waiting.pop())
            self._never.update(keys)
            waiting += [self.reach.foreign.pop(key) for key in keys if self._is_made(key)]

    def _is_made(self, key: int) -> bool:
        met = self.reach.foreign
        if key not in met or type(met[key]) not in _LISTS:
            return False
        return sys.getrefcount(met[key]) - self._ours == 1

    def count(self, obj: object) -> None:
        """Count the references that an object has to others."""
        keys = self._meet(obj)
        # From 3.13 on an instance may keep its values to itself and not show their dictionary.
        self.reach.own.update((id(one), one) for one in _attributes(obj) if id(one) not in keys)
        for key in keys:
            self._met[key] = self._met.get(key, 0) + 1
        for key in dict.fromkeys(keys):
            if self._is_explained(key) and self._may_own(self.reach.foreign[key]):
                self.own(self.reach.foreign.pop(key))
        while self._callers:
            self.count(self._callers.pop())

    def _meet(self, obj: object) -> list[int]:
        """Note what an object refers to. A method, so that nothing here holds any of it after."""
        found = gc.get_referents(obj)
        kinds = set(map(type, found))
        if kinds <= _ATOMS:
            return []
        own = self.reach.own
        if self._timed and not kinds.isdisjoint(self._timed.kinds):
            self._meet_timed(self._timed, found)
        found = [one for one in found if id(one) not in own and not _is_atom(one)]
        keys = list(map(id, found))
        self.reach.foreign.update(zip(keys, found, strict=True))
        return keys

    def _meet_timed(self, timed: Timed, found: list[object]) -> None:
        for one in found:
            if type(one) in timed.kinds and id(one) not in self.reach.foreign:
                self._callers += timed.holders_of(one)

    def _is_explained(self, key: int) -> bool:
        if key in self._never:
            return False
        counted = key in self._counted
        references = sys.getrefcount(self.reach.foreign[key]) - self._ours - counted
        return self._met[key] == references


def _attributes(obj: object) -> list[object]:
    """Return the dictionary of attributes of an instance; made now if none was asked for before,
    as it is when the instance is stored."""
    if not type(obj).__flags__ & _HEAP:
        return []
    try:
        return [object.__getattribute__(obj, "__dict__")]
    except (AttributeError, TypeError):
        return []


def _is_atom(one: Any) -> bool:
    kind = type(one)
    return kind in _ATOMS or (kind in _TEXTS and len(one) < _LONG)


def _are_closed(reach: Reach) -> bool:
    """Tell whether nobody else has the frame object of an owned frame, which shows its variables.

    One that nobody had asked for until now is made here, and is nobody else's.
    """
    for one in reach.own.values():
        prefix = _SUSPENDED.get(type(one))
        if prefix and id(getattr(one, f"{prefix}_frame")) in reach.foreign:
            return False
    return True


def is_ownable(obj: Any) -> bool:
    """Tell whether what an object is stored as depends on nothing but what it refers to.

    So it is for plain containers, suspended frames, functions, and instances of classes in Python
    that leave to Python how they are stored. Nothing that a weak reference leads to is.
    """
    kind = type(obj)
    if getweakrefcount(obj):
        return False
    prefix = _SUSPENDED.get(kind)
    if prefix is not None:
        return not getattr(obj, f"{prefix}_running")
    return kind in _OWNABLE or (_is_plain(kind) and not _shows_attributes(obj))


def _shows_attributes(obj: object) -> bool:
    """Tell whether somebody has the dictionary of an instance, and not the instance."""
    return _references_to_attributes(obj) > _ONLY_ITS_OWN


def _references_to_attributes(obj: object) -> int:
    return max(map(sys.getrefcount, _attributes(obj)), default=0)


class _Probe:
    """An instance that nobody has the dictionary of."""


_ONLY_ITS_OWN = _references_to_attributes(_Probe())


def is_built_in(kind: type) -> bool:
    """Tell whether objects of an ownable type are stored in a way that no reducer changes."""
    return kind in _OWNABLE or kind in _SUSPENDED


def _is_plain(kind: type) -> bool:
    classes = kind.__mro__[:-1]
    if kind in copyreg.dispatch_table or not all(one.__flags__ & _HEAP for one in classes):
        return False
    said = [vars(one).get(name) for one in classes for name in _REDUCING]
    return all(one is None or one is _FIELDS for one in said)


# What a frozen dataclass with slots is stored as: its fields.
_FIELDS: Any = getattr(dataclasses, "_dataclass_getstate", None)
_REDUCING = (
    *("__reduce_ex__", "__reduce__", "__getstate__", "__getattribute__"),
    *("__getnewargs__", "__getnewargs_ex__"),
)
