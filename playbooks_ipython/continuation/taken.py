"""Taken: iterators that cannot be stored. The call that made one is made again, and what had been
taken from it is taken again and compared.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from operator import attrgetter
from types import AsyncGeneratorType, GeneratorType
from typing import Any, NamedTuple

from playbooks_ipython.continuation.again import Lost, later
from playbooks_ipython.continuation.calls import Call
from playbooks_ipython.continuation.entering import is_of_given
from playbooks_ipython.continuation.entries import entry_of
from playbooks_ipython.continuation.errors import ItemChanged, NotMadeAgain
from playbooks_ipython.continuation.fingerprints import SIZE, fingerprint
from playbooks_ipython.continuation.sites import twin_of


class Items:
    """What was taken from one iterator: four bytes of each item, in order.

    `asked`: methods that were called in between, by the number of items taken before, with what
    they gave. `is_careful`: the call may have done something, so it is not made again for nothing.
    `spoiled`: a method that may have done something was called. `is_of_given`: it was asked of what
    a block has given.
    """

    __slots__ = ("asked", "call", "is_careful", "is_of_given", "prints", "spoiled")

    def __init__(self, call: Call, is_careful: bool = False) -> None:
        self.call, self.prints, self.is_careful = call, bytearray(), is_careful
        self.asked: list[Asked] = []
        self.spoiled: str | None = None
        self.is_of_given = is_of_given(call)

    @property
    def can_be_made(self) -> bool:
        return self.spoiled is None and bool(self.prints or self.asked or not self.is_careful)

    @property
    def is_of_left(self) -> bool:
        """Tell whether that block has ended."""
        entry = entry_of(self.call.owner)
        return self.is_of_given and (entry is None or entry.state != "entered")

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


class Asked(NamedTuple):
    """A method that was called on an iterator, and the fingerprint of what it gave."""

    after: int
    name: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    print: bytes


class Unmade:
    """Stands for an iterator whose call is not made again."""

    def __init__(self, items: Items) -> None:
        self.items = items

    def __iter__(self) -> Unmade:
        return self

    __aiter__ = __iter__

    def __getattr__(self, name: str) -> Any:
        if name == "items":
            raise AttributeError(name)
        raise self._error()

    def __next__(self) -> Any:
        raise self._error()

    async def __anext__(self) -> Any:
        raise self._error()

    def _error(self) -> NotMadeAgain:
        call, spoiled = self.items.call, self.items.spoiled
        reason = f"{spoiled}() was called on it" if spoiled else "nothing had been taken from it"
        if self.items.is_of_left:
            reason = "the block that it was made in had ended"
        return NotMadeAgain(call.line, call.name, reason)


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

    _items: Items
    _inner: Inner

    def __new__(cls, items: Items, iterator: Any = None) -> Taken:
        inner = Inner(iterator)
        taken = super().__new__(cls, items.took, inner)
        taken._items, taken._inner = items, inner
        return taken

    def __getattr__(self, name: str) -> Any:
        if name in ("_items", "_inner"):
            raise AttributeError(name)
        return getattr(self._inner.iterator, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return take_again, (self._items,)

    @property
    def lost(self) -> Lost:
        return Lost([self], "iterator", self._items.call.said)

    async def remake(self) -> None:
        """Make the iterator again and go to where it stood. Raises: ItemChanged."""
        items = self._items
        if not items.can_be_made or items.is_of_left:
            self._inner.iterator = Unmade(items)
            return
        iterator = iter(items.call.make())
        asked = deque(items.asked)
        for number in range(items.count + 1):
            while asked and asked[0].after == number:
                _ask_again(iterator, asked.popleft(), items)
            if number < items.count:
                items.check(number, _step(iterator, number, items))
        self._hold(iterator)

    def _hold(self, iterator: Any) -> None:
        self._inner.iterator = iterator


class AsyncTaken:
    """The same for an asynchronous iterator."""

    def __init__(self, items: Items, iterator: Any = None) -> None:
        self._items, self.iterator = items, iterator

    def __aiter__(self) -> AsyncTaken:
        return self

    async def __anext__(self) -> Any:
        return self._items.took(await type(self.iterator).__anext__(self.iterator))

    def __reduce__(self) -> tuple[Any, ...]:
        return take_again_async, (self._items,)

    @property
    def lost(self) -> Lost:
        return Lost([self], "iterator", self._items.call.said)

    async def remake(self) -> None:
        items = self._items
        if items.is_of_left:
            self.iterator = Unmade(items)
            return
        iterator: AsyncIterator[Any] = aiter(items.call.make())
        for number in range(items.count):
            try:
                item = await anext(iterator)
            except StopAsyncIteration:
                raise items.changed(number, "is no longer there") from None
            items.check(number, item)
        self.iterator = iterator


def _step(iterator: Any, number: int, items: Items) -> Any:
    try:
        return next(iterator)
    except StopIteration:
        raise items.changed(number, "is no longer there") from None


def _ask_again(iterator: Any, asked: Asked, items: Items) -> None:
    try:
        given = getattr(iterator, asked.name)(*asked.arguments, **asked.keywords)
    except StopIteration as end:
        given = end.value
    if fingerprint(given) != asked.print:
        what = f"is another than before the restart, as {asked.name}() gives it"
        raise items.changed(asked.after, what)


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
