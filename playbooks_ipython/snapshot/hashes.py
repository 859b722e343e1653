"""Hashes: objects that keep their own hash, as keys of caches do.

A hash is another number in another process, of texts as of what is compared by identity: stored as
a number the key would never be found again, and what it was the key of would be computed once more.
"""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterator, Mapping
from typing import Any


def keeps_hash(cls: type) -> bool:
    """Tell whether instances may keep their hash: `__hash__` is code that reads an attribute."""
    function = next((vars(c)["__hash__"] for c in cls.__mro__ if "__hash__" in vars(c)), None)
    if type(function) is not types.FunctionType:  # a mock has all that it is asked for
        return False
    if function.__code__.co_filename.startswith("<string") or not function.__code__.co_names:
        return False
    own = ("__reduce__", "__reduce_ex__", "__getstate__")
    return "__setstate__" not in dir(cls) and all(
        getattr(cls, name) is getattr(object, name) for name in own
    )


def set_hashed(obj: Any, kept: tuple[Any, str, str]) -> None:
    """Set attributes as pickle does, and the hash to what it is here."""
    state, name, of = kept
    own, slots = state if type(state) is tuple else (state, None)
    if own:
        obj.__dict__.update(own)
    for key, value in (slots or {}).items():
        object.__setattr__(obj, key, value)
    with contextlib.suppress(Exception):  # of what cannot be hashed it keeps the number
        object.__setattr__(obj, name, hash(_part(obj, _attributes(state), of)))


def hash_in(obj: Any, state: Any) -> tuple[str, str] | None:
    """Return the attribute that holds the hash, and of what it is one; None if none does."""
    attributes = _attributes(state)
    names = type(obj).__hash__.__code__.co_names
    numbers = {name: attributes[name] for name in names if type(attributes.get(name)) is int}
    for name, number in numbers.items():
        for of in _hashed(obj, attributes, name):
            with contextlib.suppress(Exception):  # code of the user's
                if hash(_part(obj, attributes, of)) == number:
                    return name, of
    return None


def _hashed(obj: Any, attributes: Mapping[str, Any], name: str) -> Iterator[str]:
    yield from (one for one in attributes if one != name)
    if isinstance(obj, list | tuple):
        yield ""


def _part(obj: Any, attributes: Mapping[str, Any], of: str) -> Any:
    """An attribute of the object, or, as "", its items."""
    return attributes[of] if of else tuple(obj)


def _attributes(state: Any) -> dict[str, Any]:
    parts = state if type(state) is tuple else (state,)
    return {name: value for part in parts if part for name, value in part.items()}
