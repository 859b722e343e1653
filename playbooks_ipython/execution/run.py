"""Run: executes the statements of one program and commits what its awaits report."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import CodeType
from typing import Any

import playbooks_ipython
from playbooks_ipython.agents import VERBS, Operation, agent_variables, begin_operation
from playbooks_ipython.checkpoints import FRAME, Point, Position, Roots, RunJournal
from playbooks_ipython.checkpoints.frames import abandon
from playbooks_ipython.continuation import Again, Notice, Site, current_outcome, recording, stack_of
from playbooks_ipython.continuation.frames import innermost_locals
from playbooks_ipython.errors import ClaimLost, Signal
from playbooks_ipython.execution.driver import Steps
from playbooks_ipython.execution.host import Host
from playbooks_ipython.execution.interrupts import Interrupts
from playbooks_ipython.execution.modules import MODULES, ChosenModules
from playbooks_ipython.execution.nesting import NESTED, nested_by
from playbooks_ipython.execution.output import OutputKeeper
from playbooks_ipython.execution.result import error_fields
from playbooks_ipython.execution.statements import Code, run_plain, settles
from playbooks_ipython.records import State
from playbooks_ipython.settings import Settings
from playbooks_ipython.snapshot import Encoder, user_variables
from playbooks_ipython.snapshot.context import library_variables
from playbooks_ipython.source import TopStatement

Frame = Coroutine[Any, Any, Any]


class Superseded(Signal):
    """Another kernel took the run over; no handler of the program may go on without it."""


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
    ) -> None:
        self.agent, self.namespace, self.host, self.journal = agent, namespace, host, journal
        self.awaited = False
        self.modules: ChosenModules | None = None
        self.interrupts = Interrupts()
        self._output = OutputKeeper(host, (settings or Settings()).output_limit_kb * 1024)
        self._position = Position(0)
        self._executed = self._end = 0
        self._frame: Frame | None = None
        self._again: Again | None = None
        self._statement: TopStatement | None = None
        self._lost: ClaimLost | None = None
        if journal is not None:
            journal.trouble = host.notice
            limit_mb = (settings or Settings()).max_checkpoint_size_mb
            journal.limit_bytes = None if limit_mb is None else limit_mb * 1024 * 1024

    def stand_at(self, position: Position, frame: Frame | None, again: Again | None) -> None:
        """Go on from a checkpoint: what stands before `position` has run.

        `again`: what must be made again first.
        """
        self._position, self._frame, self._again = position, frame, again

    def has_run(self, statement: TopStatement, end: int) -> bool:
        """Tell whether a statement stands before where this run goes on.

        `end`: how many characters of the program have run after it.
        """
        before = statement.index < self._position.next
        if before:
            self._executed = end
        return before

    async def execute(self, statement: TopStatement, code: Code, end: int) -> Any:
        """Run one statement, from where it stands if it was begun. Returns its value."""
        __tracebackhide__ = True
        await self._come_alive()
        if isinstance(code, CodeType):
            if self.interrupts.take_pending():
                raise KeyboardInterrupt
            with self.interrupts.stepping():
                value = run_plain(code, self.namespace)
        else:
            frame, self._frame = self._frame, None
            self._statement, self._end = statement, end
            self.awaited |= statement.has_await
            value = await self._drive(frame or code.start(self.namespace))
        self._position, self._executed = Position(statement.index + 1), end
        if self.journal is not None:
            self.journal.statement_ended()
        return value

    async def _come_alive(self) -> None:
        again, self._again = self._again, None
        if again is None:
            return
        try:
            await again.happen(self.host.notice)
        except BaseException:
            abandon(self._frame)
            raise

    async def _drive(self, frame: Frame) -> Any:
        __tracebackhide__ = True
        self._frame = frame
        try:
            with recording(self if self.journal is not None else None):
                return await Steps(frame, self.interrupts)
        except Superseded as superseded:
            raise superseded.args[0] from None
        finally:
            self._frame = None

    # -- the recorder: called while the program's frames run

    def issued(self, site: Site) -> None:
        """Commit that an await is about to be issued."""
        __tracebackhide__ = True
        assert self.journal is not None, "nothing is recorded without a journal"
        if self._lost is not None:
            raise Superseded(self._lost)
        point = self._point(site)
        with self._committing():
            self._output.keep(self.journal)
            attempt = self.journal.issue(point, self._roots())
        arguments = partial(self._arguments, site)
        begin_operation(Operation(self.journal.run_id, point.operation, attempt, arguments))

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
        if self._lost is not None:
            return
        outcome = current_outcome()
        with self._committing():
            failed = outcome.error if outcome else None
            n = self.journal.complete(self._point(site), self._roots(), failed)
            self._output.keep(self.journal)
        self.host.changed(self.journal.name, n)

    @contextmanager
    def _committing(self) -> Iterator[None]:
        __tracebackhide__ = True
        with self.interrupts.committing():
            try:
                yield
            except ClaimLost as lost:
                # From here on nothing more is issued: `finally` clauses of the program may await.
                self._lost = lost
                raise Superseded(lost) from None

    # -- the end

    def end(self, state: State, error: BaseException | None = None, filename: str = "") -> None:
        """Record how the run ended, with the namespace as it is then if it is finished."""
        if self.journal is None:
            return
        self._output.keep(self.journal)
        failed = error_fields(error, filename) if error and state == "failed" else None
        point = self._end_point() if state == "finished" else None
        with self.interrupts.committing():
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
        if self.modules is not None:
            extra[MODULES] = self.modules.kept
        if (nested := nested_by()) is not None:
            extra[NESTED] = nested
        if self._frame is not None:
            extra[FRAME] = self._frame
        return Roots(variables=program_variables(self.namespace, self.host), extra=extra)

    def _point(self, site: Site) -> Point:
        statement, frame = self._statement, self._frame
        assert statement is not None and frame is not None, "awaits belong to a statement"
        assert self.journal is not None, "nothing is recorded without a journal"
        stack = stack_of(frame)  # type: ignore[arg-type]  # a twin's coroutine is CPython's own
        path = "/".join(f"{f.function}:{f.site.number if f.site else 0}" for f in stack)
        outermost = len(stack) == 1 and site.role in ("statement", "value")
        outcome = current_outcome()
        done = outermost and outcome is not None and not outcome.error and settles(statement)
        return Point(
            position=Position(statement.index, inside=True),
            operation=f"{statement.index}/{path}#{self.journal.completed + 1}",
            index=statement.index,
            line=site.line,
            statement=statement.text,
            executed=self._end if done else self._executed,
            stack=tuple((f.function, f.line) for f in stack),
            local_types=tuple(_types(f.variables) for f in stack),
            location=self.host.location,
            pending=_pending(outcome) if outcome and not outermost else None,
            settles=done,
        )

    def _arguments(self, site: Site) -> bytes:
        """Return the bytes of what the await at `site` calls, and with what."""
        frame: Any = self._frame
        values = innermost_locals(frame) if frame is not None else {}
        operands = {name: values[name] for name in site.operands if name in values}
        return Encoder(self.namespace).encode(operands, {}).stream

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
