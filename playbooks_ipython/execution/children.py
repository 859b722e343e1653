"""Children: the tasks of one run, and what its loop is about to call. Stored as one cut with the
cell's own frame: at a mark everybody else waits.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from types import FrameType
from typing import Any

from playbooks_ipython.agents import Operation, begin_operation
from playbooks_ipython.checkpoints import FRAME, abandon
from playbooks_ipython.continuation.cancel_scopes import known_of, let_know
from playbooks_ipython.continuation.marks import HOOKS
from playbooks_ipython.continuation.passing_scopes import Line, passing_scopes
from playbooks_ipython.continuation.quiet import is_quiet
from playbooks_ipython.continuation.recorders import Recorder, current
from playbooks_ipython.continuation.restored import give_error
from playbooks_ipython.continuation.sites import is_child, twin_of_code
from playbooks_ipython.continuation.sleeping import rest_of_sleep
from playbooks_ipython.continuation.strands import Strand
from playbooks_ipython.continuation.tasks import (
    MadeCall,
    RunTask,
    cancel_where_it_waits,
    current_run_task,
)
from playbooks_ipython.continuation.unstarted import reduce_unstarted
from playbooks_ipython.continuation.waking import set_timer, wake
from playbooks_ipython.execution.cancellations import Cancellations
from playbooks_ipython.execution.interrupts import Interrupts
from playbooks_ipython.execution.regions import call_of
from playbooks_ipython.execution.turn import Turn
from playbooks_ipython.execution.upcoming import Upcoming
from playbooks_ipython.execution.waiting import library_in, waiting_frame
from playbooks_ipython.snapshot import Crowd, Parked
from playbooks_ipython.snapshot.context import (
    fill_context,
    forget_firsts,
    is_kept,
    items_of,
    note_scope,
)


class Children:
    """The tasks of one run.

    Args:
        recorder: who keeps the run; tasks that are made while it is the current one are its own.
    """

    def __init__(
        self, recorder: Recorder, interrupts: Interrupts, namespace: dict[str, Any], run_id: str
    ) -> None:
        self.main, self.alive = Strand(), dict[int, RunTask]()
        self.scope: Callable[[], Context | None] = lambda: None
        self.note_raised: Callable[[Strand, Exception], None] = lambda _strand, _error: None
        self.cell: tuple[Any, Any] | None = None
        """The task of the cell, and the frame of its statement that waits."""
        self.is_stopping, self.is_open = False, True
        self._recorder, self._interrupts = recorder, interrupts
        self._namespace, self._run_id = namespace, run_id
        self._number = self._held = 0
        self._crowd = Crowd()
        """All tasks in the order of their making, as long as somebody has them."""
        self._due: list[Any] = []
        self._next: list[Any] = []
        self._cancellations = Cancellations()
        self._loop = Upcoming(self, recorder, namespace, self._cancellations.may_reach)
        self._idle: asyncio.Future[None] | None = None

    # -- what tasks say

    def begin_step(self) -> Any:
        return self._interrupts.begin_step()

    def end_step(self, before: Any) -> None:
        self._interrupts.end_step(before)

    def ended(self, strand: Strand) -> None:
        if self.alive.pop(strand.number, None) is not None and not self.alive:
            HOOKS.end_recording()
            if self._idle is not None and not self._idle.done():
                self._idle.set_result(None)

    def moved(self, task: RunTask) -> None:
        self._crowd.note_moved(task.strand.number, task)

    def asked_to_stop(self, task: RunTask) -> None:
        self._cancellations.may_reach(task)

    def stop(self, error: BaseException) -> None:
        self._interrupts.stop(error)

    def items_of(self, scope: Context) -> list[tuple[Any, Any]]:
        return items_of(scope)

    def holders(self, task: RunTask) -> Iterable[object]:
        """What refers to the frames of a task: what is known of its awaits in flight."""
        return task.strand, *task.strand.asked

    @property
    def is_held(self) -> bool:
        return self._held > 0

    def failed(self, strand: Strand, error: Exception) -> None:
        """What an error ends is gone back to where it arose: what completed after that, elsewhere,
        would be issued again. Two rounds of the loop bring it to whoever awaits it, even through a
        `gather`; what is done about it is up to them."""
        self.note_raised(strand, error)
        self._crowd.remove(strand.number)  # it matters who was told of the error
        self._held = _ROUNDS
        asyncio.get_running_loop().call_soon(self._next_round)

    def _next_round(self) -> None:
        self._held -= 1
        if self._held > 0:
            asyncio.get_running_loop().call_soon(self._next_round)

    # -- tasks that are made

    def make(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> Any:
        """Make a task of the run; None if the coroutine is none that could be begun again."""
        made = within = None
        if (inner := library_in(coroutine)) is not None:
            # Where nobody asked for it, it is a part of the library's await that made it.
            if not self._is_made_by_user(sys._getframe(1)):
                return None
            within = _call_of(inner)
        elif not is_child(coroutine):
            made = _call_of(coroutine) if self._is_made_by_user(sys._getframe(1)) else None
            if made is None:
                return None
        self._number += 1
        strand = Strand(self._number)
        scope = options.get("context") or copy_context()
        if (call := made or within) is not None:
            self._begin(call, strand, scope)
        task = RunTask(
            coroutine, self, strand, loop=loop, scope=scope, name=options.get("name"), made=made
        )
        task.has_own_scope = options.get("context") is None
        self._enlist(task)
        return task

    def _enlist(self, task: RunTask) -> None:
        note_scope(task)
        if not self.alive:
            HOOKS.begin_recording()
        self.alive[task.strand.number] = task
        self._know(task)

    def _know(self, task: RunTask) -> None:
        task.owner = self
        self._crowd.add(task.strand.number, task)

    def _begin(self, made: MadeCall, strand: Strand, scope: Context) -> None:
        """A task that is a call of a library is one operation."""
        strand.operation, strand.attempt = f"t{strand.number}#1", strand.attempt + 1
        said = functools.partial(_said, made)
        operation = Operation(self._run_id, strand.operation, strand.attempt, said)
        scope.run(begin_operation, operation)

    def _is_made_by_user(self, frame: FrameType | None) -> bool:
        while frame is not None:
            module = str(frame.f_globals.get("__name__")).partition(".")[0]
            if module not in ("asyncio", "playbooks_ipython") and not is_quiet(frame):
                twin = twin_of_code(frame.f_code)
                return frame.f_globals is self._namespace or twin is not None
            frame = frame.f_back
        return False

    # -- what is committed

    @property
    def strand(self) -> Strand:
        """The strand that runs now."""
        task = current_run_task()
        return self.main if task is None else task.strand

    @property
    def made(self) -> int:
        """How many tasks the run has made so far."""
        return self._number

    @property
    def is_alone(self) -> bool:
        """Tell whether the run never had a task."""
        return self._number == 0

    def state(self) -> dict[str, Any] | None:
        """Return what a graph holds of them beside what is parked; None where there is nothing to
        hold."""
        due, timers = self._due or self._next, self._loop.timers()
        known = known_of(self)
        if self.is_alone and not due and not timers and not known:
            return None
        return {
            "number": self._number,
            "main": self.main,
            "alive": [] if self._is_apart else list(self.alive.values()),
            "ended": [],
            "marked": current_run_task(),
            "due": due,
            "timers": timers,
            "anyio": known,
        }

    def parked(self) -> Iterable[Parked]:
        """Return the tasks, if there are enough of them that storing each apart pays. Those that
        ended are asked for what they gave; while somebody has them."""
        if self._is_apart:
            return self._crowd
        self._crowd.leave()
        return ()

    @property
    def _is_apart(self) -> bool:
        return len(self._crowd) >= FEWEST_APART

    @contextmanager
    def as_they_wait(self) -> Iterator[None]:
        """Read the frames of those that wait in here: some will be given a cancellation."""
        cell = None if self._interrupts.is_pending else self.cell
        with passing_scopes(self._line_of):
            self._next = self._loop.due()
            try:
                with self._cancellations.noted(cell):
                    yield
            finally:
                self._next = []

    def _line_of(self, task: Any) -> Line | None:
        if self.cell is not None and task is self.cell[0]:
            return self.main, functools.partial(waiting_frame, self.cell[1])
        if type(task) is not RunTask or task.is_shell or task.stepper.owner is not self:
            return None
        waiting = None if task.made else functools.partial(waiting_frame, task.coroutine)
        return task.strand, waiting

    # -- after a restart

    def take_up(self, state: dict[str, Any]) -> None:
        """Know the tasks of a restored graph, before anything of it goes on."""
        self._number, self.main = state["number"], state["main"]
        # Until it goes on, it is due as well: others are woken before it, and may be stored then.
        marked = [] if state["marked"] is None else [state["marked"]]
        self._due = [*marked, *state["due"]]
        let_know(state.get("anyio", []))
        for task in state["alive"]:
            self._enlist(task)
        for task in state["ended"]:
            self._know(task)

    async def come_alive(self, state: dict[str, Any], frame: Any) -> None:
        """Let tasks go on: first those that wait, so that what is in flight is issued again; then
        the one that the checkpoint is of, and those that were about to go on, in their order.

        Args:
            frame: the cell's, restored; None where the cell has ended.
        """
        scope = copy_context()
        scope.run(current.set, (self._recorder, None))
        due = [one for one in self._due if isinstance(one, RunTask)]
        for timer in state["timers"]:
            set_timer(timer, scope)
        for task in state["alive"]:
            if all(task is not one for one in due):
                self._wake(task, scope)
        stopped = None
        if state["alive"]:
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError as cancelled:
                stopped = cancelled
        entries, self._due = self._due, []
        # Where the cell's own mark is the checkpoint, it goes on now, and they follow.
        is_of_task = state["marked"] is not None
        place = entries.index(None) if is_of_task and None in entries else len(entries)
        self._call_soon(scope, entries[:place])
        if place < len(entries):
            try:
                await Turn(functools.partial(self._call_soon, scope, entries[place:]))
            except asyncio.CancelledError as cancelled:  # by one before it
                stopped = cancelled
        if stopped is None:
            return
        if frame is not None and not is_of_task:
            cancel_where_it_waits(asyncio.current_task(), stopped)
        elif frame is None or not give_error(frame, stopped):
            raise stopped

    def _begin_within(self, inner: Any, task: RunTask) -> None:
        call = _call_of(inner)
        if call is not None:
            self._begin(call, task.strand, task.scope)

    def _call_soon(self, scope: Context, entries: list[Any]) -> None:
        loop = asyncio.get_running_loop()
        for entry in entries:
            if isinstance(entry, RunTask):
                self._wake(entry, scope)
            elif entry is not None:
                loop.call_soon(entry[0], *entry[1], context=scope)

    def _wake(self, task: RunTask, scope: Context) -> None:
        if task.is_shell and not task.done():
            fill_context(task.scope, task.waits_with["items"])
            forget_firsts()
            _enter_process(task.scope, scope)
            if (inner := library_in(task.coroutine)) is not None:
                self._begin_within(inner, task)
            wake(task, scope, self, self._make_again, give_error)

    def _make_again(self, made: MadeCall, strand: Strand, scope: Context) -> Any:
        self._begin(made, strand, scope)
        coroutine = scope.run(made.function, *made.arguments, **made.keywords)
        return rest_of_sleep(coroutine, time.time() - made.since)

    # -- the end

    async def idle(self) -> None:
        """Wait until no task is alive."""
        while self.alive:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle

    async def cancel(self) -> int:
        """Cancel all tasks and wait for them; return how many there were."""
        tasks = [task for task in self.alive.values() if not task.done()]
        alive = [task for task in tasks if not task.is_shell]
        self.is_stopping = True
        for task in alive:
            task.cancel()
        for task in tasks:
            if task.is_shell:
                self.ended(task.strand)
                abandon({FRAME: task.coroutine})
        if alive:
            await asyncio.wait(alive, timeout=_PATIENCE_S)
        return len(tasks)


FEWEST_APART = 8
"""With fewer tasks all of them are encoded at each mark: it costs less than to tell them apart."""
_PATIENCE_S = 10.0
_ROUNDS = 3


def _enter_process(own: Context, scope: Context) -> None:
    """Give a restored context what belongs to this process; what is the program's it has."""
    for variable, value in scope.items():
        if not is_kept(variable):
            own.run(variable.set, value)


def _call_of(coroutine: Any) -> MadeCall | None:
    reduced = reduce_unstarted(coroutine)
    if reduced is NotImplemented or len(reduced[1]) != 3 or coroutine.cr_frame is None:
        return None
    function, arguments, keywords = reduced[1]
    return MadeCall(function, arguments, keywords, time.time())


def _said(made: MadeCall) -> bytes:
    return repr(call_of(made._asdict() | {"since": None})).encode()
