"""The streaming executor: text comes in, statements run as they become complete, awaits commit.

Where text, agents, continuation and checkpoints meet. Knows nothing of IPython.
"""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import Callable, Iterable
from contextlib import closing
from contextvars import Context
from typing import Any, Self

from playbooks_ipython.agents import VERBS, acting_on
from playbooks_ipython.checkpoints import CHILDREN, FRAME, Answers, CheckpointManager, Position
from playbooks_ipython.checkpoints.loading import AGAIN
from playbooks_ipython.checkpoints.unwinding import UNWINDING
from playbooks_ipython.checkpoints.whole import WholeCheckpoint
from playbooks_ipython.config import config
from playbooks_ipython.continuation import Again, Source, inexact
from playbooks_ipython.errors import PlaybookError, SettingsError
from playbooks_ipython.execution.around import AROUND, Values
from playbooks_ipython.execution.host import Host, PlainHost
from playbooks_ipython.execution.leaving import leave_plain
from playbooks_ipython.execution.modules import MODULES, ChosenModules
from playbooks_ipython.execution.nesting import NESTED, nest_again
from playbooks_ipython.execution.readings import Readings
from playbooks_ipython.execution.restoring import (
    OpenJournal,
    Restored,
    no_journal,
    restore_whole,
)
from playbooks_ipython.execution.result import ExecutionResult
from playbooks_ipython.execution.run import Run
from playbooks_ipython.execution.statements import Compiler, is_quiet, statements_of
from playbooks_ipython.execution.task_factory import begin_tasks
from playbooks_ipython.extensions.registry import ExtensionRegistry
from playbooks_ipython.records import State
from playbooks_ipython.settings import Settings
from playbooks_ipython.source import StatementStream, TopStatement

NO_AWAIT = (
    "no await here: saved at the end only. `await asyncio.to_thread(f, x)` or "
    "`await pb.checkpoint()` add points"
)


class StreamingPythonExecutor:
    """Runs one program, durably.

    Args:
        agent: any object with `id` and `state`; the id is the run's name, the state is kept too.
        namespace: the dictionary that the code runs in; a new one if it is not given.
        manager: keeps the checkpoints. Not given: the provider that the settings name keeps them,
            or nobody where `enabled` is false.
        host: the place that it runs in.
        open_journal: how the run is opened when its first statement comes; by default anew.
    """

    def __init__(
        self,
        agent: Any,
        *,
        namespace: dict[str, Any] | None = None,
        manager: CheckpointManager | None = None,
        host: Host | None = None,
        open_journal: OpenJournal | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.agent = agent
        self.settings = settings or config.durability
        self.namespace = _new_namespace() if namespace is None else namespace
        self.manager = manager or _default_manager(agent, self.settings)
        self.host = host or PlainHost()
        self.result = ExecutionResult()
        self._open_journal = open_journal or (self.manager.begin if self.manager else no_journal)
        self._run: Run | None = None
        self._stream = StatementStream()
        self._response, self._ended = "", False
        self._compiler = Compiler(self.host.learn_source(""))
        self._last: TopStatement | None = None
        self._start, self._frame = Position(0), None
        self._again: Again | None = None
        self._tasks: dict[str, Any] | None = None
        self._let_go: Callable[[], None] | None = None
        self._unwinding: Iterable[tuple[BaseException, int]] = ()
        self._modules = ChosenModules(self.namespace, self.settings.modules)
        self._answers = Answers()
        self._readings = Readings()
        self._around: Values | None = None
        self.behind: asyncio.Task[None] | None = None
        """What waits for the tasks of a run whose cell has ended."""
        self._end_tasks: Callable[[], None] = _nothing

    def set_llm_response(self, text: str) -> None:
        """Make the whole program known before all of it has been streamed."""
        self._response = text

    async def add_chunk(self, text: str) -> None:
        """Take the next piece of the program and run every statement that is surely complete.

        Raises what the program raises; chunks that come after an error are ignored.
        """
        __tracebackhide__ = True
        if not self.result.has_error:
            await self._execute(lambda: self._stream.feed(text))

    async def finalize(self) -> ExecutionResult:
        """Run what is left, and end the run. Raises the program's SyntaxError if it has one."""
        __tracebackhide__ = True
        if not self.result.has_error:
            self._ended = True
            await self._execute(self._stream.finish)
            run = self._learn_and_open()
            if self._is_without_points(run):
                self.host.notice(NO_AWAIT, once=True)
            if run.children.alive:
                self._leave_behind(run)
            else:
                run.end("finished")
                self._close()
        return self.result

    def _is_without_points(self, run: Run) -> bool:
        saved = run.journal is not None and run.children.is_alone
        return saved and not run.awaited and not self._start.next

    def _leave_behind(self, run: Run) -> None:
        count = len(run.children.alive)
        said, end = ("1 task goes", "it has") if count == 1 else (f"{count} tasks go", "they have")
        self.host.notice(f"{said} on behind the cell: the run is finished when {end} ended")
        make = asyncio.get_running_loop().create_task
        self.behind = make(self._go_on_behind(run), context=Context())

    @property
    def is_behind(self) -> bool:
        """Tell whether the run's cell has ended, and tasks of it go on."""
        return self.behind is not None and not self.behind.done()

    async def settle(self) -> None:
        """Wait until the run has ended, its tasks included."""
        if self.behind is not None:
            await asyncio.wait([self.behind])

    async def run(self, text: str) -> ExecutionResult:
        """Run a whole program to its end."""
        __tracebackhide__ = True
        self.set_llm_response(text)
        await self.add_chunk(text)
        return await self.finalize()

    @classmethod
    async def resume_from_checkpoint(
        cls,
        agent: Any,
        checkpoint_data: WholeCheckpoint,
        *,
        manager: CheckpointManager | None = None,
        host: Host | None = None,
    ) -> Self:
        """Continue after a checkpoint, in a namespace of its own; returns when the rest has run.

        Raises ClaimHeld, UntrustedRun, EditedProgram, or what the program raises.
        """
        executor = cls(agent, manager=manager, host=host)
        restored = restore_whole(checkpoint_data, executor.manager, executor.namespace)
        executor.namespace.update(restored.variables)
        await executor.go_on(restored)
        return executor

    async def go_on(self, restored: Restored, program: str | None = None) -> ExecutionResult:
        """Run what stands after a checkpoint whose variables are in the namespace again.

        `program` is the text to go on with, if it is newer than the one that was stored.
        """
        __tracebackhide__ = True
        self.host.location = restored.location
        self._open_journal = restored.open_journal
        self._start, self._frame = restored.position, restored.extra.get(FRAME)
        self._again = restored.extra.get(AGAIN)
        self._tasks, self._let_go = restored.extra.get(CHILDREN), restored.let_go
        self._unwinding = restored.extra.get(UNWINDING, ())
        self._around = restored.extra.get(AROUND)
        if MODULES in restored.extra:
            self._modules.go_on(restored.extra[MODULES], self.host.notice)
        if NESTED in restored.extra:
            nest_again(restored.extra[NESTED], self.host.notice)
        self._answers = restored.answers
        text = restored.program if program is None else program
        if text == restored.program and not restored.whole:
            return await self._run_what_came(text)
        return await self.run(text)

    async def _run_what_came(self, text: str) -> ExecutionResult:
        """Run the statements of a torn stream that are surely complete; the run has not ended."""
        __tracebackhide__ = True
        await self.add_chunk(text)
        self.host.notice("its text had not all come: it went on as far as it is known")
        self._learn_and_open().end("interrupted")
        self._close()
        return self.result

    # -- within

    async def _execute(self, statements: Callable[[], Iterable[TopStatement]]) -> None:
        __tracebackhide__ = True
        try:
            found = statements()
            run = self._learn_and_open()
            with run.interrupts.handled(), acting_on(self.host), self.host.capturing():
                for statement in found:
                    end = self._end_of(statement)
                    if run.has_run(statement, end):
                        self._compiler.pass_over(statement, self._stream.text)
                    else:
                        self._modules.go_into(self._text)
                        code = self._compiler.compile(statement, self._stream.text)
                        self._warn(statement)
                        value = await run.execute(statement, code, end)
                        quiet = is_quiet(statement, self._stream.text)
                        self.result.value = None if quiet else value
                    self.result.executed_code = self._text[:end]
                if self._ended:
                    await self._come_alive(run)
        except BaseException as error:  # the user's own, and their interrupts: told and raised on
            if isinstance(error, SyntaxError) and error.filename == self._stream.filename:
                error.filename = self._compiler.filename
            self.result.error = error
            if self._run is not None:
                self._run.fail(error, self._compiler.filename)
                if not isinstance(error, GeneratorExit):
                    await self._stop_tasks(self._run)
                self._close()
            raise

    async def _come_alive(self, run: Run) -> None:
        """Let tasks go on where no statement is left: none has given twins to what they call."""
        __tracebackhide__ = True
        if run.has_tasks_to_wake:
            self._modules.go_into(self._text)
        await run.come_alive()

    async def _stop_tasks(self, run: Run) -> None:
        count = await run.children.cancel()
        if count:
            tasks = "1 task" if count == 1 else f"{count} tasks"
            self.host.notice(f"{tasks} of this run had not ended: cancelled; a resume goes on")

    async def _go_on_behind(self, run: Run) -> None:
        """Let tasks go on although the cell has ended, and end the run when they have."""
        this = asyncio.current_task()
        assert this is not None, "it is made as a task"
        state: State = "finished"
        try:
            with run.interrupts.behind(this.cancel):
                await run.children.idle()
        except asyncio.CancelledError:
            state = "interrupted"
        if state == "interrupted" or run.children.is_stopping:
            run.end("interrupted")
            await run.children.cancel()
        else:
            run.end("finished")
        self._close()

    def _warn(self, statement: TopStatement) -> None:
        """Say what cannot be continued exactly, by line, before it runs."""
        source = Source(self._stream.text, self._compiler.filename)
        for notice in (*inexact(statement.node, source), *self._readings.of(statement, self._text)):
            self.host.notice(str(notice), once=True)

    @property
    def _text(self) -> str:
        """The program as far as it is known."""
        return self._response or self._stream.text

    def _end_of(self, statement: TopStatement) -> int:
        """Return where the statement ends in the program's text.

        A response may have been announced in another layout than the one it is streamed in; its
        statements are the same ones by number, never by searching text.
        """
        if self._text.startswith(self._stream.text):
            return statement.end
        announced = statements_of(self._text)
        return announced[min(statement.index, len(announced) - 1)].end if announced else 0

    def _learn_and_open(self) -> Run:
        """Make the text known to tracebacks and to the log, opening the run at the first call."""
        self._compiler.filename = self.host.learn_source(self._text, self._compiler.filename)
        if self._run is None:
            journal = self._open_journal(self.namespace)
            self._run = Run(
                self.agent, self.namespace, self.host, journal, self.settings, self._answers
            )
            self._run.modules = self._modules
            if self._around is not None:
                self._run.around = self._around
            leave_plain()
            self._end_tasks = begin_tasks()
            held = self._frame, self._again, self._tasks
            self._run.stand_at(self._start, *held, self._let_go)
            if journal is not None:
                journal.go_on_unwinding(self._unwinding)
            self._frame = self._again = self._tasks = None  # the run has them
            self._unwinding = ()
        if self._run.journal is not None and self._text:
            whole = bool(self._response) or self._ended
            self._run.journal.keep_source(self._text, whole=whole)
        return self._run

    def _close(self) -> None:
        run, self._run = self._run, None
        self._end_tasks()
        self._end_tasks = _nothing
        if run is not None:
            run.children.is_open = False
        if run is not None and run.journal is not None:
            assert self.manager is not None, "a journal comes from a manager"
            try:
                with closing(run.journal):
                    run.journal.keep_last(self.settings.keep_last_n)
                self.manager.export()
            except (PlaybookError, OSError) as trouble:
                # Tidying up must not stand in the place of what the program itself ended with.
                self.host.notice(f"not all was tidied up after the run: {trouble}")


def _nothing() -> None:
    return None


def _default_manager(agent: Any, settings: Settings) -> CheckpointManager | None:
    if not settings.enabled:
        return None
    provider = ExtensionRegistry.checkpoint_provider(settings.store)
    if provider is None:
        raise SettingsError("store", "playbooks.toml", f"there is no store {settings.store!r}")
    from_settings = getattr(provider, "from_settings", None)
    made = from_settings(settings) if from_settings else provider()
    return CheckpointManager(execution_id=str(agent.id), provider=made)


def _new_namespace() -> dict[str, Any]:
    return {"__name__": "__main__", "__builtins__": builtins, **VERBS}
