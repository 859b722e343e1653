"""Again: what a restored graph holds that is made again before the program goes on.

Loading only makes its place in the graph. Looking at a checkpoint therefore runs nothing.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable


class Lost(NamedTuple):
    """Places of a graph in which nothing is yet, the type of what was there, and what made it."""

    places: list[Any]
    type_name: str
    made_by: str


class Later(Protocol):
    """Something that stands in a graph and is not alive yet."""

    async def remake(self) -> None:
        """Come alive, in place. Raises PlaybookError if it is not what it was."""
        ...


@runtime_checkable
class Empty(Protocol):
    """One that is of no use to anybody until it is alive."""

    @property
    def lost(self) -> Lost: ...


_T = TypeVar("_T", bound=Later)
_waiting: ContextVar[list[weakref.ref[Any]] | None] = ContextVar("waiting", default=None)


class Again:
    """All that waits in one restored graph, in the order in which it was stored.

    Held weakly: a load that failed half-way and was begun anew leaves nothing behind.
    """

    def __init__(self) -> None:
        self._waiting: list[weakref.ref[Any]] = []

    def __enter__(self) -> Again:
        self._token = _waiting.set(self._waiting)
        return self

    def __exit__(self, *_error: object) -> None:
        _waiting.reset(self._token)

    def __bool__(self) -> bool:
        return any(ref() is not None for ref in self._waiting)

    @property
    def waiting(self) -> list[Any]:
        """What waits, and is still held by anybody."""
        return [one for ref in self._waiting if (one := ref()) is not None]

    async def happen(self, say: Callable[[str], None]) -> None:
        """Make everything again, managers first, in the order in which they were entered; timeouts
        last, so that none is set if something else cannot be made. Then bring to its end what had
        come to it, the innermost first: what was entered in it may have needed it.

        Raises: what their constructors raise; ItemChanged.
        """
        alive = self.waiting
        self._waiting.clear()
        ordered = sorted(alive, key=lambda one: getattr(one, "order", sys.maxsize))
        for one in ordered:
            if notice := getattr(one, "notice", None):
                say(str(notice))
            await one.remake()
        for one in reversed(ordered):
            # By the type: an iterator that was not made again says so whatever it is asked.
            if (end := getattr(type(one), "bring_to_end", None)) is not None:
                await end(one)

    def give_up(self) -> list[Lost]:
        """Let nothing be made again: return what will never come. Nobody goes on with the graph."""
        alive = [one.lost for ref in self._waiting if isinstance(one := ref(), Empty)]
        self._waiting.clear()
        return alive


def later(one: _T) -> _T:
    """Note something that was loaded and waits to be made again."""
    waiting = _waiting.get()
    if waiting is not None:
        waiting.append(weakref.ref(one))
    return one
