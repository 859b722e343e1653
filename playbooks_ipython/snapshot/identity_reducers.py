"""Identity reducers: what is found by what it is: markers of modules, members of enumerations, and
keys that keep their own hash."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from playbooks_ipython.snapshot.hashes import hash_in, keeps_hash
from playbooks_ipython.snapshot.markers import has_markers, place_of
from playbooks_ipython.snapshot.references import leads_to
from playbooks_ipython.snapshot.seeds import SEED

if TYPE_CHECKING:
    from playbooks_ipython.snapshot.writing import Writing


def reduce_marker(writing: Writing, obj: object) -> Any:
    place = place_of(obj, writing.namespace)
    return NotImplemented if place is None else (SEED["marker"], place)


def reduce_member(writing: Writing, member: enum.Enum) -> Any:
    """By name: a value that is compared by identity leads to no member in another process."""
    cls = type(member)
    name = f"{cls.__qualname__}.{member._name_}"
    if leads_to(member, cls.__module__, name, writing.namespace):
        return SEED["lookup"], (cls.__module__, name)
    return NotImplemented


def reduce_hashed(writing: Writing, obj: Any) -> Any:
    try:
        make, args, state, items, pairs = (*obj.__reduce_ex__(4), None, None)[:5]
    except Exception as error:  # noqa: BLE001 # whatever the object says
        return writing.refuse(obj, error)
    found = hash_in(obj, state)
    if found is None:
        return NotImplemented
    return make, args, (state, *found), items, pairs, SEED["set_hashed"]


IDENTITY_REDUCERS: dict[type, Callable[[Writing, Any], Any]] = {object: reduce_marker}


def identity_reducer_for(cls: type) -> Callable[[Writing, Any], Any] | None:
    """Return the reducer for instances of a class that are found by what they are."""
    if issubclass(cls, enum.Enum):
        return reduce_member
    if keeps_hash(cls):
        return reduce_hashed
    return reduce_marker if has_markers(cls) else None
