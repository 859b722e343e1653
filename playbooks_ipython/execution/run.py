"""Run: executes the statements of one program and commits what its awaits report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from types import CodeType
from typing import Any

import playbooks_ipython
from playbooks_ipython.agents import (
    VERBS,
    Operation,
    agent_variables,
    begin_operation,
    end_operation,
)
from playbooks_ipython.checkpoints import (
    CHILDREN,
    FRAME,
    Answers,
    Point,
    Position,
    Roots,
    RunJournal,
)
from playbooks_ipython.checkpoints.frames import abandon
from playbooks_ipython.checkpoints.outcomes import OUTCOME
from playbooks_ipython.continuation import (
    Again,
    Answer,
    Notice,
    Outcome,
    Recorder,
    Site,
    current_outcome,
    marked_frame,
    recording,
    stack_of,
)
from playbooks_ipython.continuation.cells import note_cell_task
from playbooks_ipython.continuation.sites import MODULE
from playbooks_ipython.continuation.strands import Strand
from playbooks_ipython.continuation.tasks import current_run_task
from playbooks_ipython.errors import ClaimLost, OtherCall, PlaybookError, Signal
from playbooks_ipython.execution.around import AROUND, values_around
from playbooks_ipython.execution.children import Children
from playbooks_ipython.execution.driver import Steps
from playbooks_ipython.execution.host import Host
from playbooks_ipython.execution.interrupts import Interrupts
from playbooks_ipython.execution.modules import MODULES, ChosenModules
from playbooks_ipython.execution.nesting import NESTED, nested_by
from playbooks_ipython.execution.output import OutputKeeper
from playbooks_ipython.execution.regions import Asked, Regions, operands_of
from playbooks_ipython.execution.result import error_fields
from playbooks_ipython.execution.statements import Code, run_plain, settles
from playbooks_ipython.records import State
from playbooks_ipython.settings import Settings
from playbooks_ipython.snapshot import user_variables
from playbooks_ipython.snapshot.context import library_variables, seen_from
from playbooks_ipython.source import TopStatement

Frame = Coroutine[Any, Any, Any]
_ATOMS = (type(None), bool, int, float, str, bytes)


class Stopped(Signal):
    """The run may not go on here, for the error within; no handler of the program may help it."""


class Run:
    """One program in one namespace, and the recorder of its awaits.

    `journal` None runs it without saving.
    """

    def __init__(
        self,
        agent: object,
        namespace: dict[str, Any],
        host: Host,
        journal: RunJournal | None,
        settings: Settings | None = None,
        answers: Answers | None = None,
    ) -> None:
        self.agent, self.namespace, self.host, self.journal = agent, namespace, host, journal
        self.awaited = False
        self.modules: ChosenModules | None = None
        self.around = values_around(namespace)
        self.interrupts = Interrupts()
        run_id = journal.run_id if journal is not None else ""
        self.children = Children(self, self.interrupts, namespace, run_id)
        self._output = OutputKeeper(host, (settings or Settings()).output_limit_kb * 1024)
        self._position = Position(0)
        self._executed = self._end = 0
        self._frame: Frame | None = None
        self._again: Again | None = None
        self._tasks: dict[str, Any] | None = None
        self._let_go: Callable[[], None] | None = None
        self._statement: TopStatement | None = None
        self._stopped: PlaybookError | None = None
        if journal is not None:
            notice = partial(host.notice, once=True)
            self._regions = Regions(journal, namespace, answers or Answers(), notice)
            journal.tell_to(host.notice)
            journal.watch_tasks(self.children.alive.keys())
            self.children.note_raised = journal.note_raised
            limit_mb = (settings or Settings()).max_checkpoint_size_mb
            journal.limit_bytes = None if limit_mb is None else limit_mb * 1024 * 1024

    def stand_at(
        self,
        position: Position,
        frame: Frame | None,
        again: Again | None,
        tasks: dict[str, Any] | None = None,
        let_go: Callable[[], None] | None = None,
    ) -> None:
        """Go on from a checkpoint: what stands before `position` has run.

        `again`: what must be made again first; `tasks`: the run's, with what the loop was about to
        do; `let_go` is called when all that is alive, and nobody else need hold it.
        """
        self._position, self._frame, self._again = position, frame, again
        self._tasks, self._let_go = tasks, let_go
        if tasks is not None:
            self.children.take_up(tasks)

    def has_run(self, statement: TopStatement, end: int) -> bool:
        """Tell whether a statement stands before where this run goes on.

        `end`: how many characters of the program have run after it.
        """
        before = statement.index < self._position.next
        if before:
            self._statement, self._executed, self._end = statement, end, end
        return before

    async def execute(self, statement: TopStatement, code: Code, end: int) -> Any:
        """Run one statement, from where it stands if it was begun. Returns its value."""
        __tracebackhide__ = True
        self._statement, self._end = statement, end
        note_cell_task()
        await self.come_alive()
        if isinstance(code, CodeType):
            if pending := self.interrupts.take_pending():
                raise pending
            with self.interrupts.stepping(), recording(self._recorder, code):
                value = run_plain(code, self.namespace)
        else:
            frame, self._frame = self._frame, None
            self.awaited |= statement.has_await
            value = await self._drive(frame or code.start(self.namespace))
        self._position, self._executed = Position(statement.index + 1), end
        self._show_scope()
        if self.journal is not None:
            self.journal.statement_ended()
        return value

    def _show_scope(self) -> None:
        """Let marks of tasks find the context variables of the cell as they are now."""
        here = copy_context()
        self.children.scope = lambda: here

    async def come_alive(self) -> None:
        """Make again what cannot be stored, and let the tasks of the run go on."""
        again, self._again = self._again, None
        tasks, self._tasks = self._tasks, None
        if again is None:
            return
        try:
            with recording(self._recorder):
                await again.happen(self.host.notice)
                if tasks is not None:
                    self._show_scope()
                    await self.children.come_alive(tasks, self._frame)
        except BaseException:
            abandon({FRAME: self._frame})
            raise
        if self._let_go is not None:
            self._let_go()

    @property
    def has_tasks_to_wake(self) -> bool:
        return self._tasks is not None

    async def _drive(self, frame: Frame) -> Any:
        __tracebackhide__ = True
        self._frame = frame
        steps = Steps(frame, self.interrupts)
        self.children.scope = lambda: steps.scope
        task = note_cell_task()  # None in a child that the program forked: its loop does not run
        self.children.cell = None if task is None else (task, frame)
        try:
            with recording(self._recorder):
                return await steps
        except Stopped as stopped:
            raise stopped.args[0] from None
        finally:
            self._frame = self.children.cell = None

    # -- the recorder: called while the program's frames run

    @property
    def _recorder(self) -> Recorder | None:
        return self if self.journal is not None else None

    def issued(self, site: Site) -> Answer | None:
        """Commit that an await is about to be issued, or return what it gave before a restart."""
        __tracebackhide__ = True
        assert self.journal is not None, "nothing is recorded without a journal"
        if self._stopped is not None:
            raise Stopped(self._stopped)
        if self._is_interrupted:
            return None
        strand = self.children.strand
        point, is_beneath = self._point(site, strand)
        with self._committing():
            flight, answer = self._regions.issue(point, site, strand, is_beneath)
            if answer is not None:
                return answer
            self._output.keep(self.journal)
            known = strand.attempt if strand.operation == point.operation else 0
            attempt = self.journal.next_attempt(point.operation, known)
            strand.operation, strand.attempt = point.operation, attempt
            flight.attempt = attempt
            roots = self._roots()
            operands = partial(operands_of, flight.frame, site)
            self.journal.issue(point, roots, attempt, flight.region, operands)
            self._regions.watch(flight, roots)
        arguments = Asked(marked_frame(), site)
        strand.asked.add(arguments)
        begin_operation(Operation(self.journal.run_id, point.operation, attempt, arguments))
        return None

    def refuses(self, obj: object) -> bool:
        """Tell whether something is not stored by what it consists of."""
        return self.journal is not None and self.journal.refuses(obj)

    def will_be_inexact(self, notice: Notice) -> None:
        """Say what a restart makes again."""
        self.host.notice(str(notice), once=True)

    def completed(self, site: Site) -> None:
        """Commit that an await has its outcome, before the program goes on."""
        __tracebackhide__ = True
        assert self.journal is not None, "nothing is recorded without a journal"
        if self._stopped is not None or self._is_interrupted:
            return
        outcome = current_outcome()
        assert outcome is not None, "a completed await has one"
        if site.role == "statement":
            self._drop_unused(site, outcome)
        strand = self.children.strand
        with self._committing():
            point, is_beneath = self._point(site, strand)
            strand.completed += 1
            roots = self._roots()
            done = self._regions.complete(point, roots, outcome, strand, is_beneath)
            if done.region is not None:
                roots = roots.beside(**{OUTCOME: outcome})
            point = replace(point, operation=done.operation)
            n = self.journal.complete(point, roots, outcome, done.region)
            self._output.keep(self.journal)
        end_operation()
        self.host.changed(self.journal.name, n)

    @property
    def _is_interrupted(self) -> bool:
        """Tell whether an interrupt is on its way to the cell, and cancels thousands on it perhaps:
        a resume goes back to before it."""
        return self.children.is_stopping or self.interrupts.is_pending

    def _drop_unused(self, site: Site, outcome: Outcome) -> None:
        """What an await gives that is a whole statement is not used, and not stored; but a cell may
        show it: there it is only dropped if it cannot be stored."""
        assert self.journal is not None, "nothing is recorded without a journal"
        if isinstance(outcome.value, _ATOMS):
            return
        if site.function != MODULE or self.journal.refuses(outcome.value):
            outcome.value = None

    @contextmanager
    def _committing(self) -> Iterator[None]:
        __tracebackhide__ = True
        own = None if current_run_task() is None else self.children.scope()
        with self.interrupts.committing(), self.children.as_they_wait(), seen_from(own):
            try:
                yield
            except (ClaimLost, OtherCall) as stopped:
                # From here on nothing more is issued: `finally` clauses of the program may await.
                self._stopped = stopped
                raise Stopped(stopped) from None

    # -- the end

    def end(self, state: State, error: BaseException | None = None, filename: str = "") -> None:
        """Record how the run ended, with the namespace as it is then if it is finished."""
        if self.journal is None:
            return
        self._output.keep(self.journal)
        failed = error_fields(error, filename) if error and state == "failed" else None
        point = self._end_point() if state == "finished" else None
        with self.interrupts.committing(), self.children.as_they_wait():
            self.journal.end(state, failed, point, self._roots(), error)

    def fail(self, error: BaseException, filename: str) -> None:
        """Record an error that ended the run; a lost claim leaves none: the run is not ours."""
        if isinstance(error, ClaimLost):
            return
        stopped = isinstance(error, KeyboardInterrupt | asyncio.CancelledError)
        self.end("interrupted" if stopped else "failed", error, filename)

    # -- what is committed

    def _roots(self) -> Roots:
        extra: dict[str, Any] = {"agent": agent_variables(self.agent)}
        extra["context"] = library_variables()
        extra[AROUND] = self.around
        if self.modules is not None:
            extra[MODULES] = self.modules.kept
        if (nested := nested_by()) is not None:
            extra[NESTED] = nested
        if self._frame is not None:
            extra[FRAME] = self._frame
        if (children := self.children.state()) is not None:
            extra[CHILDREN] = children
        variables = program_variables(self.namespace, self.host)
        return Roots(variables, extra, self.children.parked())

    def _point(self, site: Site, strand: Strand) -> tuple[Point, bool]:
        """Describe a mark, and tell whether code of a library stands above its frame."""
        statement, task = self._statement, current_run_task()
        assert statement is not None, "awaits belong to a statement"
        assert self.journal is not None, "nothing is recorded without a journal"
        frame: Any = self._frame if task is None else task.coroutine
        stack = stack_of(frame)
        path = "/".join(f"{f.function}:{f.site.number if f.site else 0}" for f in stack)
        is_beneath = not stack[-1].is_marked
        if is_beneath:
            path += f"/{self._regions.depth(strand)}>{site.function}:{site.number}"
        lines = [(f.function, f.line) for f in stack] + [(site.function, site.line)] * is_beneath
        outermost = len(lines) == 1 and site.role in ("statement", "value") and task is None
        outcome = current_outcome()
        done = outermost and outcome is not None and not outcome.error and settles(statement)
        if self.children.is_alone:
            strand.completed = self.journal.completed
        within = statement.index if task is None else f"t{strand.number}"
        is_inside = self._frame is not None
        point = Point(
            position=Position(statement.index, inside=True) if is_inside else self._position,
            operation=f"{within}/{path}#{strand.completed + 1}",
            index=statement.index,
            line=site.line,
            statement=statement.text,
            executed=self._end if done else self._executed,
            stack=tuple(lines),
            local_types=tuple(_types(f.variables) for f in stack),
            location=self.host.location,
            pending=_pending(outcome) if outcome and not outermost else None,
            settles=done,
            strand=strand.number,
            task=None if task is None else task.get_name(),
            tasks=self.children.made,
        )
        return point, is_beneath

    def _end_point(self) -> Point:
        index = self._position.next
        return Point(
            position=Position(index),
            operation="end",
            index=index,
            line=0,
            statement="",
            executed=self._executed,
            location=self.host.location,
        )


def _types(variables: Mapping[str, Any]) -> dict[str, str]:
    return {name: type(value).__name__ for name, value in variables.items()}


def _pending(outcome: Any) -> str:
    """Say what an await gave that is not yet bound to a name, without asking the value itself."""
    error = outcome.error
    return f"raised {type(error).__name__}" if error else type(outcome.value).__name__


def own_names(namespace: Mapping[str, Any], host: Host) -> frozenset[str]:
    """Return the names that are not the user's: the host's, this package, verbs not replaced."""
    verbs = {name for name, verb in VERBS.items() if namespace.get(name, verb) is verb}
    package = {name for name, value in namespace.items() if value is playbooks_ipython}
    return host.hidden | verbs | package


def program_variables(namespace: Mapping[str, Any], host: Host) -> dict[str, Any]:
    return user_variables(namespace, own_names(namespace, host))
