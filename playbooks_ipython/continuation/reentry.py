"""Re-entry: what the compound statements of a resume twin use in place of their own operands."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from inspect import isawaitable
from itertools import chain
from operator import attrgetter
from types import FunctionType
from typing import Any


class Steps:
    """An iterator that Python's `for` can take once more without calling `__iter__` again.

    `__next__` is found by C code, so that no frame of ours stands in a traceback.
    """

    __slots__ = ("iterator",)
    __next__ = property(attrgetter("iterator.__next__"))

    def __init__(self, iterator: Iterator[Any]) -> None:
        self.iterator = iterator

    def __iter__(self) -> Steps:
        return self

    def __getattr__(self, name: str) -> Any:
        """`send`, `throw` and `close` of what is delegated to."""
        if name == "iterator" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.iterator, name)


def steps(iterator: Iterator[Any]) -> Iterator[Any]:
    """Return an iterator whose own `__iter__` does nothing that user code could notice."""
    if isinstance(getattr(type(iterator), "__iter__", None), FunctionType | None):
        return Steps(iterator)
    return iterator


def again(iterator: Iterator[Any], item: Any, in_body: bool) -> Iterable[Any]:
    """The items of a loop that is entered again: in its body without a step, or after its end."""
    return chain((item,), iterator) if in_body else ()


def unawaitable(awaited: object, action: str) -> TypeError | None:
    """What `async with` and `async for` raise for an answer that cannot be awaited."""
    kind = type(awaited)
    if hasattr(kind, "__await__") or isawaitable(awaited):
        return None
    if action == "step":
        error = TypeError(f"'async for' received an invalid object from __anext__: {kind.__name__}")
        error.__cause__ = TypeError(f"object {kind.__name__} can't be used in 'await' expression")
        return error
    text = "'async with' received an object from {} that does not implement __await__: {}"
    return TypeError(text.format(f"__a{action}__", kind.__name__))


class Entered:
    """A manager that was entered before: leaving calls its own `__exit__`, entering nothing."""

    def __init__(self, manager: Any, value: Any) -> None:
        self.manager, self.value = manager, value

    def __enter__(self) -> Any:
        return self.value

    @property
    def __exit__(self) -> Any:
        return partial(type(self.manager).__exit__, self.manager)


def no_manager(manager: object) -> TypeError | None:
    """What `async with` raises for an object that is not a manager."""
    kind = type(manager)
    for method in ("__aenter__", "__aexit__"):
        if not hasattr(kind, method):
            name = kind.__name__
            text = f"'{name}' object does not support the asynchronous context manager protocol"
            missing = f" (missed {method} method)" if method == "__aexit__" else ""
            return TypeError(text + missing)
    return None


def no_aiter(iterable: object) -> TypeError | None:
    """What `async for` raises for an object that it cannot go over."""
    if hasattr(type(iterable), "__aiter__"):
        return None
    text = "'async for' requires an object with __aiter__ method, got "
    return TypeError(text + type(iterable).__name__)


def no_anext(iterator: object) -> TypeError | None:
    """What `async for` raises for something that `__aiter__` should not have given."""
    if hasattr(type(iterator), "__anext__"):
        return None
    text = "'async for' received an object from __aiter__ that does not implement __anext__: "
    return TypeError(text + type(iterator).__name__)


def aenter_of(manager: Any) -> Any:
    return type(manager).__aenter__


def aexit_of(manager: Any) -> Any:
    return type(manager).__aexit__


def aenter(manager: Any) -> Any:
    return type(manager).__aenter__(manager)


def aexit(manager: Any) -> Any:
    return type(manager).__aexit__(manager, None, None, None)


def aexit_error(manager: Any) -> Any:
    """Leave an async manager because of the error that is being handled."""
    return type(manager).__aexit__(manager, *sys.exc_info())


def rejoin(iterator: Any) -> Any:
    """Go on delegating to an iterator that has already given an item: PEP 380 from its middle."""
    sent, error = None, None
    try:
        sent = yield
    except GeneratorExit:
        if close := getattr(iterator, "close", None):
            close()
        raise
    except BaseException as caught:  # noqa: BLE001  # whatever was thrown in goes to the iterator
        error = caught
    try:
        if error is not None:
            if not hasattr(iterator, "throw"):
                raise error
            item = iterator.throw(error)
        else:
            item = next(iterator) if sent is None else iterator.send(sent)
    except StopIteration as end:
        return end.value
    return (yield from _after(item, iterator))


def _after(item: Any, iterator: Any) -> Any:
    """Give an item that was taken already, then delegate as before."""
    while True:
        try:
            sent = yield item
        except GeneratorExit:
            if close := getattr(iterator, "close", None):
                close()
            raise
        except BaseException as error:  # noqa: BLE001  # as above
            thrown: BaseException | None = error
        else:
            thrown = None
        try:
            if thrown is not None:
                if not hasattr(iterator, "throw"):
                    raise thrown
                item = iterator.throw(thrown)
            else:
                item = next(iterator) if sent is None else iterator.send(sent)
        except StopIteration as end:
            return end.value
