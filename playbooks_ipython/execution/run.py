"""Run: executes the statements of one program and commits around each await."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import playbooks_ipython
from playbooks_ipython.agents import VERBS, agent_variables
from playbooks_ipython.checkpoints import Point, Position, Roots, RunJournal
from playbooks_ipython.errors import ClaimLost
from playbooks_ipython.execution.driver import Steps
from playbooks_ipython.execution.host import Host
from playbooks_ipython.execution.interrupts import Interrupts
from playbooks_ipython.execution.output import OutputKeeper
from playbooks_ipython.execution.result import error_fields
from playbooks_ipython.execution.statements import Compiler, awaits, start
from playbooks_ipython.records import State
from playbooks_ipython.settings import Settings
from playbooks_ipython.snapshot import user_variables
from playbooks_ipython.source import TopStatement


class Run:
    """One program in one namespace. `journal` None runs it without saving."""

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
        if journal is not None:
            journal.trouble = host.notice
        self.interrupts = Interrupts()
        self._output = OutputKeeper(host, (settings or Settings()).output_limit_kb * 1024)
        self._next = 0
        self._executed = 0

    def stand_at(self, position: Position) -> None:
        """Go on from a checkpoint: what stands before `position` has run."""
        self._next = position.next

    async def execute(self, statement: TopStatement, compiler: Compiler, end: int) -> Any:
        """Run one statement, unless it stands before where this run goes on. Returns its value.

        `end`: how many characters of the program have run after it.
        """
        __tracebackhide__ = True
        code = compiler.compile(statement)
        if statement.index < self._next:
            self._executed = end
            return None
        value = await self._awaiting(statement, code, end) if awaits(code) else self._plain(code)
        self._next, self._executed = statement.index + 1, end
        return value

    def end(self, state: State, error: BaseException | None = None, filename: str = "") -> None:
        """Record how the run ended, with the namespace as it is then if it is finished."""
        if self.journal is None:
            return
        self._output.keep(self.journal)
        fields = error_fields(error, filename) if error else None
        point = self._point(None, Position(self._next)) if state == "finished" else None
        with self.interrupts.committing():
            self.journal.end(state, fields, point, self._roots())

    def fail(self, error: BaseException, filename: str) -> None:
        """Record an error that ended the run; a lost claim leaves none: the run is not ours."""
        if isinstance(error, ClaimLost):
            return
        stopped = isinstance(error, KeyboardInterrupt | asyncio.CancelledError)
        self.end("interrupted" if stopped else "failed", None if stopped else error, filename)

    def _plain(self, code: Any) -> Any:
        __tracebackhide__ = True
        with self.interrupts.stepping():
            return start(code, self.namespace)

    async def _awaiting(self, statement: TopStatement, code: Any, end: int) -> Any:
        __tracebackhide__ = True
        self.awaited = True
        self._issue(self._point(statement, Position(statement.index)))
        value = await Steps(start(code, self.namespace), self.interrupts)
        self._executed = end
        self._complete(self._point(statement, Position(statement.index + 1)))
        return value

    def _issue(self, point: Point) -> None:
        self._output.keep(self.journal)
        if self.journal is not None:
            with self.interrupts.committing():
                self.journal.issue(point, self._roots())

    def _complete(self, point: Point) -> None:
        if self.journal is not None:
            with self.interrupts.committing():
                n = self.journal.complete(point, self._roots())
            self.host.changed(self.journal.name, n)
        self._output.keep(self.journal)

    def _roots(self) -> Roots:
        return Roots(
            variables=program_variables(self.namespace, self.host),
            extra={"agent": agent_variables(self.agent)},
        )

    def _point(self, statement: TopStatement | None, position: Position) -> Point:
        # With no statement, the point is the end of the program.
        index = statement.index if statement else position.next
        return Point(
            position=position,
            operation=f"{index}",
            index=index,
            line=statement.line if statement else 0,
            statement=statement.text if statement else "",
            executed=self._executed,
            stack=(("<cell>", statement.line),) if statement else (),
            location=self.host.location,
        )


def own_names(namespace: Mapping[str, Any], host: Host) -> frozenset[str]:
    """Return the names that are not the user's: the host's, this package, verbs not replaced."""
    verbs = {name for name, verb in VERBS.items() if namespace.get(name, verb) is verb}
    package = {name for name, value in namespace.items() if value is playbooks_ipython}
    return host.hidden | verbs | package


def program_variables(namespace: Mapping[str, Any], host: Host) -> dict[str, Any]:
    return user_variables(namespace, own_names(namespace, host))
