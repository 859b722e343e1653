"""Sealing: one parked thing made into a unit, or left to the main stream where that is not safe."""

from __future__ import annotations

from typing import Any

from playbooks_ipython.snapshot.exclusive import find_reach, is_built_in, is_ownable
from playbooks_ipython.snapshot.parking import Parking
from playbooks_ipython.snapshot.units import Unit, UnitWriter, is_parked, join_unit
from playbooks_ipython.snapshot.writing import Writing

_PARTS = 6
_PLAIN = (type(None), bool, int, float, str, bytes)


def make_unit(thing: Any, writing: Writing, writer: UnitWriter, parking: Parking) -> Unit | None:
    """Return the unit of a thing; None where it is not sure that it can be stored apart.

    So it is where somebody can see into its frames, where anything in it cannot be stored (the main
    stream says so), and where it has large buffers, which are compared by content and not by time.
    """

    def may_own(obj: Any) -> bool:
        return is_ownable(obj) and (is_built_in(type(obj)) or not writing.has_reducer(obj))

    try:
        parts = _parts_of(writing, thing)
        if parts is None:
            return None
        shell, state = parts
        frames, holders = (thing.frames(), thing.holders()) if is_parked(thing) else ((), ())
        reach = find_reach((thing, state), frames, holders, parking.counted, may_own)
        if reach is None:
            return None
        found = writer.write(state, reach, writing.write_part, parking.number_of)
        if found is None or writing.refused or writing.buffers:
            return None
        stream, needs = found
        return Unit(join_unit(shell, stream), needs, writing.sources)
    except Exception:  # noqa: BLE001 # reducing runs foreign code: the main stream finds who failed
        return None


def _parts_of(writing: Writing, thing: Any) -> tuple[tuple[Any, ...], Any] | None:
    """Take a thing apart: what makes it without its state, and its state; None if it is whole."""
    reduced = writing.reduce(thing)
    if reduced is NotImplemented:
        reduced = thing.__reduce_ex__(5)
    if not isinstance(reduced, tuple) or len(reduced) != _PARTS or reduced[3:5] != (None, None):
        return None
    make, args, state, _, _, fill = reduced
    if not all(isinstance(arg, _PLAIN) for arg in args):
        return None
    return (make, args, fill), state
