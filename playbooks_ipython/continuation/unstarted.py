"""Unstarted: a library's coroutine or generator before its first step is a call, not yet made.

After its last step it is nothing but a name.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from dis import opmap
from functools import lru_cache
from types import AsyncGeneratorType, CodeType, CoroutineType, FunctionType, GeneratorType
from typing import Any

_PREFIXES = {CoroutineType: "cr", GeneratorType: "gi", AsyncGeneratorType: "ag"}

# The calls that coroutines were, as read before their first steps. One that has begun meanwhile is
# in flight, and after a restart it is issued again.
_calls: weakref.WeakKeyDictionary[Any, tuple[Any, ...]] = weakref.WeakKeyDictionary()


def reduce_unstarted(obj: Any) -> Any:
    """Reduce what has not begun to its function and arguments, and what has ended to its name.

    NotImplemented for all else. Function and arguments are read off the frame that waits to be
    entered.
    """
    prefix = _PREFIXES.get(type(obj))
    if prefix is None:
        return NotImplemented
    frame = getattr(obj, f"{prefix}_frame")
    if frame is None:
        return ended, (prefix, obj.__name__, obj.__qualname__)
    if frame.f_lasti != _start_of(frame.f_code) or getattr(obj, f"{prefix}_running"):
        return (call, _calls[obj]) if obj in _calls else NotImplemented
    function = _function_of(obj, frame.f_code)
    if function is None:
        return NotImplemented
    made = (function, *_arguments(frame.f_code, dict(frame.f_locals)))
    if prefix == "cr":
        _calls[obj] = made
    return call, made


def call(function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Make the coroutine or generator anew; calling such a function runs none of its code."""
    return function(*arguments, **keywords)


def ended(prefix: str, name: str, qualname: str) -> Any:
    """Make a coroutine or generator that has run to its end."""
    made = _NOTHING[prefix]()
    made.__name__, made.__qualname__ = name, qualname
    if prefix == "ag":
        with contextlib.suppress(StopIteration):
            made.aclose().send(None)
    else:
        made.close()
    return made


async def _no_coroutine() -> None: ...


def _no_generator() -> Iterator[None]:
    yield


async def _no_async_generator() -> AsyncIterator[None]:
    yield


_NOTHING: dict[str, Callable[[], Any]] = {
    "cr": _no_coroutine,
    "gi": _no_generator,
    "ag": _no_async_generator,
}


def _function_of(obj: object, code: CodeType) -> FunctionType | None:
    found = (f for f in gc.get_referents(obj) if isinstance(f, FunctionType) and f.__code__ is code)
    return next(found, None)


def _arguments(code: CodeType, values: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    names = code.co_varnames
    count, named = code.co_argcount, code.co_kwonlyargcount
    positional = [values[name] for name in names[:count]]
    keywords = {name: values[name] for name in names[count : count + named]}
    rest = count + named
    if code.co_flags & inspect.CO_VARARGS:
        positional += values[names[rest]]
        rest += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        keywords |= values[names[rest]]
    return tuple(positional), keywords


@lru_cache(maxsize=1024)
def _start_of(code: CodeType) -> int:
    """Where a frame stands that was never entered: cells for what inner functions use are made
    before that."""
    return _START + 2 * code.co_code[::2].index(_MAKES_IT)


def _first_instruction() -> int:
    """Where one without cells stands; it differs between versions of Python."""

    async def never_begun() -> None: ...

    coroutine: Any = never_begun()
    start: int = coroutine.cr_frame.f_lasti
    coroutine.close()
    return start


_MAKES_IT = opmap["RETURN_GENERATOR"]
_START = _first_instruction()
