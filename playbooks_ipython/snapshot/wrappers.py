"""Wrappers: small objects of the interpreter that hold others and that pickle refuses."""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Callable
from typing import Any


def wrap(kind: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Make a property, classmethod, staticmethod, cached property or the like around functions."""
    return kind(*args)


def lru_cache(maxsize: int | None, typed: bool, f: Callable[..., Any]) -> Any:
    """Make an empty cache around a function; checkpoints made before 0.2 hold no more of it."""
    return functools.lru_cache(maxsize, typed)(f)


def set_attributes(obj: Any, attributes: dict[str, Any]) -> None:
    for name, value in attributes.items():
        if name == "__dict__":
            obj.__dict__.update(value)
        else:
            setattr(obj, name, value)


def memory_view(obj: Any, format_: str, shape: Any, readonly: bool) -> memoryview:
    """Make a view of a whole object."""
    view = memoryview(obj)
    if (view.format, view.shape) != (format_, shape):
        view = view.cast("B").cast(format_, shape)  # type: ignore[call-overload] # format is known
    return view.toreadonly() if readonly else view


class _Gone:
    """What a dead weak reference referred to."""


def weak_reference(kind: type, referent: Any, callback: Any, key: tuple[Any, ...]) -> Any:
    """Make a weak reference; it lives as long as something else holds what it refers to."""
    return kind(_Gone() if referent is None else referent, callback, *key)


def call_quietly(f: Callable[..., Any], args: tuple[Any, ...], state: Any) -> Any:
    """Rebuild an iterator of itertools, whose pickling Python 3.12 deprecates."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made = f(*args)
        if state is not None:
            made.__setstate__(state)
        return made


def type_parameter(kind: type, name: str, module: str, args: tuple[Any, ...], options: Any) -> Any:
    """Make a TypeVar, ParamSpec, TypeVarTuple or NewType."""
    made = kind(name, *args, **options)
    made.__module__ = module
    return made


def reentrant_lock(count: int) -> Any:
    """Make a re-entrant lock, held by this thread as often as it was held."""
    made = threading.RLock()
    for _ in range(count):
        made.acquire()
    return made


def lock(held: bool) -> Any:
    """Make a lock, held if it was: whoever is restored inside `with` will give it back."""
    made = threading.Lock()
    if held:
        made.acquire()
    return made
