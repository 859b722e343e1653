"""Adoption: a library's generator that has not begun runs as a twin from its first step on."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from types import AsyncGeneratorType, FunctionType, GeneratorType
from typing import Any

from playbooks_ipython.continuation.sites import twin_of
from playbooks_ipython.continuation.unstarted import call, reduce_unstarted

# How many references there are to a generator that was just made, on each way here.
_alone: dict[str, int] = {}


def probe() -> Iterator[None]:
    """A generator that tells, when it comes here, how many references are none of anybody's."""
    yield


def adopt(iterator: Any, way: str) -> Any:
    """Return a twin of a generator that was made and has not begun; anything else as it is.

    One that somebody else holds too stays as it is: the twin would not be what that one steps.
    `way`: by which of the ways that were measured it comes.
    Its own loops adopt in turn, so a chain of generators is gone into as deep as it is new.
    Cost: the first time for a module, the compilation of its text.
    """
    if type(iterator) not in (GeneratorType, AsyncGeneratorType) or twin_of(iterator):
        return iterator
    count = sys.getrefcount(iterator)
    if getattr(iterator, "gi_code", None) is probe.__code__:
        _alone[way] = count
        return iterator
    if count > _alone[way]:
        return iterator
    reduced = reduce_unstarted(iterator)
    if reduced is NotImplemented or reduced[0] is not call:
        return iterator
    _, (function, arguments, keywords) = reduced
    twin = _twin_function(function)
    if twin is None:
        return iterator
    if type(iterator) is GeneratorType:
        iterator.close()  # it was never entered, so nothing of it runs
    return twin(*arguments, **keywords)


def is_held(iterator: Any, way: str) -> bool:
    """Tell whether something is a generator that somebody else holds too."""
    is_generator = type(iterator) in (GeneratorType, AsyncGeneratorType)
    return is_generator and sys.getrefcount(iterator) > _alone[way]


def _twin_function(function: FunctionType) -> FunctionType | None:
    # Compiling stands above the hooks that every compilation carries.
    from playbooks_ipython.continuation.compiling import code_of_twin

    lines = linecache.getlines(function.__code__.co_filename, function.__globals__)
    code = code_of_twin(function, "".join(lines)) if lines else None
    if code is None:
        return None
    twin = FunctionType(
        code, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin
