"""Unstarted: a library's coroutine or generator before its first step is a call, not yet made."""

from __future__ import annotations

import gc
import inspect
from types import AsyncGeneratorType, CodeType, CoroutineType, FunctionType, GeneratorType
from typing import Any

_PREFIXES = {CoroutineType: "cr", GeneratorType: "gi", AsyncGeneratorType: "ag"}


def reduce_unstarted(obj: Any) -> Any:
    """Reduce what has not begun to its function and arguments; NotImplemented for all else.

    The function and the arguments are read off the frame that waits to be entered.
    """
    prefix = _PREFIXES.get(type(obj))
    frame = getattr(obj, f"{prefix}_frame") if prefix else None
    if frame is None or frame.f_lasti != _START or getattr(obj, f"{prefix}_running"):
        return NotImplemented
    function = _function_of(obj, frame.f_code)
    if function is None:
        return NotImplemented
    return call, (function, *_arguments(frame.f_code, dict(frame.f_locals)))


def call(function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Make the coroutine or generator anew; calling such a function runs none of its code."""
    return function(*arguments, **keywords)


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


def _first_instruction() -> int:
    """Where a frame stands that was never entered; it differs between versions of Python."""

    async def never_begun() -> None: ...

    coroutine: Any = never_begun()
    start: int = coroutine.cr_frame.f_lasti
    coroutine.close()
    return start


_START = _first_instruction()
