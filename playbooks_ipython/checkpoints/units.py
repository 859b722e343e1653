"""Unit index: which units a graph has, as a tree of pages that changes where they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from playbooks_ipython.snapshot.units import Units
from playbooks_ipython.store.pages import PAGE, write_page


class UnitIndex:
    """The index that was packed last, from which the next one is made."""

    def __init__(self) -> None:
        self._units: Units | None = None
        self._levels: list[list[str | None]] = []

    @property
    def depth(self) -> int:
        """How many levels of pages there are."""
        return len(self._levels) - 1

    @property
    def names(self) -> list[str]:
        """The names of all units and pages."""
        return [name for name in chain(*self._levels) if name is not None]

    def update(self, units: Units, name: Callable[[bytes], str]) -> str:
        """Name what is new of these units, and the pages that lead to them; return the top page.

        Cost: naming what changed since these units were packed last, and one page a level for it.
        """
        places: Sequence[int] = sorted(units.changed)
        if units is not self._units or len(units) != len(self._levels[0]):
            self._levels = [[None] * size for size in _sizes(len(units))]
            places = range(len(units))
        for at in places:
            data = units[at]
            self._levels[0][at] = None if data is None else name(data)
        for below, level in zip(self._levels, self._levels[1:], strict=False):
            places = list(dict.fromkeys(at // PAGE for at in places))
            for at in places:
                level[at] = name(write_page(below[at * PAGE : (at + 1) * PAGE]))
        self._units = units
        units.changed.clear()
        top = self._levels[-1][0]
        assert top is not None, "every page of a new index is named"
        return top


def _sizes(count: int) -> list[int]:
    """How many entries each level has, from the units up to the one page at the top."""
    sizes = [count]
    while sizes[-1] > 1 or len(sizes) == 1:
        sizes.append(-(-sizes[-1] // PAGE))
    return sizes
