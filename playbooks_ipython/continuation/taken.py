"""Taken: iterators that cannot be stored. The call that made one is made again, and what had been
taken from it is taken again and compared.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Iterator
from operator import attrgetter
from types import AsyncGeneratorType, GeneratorType
from typing import Any

from playbooks_ipython.continuation.again import later
from playbooks_ipython.continuation.calls import Call
from playbooks_ipython.continuation.errors import ItemChanged
from playbooks_ipython.continuation.fingerprints import SIZE, fingerprint
from playbooks_ipython.continuation.sites import twin_of


class Items:
    """The items taken from one iterator: four bytes of each, in order."""

    __slots__ = ("call", "prints")

    def __init__(self, call: Call) -> None:
        self.call, self.prints = call, bytearray()

    def took(self, item: Any) -> Any:
        self.prints += fingerprint(item)
        return item

    @property
    def count(self) -> int:
        return len(self.prints) // SIZE

    def check(self, number: int, item: Any) -> None:
        """Raises: ItemChanged, the item is not the one that was taken before (counted from 0)."""
        if fingerprint(item) != bytes(self.prints[number * SIZE : (number + 1) * SIZE]):
            raise self.changed(number, "is another than before the restart")

    def changed(self, number: int, reason: str) -> ItemChanged:
        return ItemChanged(self.call.line, self.call.name, number + 1, reason)


class Inner:
    """The iterator within, which may come later. C code finds `__next__`: no frame of ours."""

    __slots__ = ("iterator",)
    __next__ = property(attrgetter("iterator.__next__"))

    def __init__(self, iterator: Iterator[Any] | None) -> None:
        self.iterator = iterator

    def __iter__(self) -> Inner:
        return self


class Taken(map):  # type: ignore[type-arg]  # its arguments are not those of its base
    """An iterator that counts what is taken from it. C code steps it, as it did the one within."""

    items: Items
    inner: Inner

    def __new__(cls, items: Items, iterator: Any = None) -> Taken:
        inner = Inner(iterator)
        taken = super().__new__(cls, items.took, inner)
        taken.items, taken.inner = items, inner
        return taken

    def __getattr__(self, name: str) -> Any:
        if name in ("items", "inner"):
            raise AttributeError(name)
        return getattr(self.inner.iterator, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return take_again, (self.items,)

    async def remake(self) -> None:
        """Make the iterator again and go to where it stood. Raises: ItemChanged."""
        items = self.items
        iterator = iter(items.call.make())
        for number in range(items.count):
            try:
                item = next(iterator)
            except StopIteration:
                raise items.changed(number, "is no longer there") from None
            items.check(number, item)
        self.inner.iterator = iterator


class AsyncTaken:
    """The same for an asynchronous iterator."""

    def __init__(self, items: Items, iterator: Any = None) -> None:
        self.items, self.iterator = items, iterator

    def __aiter__(self) -> AsyncTaken:
        return self

    async def __anext__(self) -> Any:
        return self.items.took(await type(self.iterator).__anext__(self.iterator))

    def __reduce__(self) -> tuple[Any, ...]:
        return take_again_async, (self.items,)

    async def remake(self) -> None:
        items = self.items
        iterator: AsyncIterator[Any] = aiter(items.call.make())
        for number in range(items.count):
            try:
                item = await anext(iterator)
            except StopAsyncIteration:
                raise items.changed(number, "is no longer there") from None
            items.check(number, item)
        self.iterator = iterator


def is_plain(made: Any, function: Any) -> bool:
    """Tell at once of usual iterators that they are stored as they are, whatever they go over."""
    kind = type(made)
    return kind in _PLAIN or (kind is function and kind in _STORED_BY_PARTS)


def must_be_made_again(made: Any, refuses: Callable[[object], bool]) -> bool:
    """Tell whether something is an iterator, half-used cannot be stored, and is no file."""
    if isinstance(made, io.IOBase | Taken | AsyncTaken):
        return False
    kind = type(made)
    if kind in (GeneratorType, AsyncGeneratorType):
        return twin_of(made) is None
    if not hasattr(kind, "__next__") and not hasattr(kind, "__anext__"):
        return False
    return refuses(made)


def take(call: Call, iterator: Any) -> Any:
    """Count what is taken from an iterator from now on."""
    kind = Taken if hasattr(type(iterator), "__next__") else AsyncTaken
    return kind(Items(call), iterator)


def take_again(items: Items) -> Taken:
    """A stored iterator; it waits for `remake`."""
    return later(Taken(items))


def take_again_async(items: Items) -> AsyncTaken:
    return later(AsyncTaken(items))


_EMPTY: tuple[Any, ...] = ([], (), {}, set(), "", b"", range(0))
_PLAIN = frozenset(type(iter(one)) for one in _EMPTY)
_STORED_BY_PARTS = frozenset([enumerate, zip, map, filter])
