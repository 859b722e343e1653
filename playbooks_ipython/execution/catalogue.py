"""Catalogue: which runs there are, by name, and how each stands. Reads; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider, RunView
from playbooks_ipython.errors import NameInUse, StoreError
from playbooks_ipython.execution.host import Host
from playbooks_ipython.records import Json, RunHeader
from playbooks_ipython.store import check_name
from playbooks_ipython.store.summary import RunSummary, summarize


class Catalogue:
    """The runs that a notebook can see.

    Args:
        provider: keeps the checkpoints.
        host: is told of runs that cannot be read.
        notebook: absolute path, or None where there is no notebook.
    """

    def __init__(
        self, provider: FilesystemCheckpointProvider, host: Host, notebook: str | None
    ) -> None:
        self.provider, self.host, self.notebook = provider, host, notebook

    def names(self) -> list[str]:
        return self.provider.store.names()

    def summaries(self) -> list[RunSummary]:
        """Return every run of the store, the one that changed last first. Nothing is unpickled.

        A run that cannot be read is told of and left out: it hides no other.
        """
        found = []
        for name in self.names():
            try:
                found.append(summarize(self.provider.store.read(name)))
            except StoreError as error:
                self.host.notice(str(error))
        return sorted(found, key=lambda summary: summary.updated_s, reverse=True)

    def own_summaries(self) -> list[RunSummary]:
        """Return the runs of this notebook; of the folder, where there is no notebook.

        A run whose notebook is gone is listed too: it may have been this one under another name.
        """
        return [
            one
            for one in self.summaries()
            if self.notebook is None or one.notebook == self.notebook or _is_orphan(one)
        ]

    def summary(self, name: str) -> RunSummary | None:
        label = self.label(name)
        known = label in self.names()
        return summarize(self.provider.store.read(label)) if known else None

    def view(self, name: str) -> RunView:
        """Read a run for display, also one that is not signed by this user. Raises RunNotFound."""
        return self.provider.view(self.label(name), trusted=False)

    def label(self, name: str) -> str:
        """Return the run's own spelling of a name, the name itself where there is no such run."""
        known = {one.casefold(): one for one in self.names()}
        return known.get(name.casefold(), name)

    def check_new(self, name: str) -> None:
        """Refuse what is no name, or the name of a run that there is. Raises BadName, NameInUse."""
        check_name(name)
        label = self.label(name)
        if label in self.names():
            raise NameInUse(label, "the name of a run", "choose another, or delete that run")

    def lineage(self, name: str) -> Mapping[str, Json] | None:
        """Return what the run of this name was forked from; None where it was not, or is not there.

        A run that was gone back in begins with a checkpoint of itself: its first line counts.
        """
        label = self.label(name)
        forked = self._header(label).forked_from if label in self.names() else None
        while forked is not None and forked["name"] == label:
            forked = self._forked_from(forked["run_id"])
        return forked

    def _forked_from(self, run_id: Json) -> Mapping[str, Json] | None:
        headers = map(self._header, self.names())
        return next((one.forked_from for one in headers if one.run_id == run_id), None)

    def _header(self, name: str) -> RunHeader:
        return self.provider.store.read(name).header

    def adopted(self, cell_id: str | None) -> str | None:
        """Return the run of this cell that a notebook of another name began, if that is gone.

        A run that was forked under a name of its own is not the cell's.
        """
        for one in self.summaries():
            if not (_is_orphan(one) and cell_id and one.cell_id == cell_id and "~" not in one.name):
                continue
            forked = self._header(one.name).forked_from
            if forked is None or forked["name"] == one.name:
                return one.name
        return None


def _is_orphan(run: RunSummary) -> bool:
    """Tell whether the notebook that began a run is gone."""
    return run.notebook is not None and not Path(run.notebook).exists()
