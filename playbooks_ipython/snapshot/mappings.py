"""Mappings: dictionaries whose class sets items in its own way, or refuses to set any once they are
made. Their items are put back as a dictionary has them, whatever the class says.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playbooks_ipython.snapshot.writing import Writing


def sets_items_itself(cls: type) -> bool:
    """Tell whether pickle would call code of the class for each item, and nothing of its own says
    how it is stored."""
    if not issubclass(cls, dict) or type(cls.__setitem__) is not FunctionType:
        return False
    return (cls.__reduce_ex__, cls.__reduce__) == (object.__reduce_ex__, object.__reduce__)


def reduce_mapping(writing: Writing, mapping: dict[Any, Any]) -> Any:
    try:
        reduced: Any = mapping.__reduce_ex__(4)
        make, args, state = reduced[:3]
    except Exception as error:  # noqa: BLE001 # whatever the object says
        return writing.refuse(mapping, error)
    return make, args, (state, dict(dict.items(mapping))), None, None, fill_mapping


def fill_mapping(mapping: Any, kept: tuple[Any, dict[Any, Any]]) -> None:
    """Give a mapping its items and its state. Named in stored bytes."""
    state, items = kept
    dict.update(mapping, items)
    if hasattr(mapping, "__setstate__"):
        mapping.__setstate__(state)
        return
    own, slots = state if type(state) is tuple else (state, None)
    if own:
        mapping.__dict__.update(own)
    for key, value in (slots or {}).items():
        object.__setattr__(mapping, key, value)
