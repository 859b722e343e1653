"""Exceptions: class, arguments and state, rebuilt without the class's own `__init__`.

Exceptions whose `__init__` takes other arguments than it hands up pickle and do not load, and
failed awaits are stored.
"""

from __future__ import annotations

import types
from typing import Any


def exception_args(error: BaseException) -> tuple[Any, ...]:
    """Return the arguments of `exception`."""
    args = error.args
    if isinstance(error, BaseExceptionGroup):
        args = (error.message, error.exceptions)
    return type(error), args


def exception_state(error: BaseException) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "args": error.args,
        "__traceback__": error.__traceback__,
        "__cause__": error.__cause__,
        "__context__": error.__context__,
        "__suppress_context__": error.__suppress_context__,
    }
    for cls in type(error).__mro__:
        for name, value in cls.__dict__.items():
            if isinstance(value, types.MemberDescriptorType) and name not in fields:
                fields[name] = getattr(error, name, None)
    state = {k: v for k, v in fields.items() if v is not None and v is not False}
    return {"fields": state, "dict": dict(error.__dict__)}


def exception(cls: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    """Make an exception through the nearest class that is Python's own."""
    base = next(one for one in cls.__mro__ if not one.__flags__ & _HEAP)
    made: BaseException = base.__new__(cls, *args)
    try:
        base.__init__(made, *args)  # type: ignore[misc] # Python's own, on purpose
    except TypeError:
        made.args = args
    return made


_HEAP = 1 << 9


def set_exception(error: BaseException, state: dict[str, Any]) -> None:
    for name, value in state["fields"].items():
        try:
            setattr(error, name, value)
        except (AttributeError, TypeError):
            continue  # readonly: it came with the arguments
    error.__dict__.update(state["dict"])
