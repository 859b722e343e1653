"""Belonging: which notebook a run is of, also after the notebook was renamed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from playbooks_ipython.store.registry import RecordedStore


@dataclass
class Notebook:
    """A notebook on this server's disk. `path` need not exist: it may be new, or not saved yet."""

    path: Path

    def may_be_in(self, store: RecordedStore) -> bool:
        """Tell whether runs of this notebook may lie in that store. Cheap: opens no run."""
        if store.path.parent == self.path.parent:
            return True
        if store.notebook is None:
            return False
        recorded = _beside(store.path, store.notebook)
        return self._is(recorded) or not recorded.exists()

    def owns(self, store: Path, notebook: str | None, cell_id: str | None) -> bool:
        """Tell whether a run with this header is this notebook's.

        A run whose notebook is gone goes with its cell: renaming keeps the cells' ids. A copy has
        the same ids, but then the first notebook is still there.
        """
        if notebook is None:
            return False
        recorded = _beside(store, notebook)
        if self._is(recorded):
            return True
        return cell_id is not None and not recorded.exists() and cell_id in self._cell_ids

    def _is(self, other: Path) -> bool:
        return other == self.path or other.resolve() == self.path.resolve()

    @cached_property
    def _cell_ids(self) -> frozenset[str]:
        """The ids of the notebook's cells as last saved; none where it cannot be read."""
        try:
            cells = json.loads(self.path.read_bytes())["cells"]
            return frozenset(str(cell["id"]) for cell in cells if "id" in cell)
        except (OSError, ValueError, KeyError, TypeError):
            return frozenset()


def _beside(store: Path, notebook: str) -> Path:
    """Return a recorded notebook's file; a relative one lies beside its store."""
    path = Path(notebook)
    return path if path.is_absolute() else store.parent / path.name
