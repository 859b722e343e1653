"""Sealing: one parked thing made into a unit, or left to the main stream where that is not safe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playbooks_ipython.snapshot.constants import fill_list
from playbooks_ipython.snapshot.exclusive import (
    Reach,
    Timed,
    find_reach,
    is_built_in,
    is_ownable,
)
from playbooks_ipython.snapshot.parking import Parking
from playbooks_ipython.snapshot.units import Parked, Unit, UnitWriter, is_parked, join_unit
from playbooks_ipython.snapshot.writing import Writing

Parts = tuple[tuple[Any, ...], Any]
"""What makes a thing, and its state."""
_PARTS = 6
_PLAIN = (type(None), bool, int, float, str, bytes)


def make_frame_unit(
    thing: Parked, frame: Any, writing: Writing, writer: UnitWriter, parking: Parking
) -> Unit | None:
    """Return the unit of a frame of a thing that others have, too, so that it is apart from it.

    None where it cannot be made before what it refers to: it shares variables with a closure.
    """
    try:
        reach = find_reach((), (frame,), thing.holders(), parking.counted, _judge(writing))
        parts = None if reach is None else _parts_of(writing, frame)
        return (
            None
            if reach is None or parts is None
            else _write(parts, reach, writing, writer, parking)
        )
    except Exception:  # noqa: BLE001 # as below
        return None


def make_unit(
    thing: Any,
    writing: Writing,
    writer: UnitWriter,
    parking: Parking,
    timed: Timed | None = None,
) -> Unit | None:
    """Return the unit of a thing; None where it is not sure that it can be stored apart.

    So it is where somebody can see into its frames, where anything in it cannot be stored (the main
    stream says so), and where it has large buffers, which are compared by content and not by time.
    """

    try:
        parts = _parts_of(writing, thing)
        if parts is None:
            return None
        frames, holders = (thing.frames(), thing.holders()) if is_parked(thing) else ((), ())
        frames = [one for one in frames if not parking.is_apart(one)]
        known: tuple[Any, ...] = (thing, parts[1])
        if parking.is_closed(thing):
            known, holders = (), (*holders, *known)
        judge = _judge(writing, timed, thing)
        reach = find_reach(known, frames, holders, parking.counted, judge, timed)
        return None if reach is None else _write(parts, reach, writing, writer, parking)
    except Exception:  # noqa: BLE001 # reducing runs foreign code: the main stream finds who failed
        return None


def _judge(
    writing: Writing, timed: Timed | None = None, owner: object = None
) -> Callable[[Any], bool]:
    def may_own(obj: Any) -> bool:
        if timed is not None and type(obj) in timed.kinds:
            return timed.is_own(obj, owner)
        return is_ownable(obj) and (is_built_in(type(obj)) or not writing.has_reducer(obj))

    return may_own


def _write(
    parts: Parts, reach: Reach, writing: Writing, writer: UnitWriter, parking: Parking
) -> Unit | None:
    shell, state = parts
    found = writer.write(state, reach, writing.write_part, parking.number_of)
    if found is None or writing.refused or writing.buffers:
        return None
    stream, needs = found
    return Unit(join_unit(shell, stream), needs, writing.sources)


def _parts_of(writing: Writing, thing: Any) -> Parts | None:
    """Take a thing apart: what makes it without its state, and its state; None if it is whole."""
    if type(thing) is list:
        return (list, (), fill_list), tuple(thing)
    reduced = writing.reduce(thing)
    if reduced is NotImplemented:
        reduced = thing.__reduce_ex__(5)
    if not isinstance(reduced, tuple) or len(reduced) != _PARTS or reduced[3:5] != (None, None):
        return None
    make, args, state, _, _, fill = reduced
    return ((make, args, fill), state) if all(map(_is_plain, args)) else None


def _is_plain(arg: Any) -> bool:
    if isinstance(arg, tuple):
        return all(map(_is_plain, arg))
    return isinstance(arg, _PLAIN) or arg == {}
