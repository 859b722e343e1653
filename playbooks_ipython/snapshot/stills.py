"""Stills: what nothing steps and what mostly stands still, and which of it does not look as it did.

There may be thousands, and any code may change one: all are looked at, at each encoding, and so it
is done for many at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

_MOST = 128


class Look(Protocol):
    """How some things looked."""

    def holds(self) -> bool:
        """Tell whether all of them look like that still. Cost: a few ns a thing."""
        ...


class Still(Protocol):
    """Knows things that units refer to and that stand still as well, though nothing steps them; a
    future that is waited for, for one."""

    def is_one(self, obj: object) -> bool: ...

    def look_at(self, things: list[Any]) -> Look: ...

    def look(self, obj: Any) -> object:
        """Equal as long as what it is stored as is."""
        ...


@dataclass(slots=True, eq=False)
class _Block:
    """Some of the things, by id, how each looked, and all together; None if some are new."""

    things: dict[int, Any] = field(default_factory=dict)
    seen: dict[int, object] = field(default_factory=dict)
    look: Look | None = None


class Stills:
    """The things that stand still."""

    def __init__(self, still: Still) -> None:
        self._still = still
        self._blocks: list[_Block] = []
        self._block_of: dict[int, _Block] = {}

    def is_one(self, thing: object) -> bool:
        return self._still.is_one(thing)

    def add(self, thing: Any) -> None:
        """Look at a thing from now on; it counts as changed once."""
        block = self._blocks[-1] if self._blocks else None
        if block is None or len(block.things) >= _MOST:
            block = _Block()
            self._blocks.append(block)
        block.things[id(thing)], block.look = thing, None
        self._block_of[id(thing)] = block

    def remove(self, thing: Any) -> None:
        block = self._block_of.pop(id(thing))
        del block.things[id(thing)]
        block.seen.pop(id(thing), None)
        block.look = None
        if not block.things:
            self._blocks.remove(block)

    def changed(self) -> Iterator[Any]:
        """Give those that look different than they did the last time.

        Cost: one look at a block; where that does not hold, one at each in it.
        """
        for block in self._blocks:
            if block.look is not None and block.look.holds():
                continue
            things = list(block.things.values())
            seen = {id(one): self._still.look(one) for one in things}
            block.look, before = self._still.look_at(things), block.seen
            block.seen = seen
            yield from (one for one in things if before.get(id(one)) != seen[id(one)])
