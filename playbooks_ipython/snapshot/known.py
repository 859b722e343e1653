"""Known: what the streams of one graph refer to by number, while they are loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playbooks_ipython.snapshot.seeds import HEAD, seed_prefix
from playbooks_ipython.snapshot.units import EXPORTS, is_parked, number_prefix


class Known:
    """Seeds, things that are stored apart, and what the main stream holds for these.

    Args:
        parts: the pickled shell and the stream of each thing that is stored apart, by number.
        load: loads one stream of the graph.

    A thing is there as an empty shell from when it is first referred to.
    """

    def __init__(
        self,
        seeds: Sequence[Any],
        parts: Sequence[tuple[bytes, bytes] | None],
        load: Callable[[bytes], Any],
    ) -> None:
        self.seeds, self._parts, self._load = seeds, parts, load
        self.held: Mapping[int, Any] = {}
        self._shells: dict[int, tuple[Any, Any]] = {}

    def __getitem__(self, number: int) -> Any:
        if 0 <= number < EXPORTS:
            return self.seeds[number]
        if number in self.held:
            return self.held[number]
        return self._shell(-1 - number)[0] if number < 0 else None

    def fill(self) -> list[Any]:
        """Give all things their state. What they refer to is loaded. Returns those that are parked,
        without what only stands still beside them."""
        states = [(n, self._load(p[1])) for n, p in enumerate(self._parts) if p is not None]
        for n, state in states:
            thing, setter = self._shell(n)
            setter(thing, state)
        return [one for one in (self._shell(n)[0] for n, _ in states) if is_parked(one)]

    def _shell(self, n: int) -> tuple[Any, Any]:
        """A thing without its state, and what sets that; nothing if no thing has the number."""
        if n not in self._shells:
            part = self._parts[n]
            make, args, setter = self._load(part[0]) if part else (_nothing, (), None)
            self._shells[n] = make(*args), setter
        return self._shells[n]


def _nothing() -> None:
    return None


def numbered(stream: bytes, count: int) -> bytes:
    """Return a main stream that begins with its seeds and then has an entry for each thing."""
    if not count:
        return stream
    seeds = 0
    while stream.startswith(seed_prefix(seeds), end := HEAD + seeds * len(seed_prefix(0))):
        seeds += 1
    return stream[:end] + number_prefix(count) + stream[end:]
