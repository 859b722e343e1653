"""Kept: what can be done with a notebook's runs without running any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playbooks_ipython.checkpoints import (
    FRAME,
    CheckpointManager,
    FilesystemCheckpointProvider,
    Reference,
    RunView,
    abandon,
    settle,
)
from playbooks_ipython.errors import AnotherRun
from playbooks_ipython.execution.catalogue import Catalogue
from playbooks_ipython.execution.differences import Difference, differences, values_of
from playbooks_ipython.execution.forking import fork_place, fork_run
from playbooks_ipython.execution.host import Host
from playbooks_ipython.execution.inside import with_locals
from playbooks_ipython.execution.keeping import Keeper, Verdict
from playbooks_ipython.execution.replacing import Replacer
from playbooks_ipython.execution.restoring import Restored, load_checkpoint
from playbooks_ipython.execution.run import program_variables
from playbooks_ipython.execution.saving import save_variables
from playbooks_ipython.settings import Settings
from playbooks_ipython.store import check_name


@dataclass(eq=False)
class KeptRuns:
    """The runs of one notebook, as they are kept.

    Args:
        namespace: the notebook's own dictionary.
        host: where things are shown.
        provider: keeps the checkpoints.
        notebook: absolute path, or None where there is no notebook.
    """

    namespace: dict[str, Any]
    host: Host
    provider: FilesystemCheckpointProvider
    settings: Settings
    notebook: str | None = None

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.provider, self.host, self.notebook)
        self.replacer = Replacer(self.namespace, self.host)
        self.keeper = Keeper(self.provider)

    def restore(
        self,
        reference: Reference,
        keep: tuple[str, ...] = (),
        *,
        exact: bool = False,
        frame: str | None = None,
    ) -> Restored:
        """Bring a checkpoint's namespace back; run nothing.

        Args:
            keep: names of variables that are left alone.
            exact: newer definitions and live objects give way too.
            frame: a function of the stack whose variables come over those of the cell.
        """
        manager = self._manager(reference.name)
        restored = with_locals(self._look(manager, reference.at).at_rest(), frame)
        before = dict(self.namespace)
        self.replacer.bring_back(restored, keep, exact=exact)
        left_alone = {n: self.namespace[n] for n in keep if n in self.namespace}
        left = dict(restored.extra)
        if restored.settles:
            settle(left.pop(FRAME))
        abandon(left)
        self.namespace |= left_alone
        self.replacer.note_bound(before)
        return restored

    def fork(self, reference: Reference, name: str) -> int:
        """Make a new run that begins with a checkpoint; it is left to be resumed.

        Returns after how many awaits it stands. Raises BadName, NameInUse, and as `fork_run`.
        """
        self.catalogue.check_new(name)
        source = self._manager(reference.name)
        cell_id = self.provider.store.read(source.execution_id).header.cell_id
        new = CheckpointManager(name, self.provider, notebook=self.notebook, cell_id=cell_id)
        return fork_run(source, reference.at, new)

    def forked(self, reference: Reference, name: str) -> int | None:
        """Tell whether the run `name` is there already, and began with that checkpoint.

        Returns after how many awaits it began; None where it did not, or is not there.
        """
        lineage = self.catalogue.lineage(name)
        if lineage is None or lineage["name"] != self.catalogue.label(reference.name):
            return None
        n = int(str(lineage["n"]))
        if reference.at != n and fork_place(self._manager(reference.name), reference.at) != n:
            return None
        return n

    def save(self, name: str) -> dict[str, Any]:
        """Keep the namespace as it is now under a name. Returns the variables.

        Raises BadName, NameInUse where a run bears the name, ClaimHeld, StoreFull.
        """
        check_name(name)
        before = self.catalogue.summary(name)
        if before is not None and not before.saved:
            self.catalogue.check_new(name)
        variables = program_variables(self.namespace, self.host)
        manager = self._manager(name)
        save_variables(manager, self.namespace, variables, self.host.notice)
        return variables

    def differences(self, before: Reference, after: Reference) -> list[Difference]:
        """Return which variables two checkpoints, of one run or of two, do not have in common."""
        one, other = (values_of(self._manager(each.name), each.at) for each in (before, after))
        return list(differences(one, other))

    def delete(self, reference: Reference, run_id: str | None = None) -> None:
        """Delete a run, or one checkpoint of it: only of the run `run_id`, if that is given.

        Raises RunNotFound, CheckpointNotFound, AnotherRun, ClaimHeld, NotResumable, Pinned.
        """
        label = self.catalogue.label(reference.name)
        if run_id not in (None, self.provider.store.read(label).header.run_id):
            raise AnotherRun(label)
        if reference.at is None:
            self.keeper.delete_run(label)
        else:
            self.keeper.delete_checkpoint(Reference(label, reference.at))

    def pin(self, reference: Reference, *, pinned: bool = True) -> Reference:
        """Keep a checkpoint (by default the newest) whatever is tidied up, or no longer."""
        label = self.catalogue.label(reference.name)
        return self.keeper.pin(Reference(label, reference.at), pinned=pinned)

    def collect(self) -> list[str]:
        """Drop what `keep_last_n` does not keep. Returns a sentence for each run touched."""
        return list(self.keeper.collect(self.settings.keep_last_n))

    def verify(self, names: list[str] | None = None) -> list[Verdict]:
        """Read and check every byte of every run, or of those named."""
        return self.keeper.verify(map(self.catalogue.label, names or self.catalogue.names()))

    def _manager(self, name: str, cell_id: str | None = None) -> CheckpointManager:
        label = self.catalogue.label(name)
        return CheckpointManager(label, self.provider, notebook=self.notebook, cell_id=cell_id)

    def _look(self, manager: CheckpointManager, at: int | None) -> Restored:
        """Load a checkpoint exactly as it was, to look at it and not to go on."""
        view = self._view_holding(manager, at)
        return load_checkpoint(manager, at, self.namespace, exact=True, view=view)

    def _view_holding(self, manager: CheckpointManager, at: int | None) -> RunView:
        """Read what holds a checkpoint, and say what of the log could not be used."""
        view = manager.holding(at)
        for sentence in view.reader.skipped:
            self.host.notice(f"{manager.execution_id}: {sentence}; awaits after it run again")
        return view
