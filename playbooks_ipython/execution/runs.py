"""Runs: what a notebook can do with its runs. Decides; shows nothing but through its host."""

from __future__ import annotations

from dataclasses import dataclass, field
from dataclasses import replace as replaced_with
from pathlib import Path
from typing import Any

from playbooks_ipython.agents import set_agent_variables
from playbooks_ipython.checkpoints import (
    CheckpointManager,
    Reference,
    RunJournal,
    abandon,
)
from playbooks_ipython.errors import (
    ClaimHeld,
    EditedProgram,
    NameInUse,
    NameTaken,
    NotResumable,
    PlaybookError,
    StoreFull,
    TasksGoOn,
    Unfinished,
)
from playbooks_ipython.execution.around import AROUND
from playbooks_ipython.execution.editing import check_unchanged
from playbooks_ipython.execution.edits import Edits
from playbooks_ipython.execution.given import names_given
from playbooks_ipython.execution.kept import KeptRuns
from playbooks_ipython.execution.naming import default_name
from playbooks_ipython.execution.restoring import (
    EditsTo,
    OpenJournal,
    Restored,
    load_checkpoint,
    no_journal,
)
from playbooks_ipython.execution.result import ExecutionResult
from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor
from playbooks_ipython.source import parse_cell
from playbooks_ipython.store import check_name
from playbooks_ipython.store.summary import RunSummary


@dataclass(slots=True)
class CellAgent:
    """A cell as an agent: the run's name, and the state that `$x` variables and `Step` live in."""

    id: str
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell to run. `policy` is "ask", "resume" or "fresh"; `name` None means the default one.

    `modules`: globs of modules to go into, beside those that the settings name. `join`: tasks that
    another run has left behind are waited for.
    """

    text: str
    name: str | None = None
    policy: str = "ask"
    cell_id: str | None = None
    modules: tuple[str, ...] = ()
    join: bool = False


@dataclass(eq=False)
class Runs(KeptRuns):
    """The runs of one notebook, and what runs them."""

    _refused: dict[str, str] = field(default_factory=dict, init=False)
    """By run: the edited cell that was refused, which an older checkpoint may go on with."""
    _executors: list[StreamingPythonExecutor] = field(default_factory=list, init=False)

    @property
    def behind(self) -> list[str]:
        """The names of the runs whose cells have ended, while tasks of theirs go on."""
        self._executors = [one for one in self._executors if one.is_behind]
        return [one.agent.id for one in self._executors]

    async def settle(self) -> None:
        """Wait until no task of any run goes on."""
        for executor in list(self._executors):
            await executor.settle()

    async def run_cell(self, cell: Cell) -> ExecutionResult | None:
        """Run a cell, or continue what an earlier run of it left; None where nothing was to run.

        Raises: BadName, NameTaken, TasksGoOn, ClaimHeld, NotResumable, EditedProgram, or what the
        cell raises.
        """
        __tracebackhide__ = True
        await self._join(cell.join)
        name = self._name_of(cell)
        self.host.location = None
        if not self.settings.enabled:
            self.host.notice("durability is off (enabled = false): this cell is not saved")
            unsaved = self._executor(CellAgent(name), None, no_journal)
            return await unsaved.run(cell.text)
        before = self.catalogue.summary(name)
        self._check_free(name, before)
        if before is not None and self._goes_on(cell, before):
            return await self._continue_cell(name, cell)
        if cell.policy == "resume":
            self.host.notice(f"{name} has no checkpoint yet: running it from the start")
        elif cell.name is None:
            self.host.notice(f"this run is called {name}")
        manager = self._manager(name, cell.cell_id)
        opening = self._beginning(manager)
        executor = self._executor(CellAgent(name), manager, opening, cell.modules)
        return await executor.run(cell.text)

    async def resume(self, reference: Reference) -> ExecutionResult | None:
        """Bring a checkpoint's namespace back and run the rest, if any is left.

        From an older checkpoint in the form of the cell that was refused, which has named it.
        """
        __tracebackhide__ = True
        await self._join()
        manager = self._manager(reference.name)
        name, edited = manager.execution_id, None
        if reference.at is not None and (edited := self._refused.get(name)) is not None:
            self.host.notice(f"{name} goes on with the cell as it was edited")
        restored = self._load(manager, reference.at, self._edits_to(edited))
        self._refused.pop(name, None)
        return await self._go_on(restored, manager, edited or restored.program)

    # -- within

    async def _join(self, wait: bool = False) -> None:
        """Two runs in one namespace would each store what the other is in the middle of."""
        if behind := self.behind:
            if not wait:
                raise TasksGoOn(behind[0])
            self.host.notice(f"waiting for the tasks of {behind[0]}")
            await self.settle()

    def _name_of(self, cell: Cell) -> str:
        if cell.name is not None:
            check_name(cell.name)
            return self.catalogue.label(cell.name)
        name = default_name(self.notebook, cell.cell_id, cell.text)
        return (
            name if name in self.catalogue.names() else self.catalogue.adopted(cell.cell_id) or name
        )

    def _executor(
        self,
        agent: CellAgent,
        manager: CheckpointManager | None,
        opening: OpenJournal,
        modules: tuple[str, ...] = (),
    ) -> StreamingPythonExecutor:
        executor = StreamingPythonExecutor(
            agent,
            namespace=self.namespace,
            manager=manager,
            host=self.host,
            open_journal=opening,
            settings=replaced_with(self.settings, modules=(*self.settings.modules, *modules)),
        )
        self._executors.append(executor)
        return executor

    def _beginning(self, manager: CheckpointManager) -> OpenJournal:
        """Begin a run anew; where there is no room even to begin, the cell runs all the same."""

        def begin(namespace: dict[str, Any]) -> RunJournal | None:
            try:
                return manager.begin_fresh(namespace)
            except StoreFull as full:
                self.host.notice(f"{full}. The cell runs, but it is not saved")
                return None

        return begin

    def _check_free(self, name: str, before: RunSummary | None) -> None:
        """Refuse a name that an unfinished run of another existing notebook bears."""
        if before is not None and before.saved:
            advice = f"give this cell another, or `%playbook delete {before.name}`"
            raise NameInUse(before.name, "the name of a saved namespace", advice)
        if before is None or before.state in ("finished", "failed"):
            return
        other = before.notebook
        if other and other != self.notebook and Path(other).exists():
            raise NameTaken(name, other, self.notebook or "not a notebook")

    def _goes_on(self, cell: Cell, before: RunSummary) -> bool:
        if before.state == "running":
            raise ClaimHeld(before.name, before.owner or "another kernel")
        policy = self.settings.on_interrupted if cell.policy == "ask" else cell.policy
        if policy == "fresh" or not self._resumable(before.name):
            return False
        if policy == "resume":
            return cell.policy == "resume" or before.state != "finished"
        if before.state == "finished":
            return False
        raise Unfinished(before.name, before.state, before.line, before.awaits)

    def _resumable(self, name: str) -> bool:
        view = self._manager(name).newest(trusted=False)
        if view.can_go_on:
            return True
        if view.reader.skipped:
            reason = f"its log is damaged ({'; '.join(view.reader.skipped)})"
            raise NotResumable(name, reason, "`--fresh` starts over and keeps it as it is")
        return False

    def _load(self, manager: CheckpointManager, at: int | None, edits_to: EditsTo) -> Restored:
        """Load a checkpoint to go on from it, in the form that its texts have now.

        Raises EditedProgram.
        """
        view = self._view_holding(manager, at)
        restored = load_checkpoint(manager, at, self.namespace, view=view, edits_to=edits_to)
        try:
            check_unchanged(restored, edits_to, manager.view)
        except EditedProgram:
            abandon(restored.extra)
            raise
        return restored

    def _edits_to(self, program: str | None) -> EditsTo:
        """What leads to a program as it is now (None: as it was stored), and to this notebook."""
        filename = "" if program is None else self.host.learn_source(program)
        return lambda old: Edits(old, program or old, filename, self.namespace)

    async def _continue_cell(self, name: str, cell: Cell) -> ExecutionResult | None:
        __tracebackhide__ = True
        manager = self._manager(name, cell.cell_id)
        parse_cell(cell.text)  # a slip of the pen is told before anything is brought back
        try:
            restored = self._load(manager, None, self._edits_to(cell.text))
        except EditedProgram:
            self._refused[manager.execution_id] = cell.text
            raise
        self._refused.pop(manager.execution_id, None)
        self.host.replay(restored.shown)
        return await self._go_on(restored, manager, cell.text, cell.modules)

    async def _go_on(
        self,
        restored: Restored,
        manager: CheckpointManager,
        program: str,
        modules: tuple[str, ...] = (),
    ) -> ExecutionResult | None:
        __tracebackhide__ = True
        # The claim first: a kernel that may not continue must not touch its namespace.
        rest = restored.rest_of(program)
        journal = self._claimed(restored) if rest or not restored.finished else None
        restored = restored if journal else restored.at_rest()
        self.replacer.bring_back(restored, given=names_given(restored.program))
        self.host.set_around(restored.extra.get(AROUND, ()))
        agent = CellAgent(restored.name)
        set_agent_variables(agent, restored.extra.get("agent", {}))
        if journal is None:
            self.host.notice(
                f"{restored.name} is finished: its variables are back, nothing was run"
            )
            return None
        self.host.notice(restored.going_on())
        opened = replaced_with(restored, open_journal=lambda _namespace: journal)
        executor = self._executor(agent, manager, opened.open_journal, modules)
        return await executor.go_on(opened, program)

    def _claimed(self, restored: Restored) -> RunJournal | None:
        try:
            return restored.open_journal(self.namespace)
        except PlaybookError:
            abandon(restored.extra)
            raise
