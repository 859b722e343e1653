"""Tasks: those of a run. They step through us, and can be begun again where they were."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping
from contextvars import Context
from types import CoroutineType, FunctionType
from typing import Any, NamedTuple, Protocol

from playbooks_ipython.continuation.sites import twin_of
from playbooks_ipython.continuation.strands import Strand
from playbooks_ipython.errors import Signal

_ENDS_ALL = (KeyboardInterrupt, SystemExit, Signal)


class Owner(Protocol):
    """The run that tasks belong to."""

    def begin_step(self) -> Any:
        """The user's code runs from here on. Returns what `end_step` wants."""
        ...

    def end_step(self, before: Any) -> None: ...

    def ended(self, strand: Strand) -> None:
        """A task's coroutine has come to its end, however."""
        ...

    def items_of(self, scope: Context) -> list[tuple[Any, Any]]:
        """What a context holds that belongs to the program: variables and their values."""
        ...

    def holders(self, task: RunTask) -> Iterable[object]:
        """What refers to the frames of a task, and gives them to nobody."""
        ...

    @property
    def is_held(self) -> bool:
        """Tell whether no task should go on just now but those that an error reaches."""
        ...

    def failed(self, strand: Strand, error: Exception) -> None:
        """An error came out of a task. What awaits it should have it before others go on."""
        ...

    def moved(self, task: RunTask) -> None:
        """A task was stepped, or something that it is stored as was changed."""
        ...

    def asked_to_stop(self, task: RunTask) -> None:
        """Somebody cancelled a task."""
        ...

    def stop(self, error: BaseException) -> None:
        """Something was raised in a task that is to end the whole run."""
        ...


class MadeCall(NamedTuple):
    """A coroutine of a library as the call that made it, and when that was, in seconds."""

    function: Any
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    since: float


class Stepper(Coroutine[Any, Any, Any]):
    """What a task of ours runs: the coroutine, between a few words to the run.

    `arrive`: the coroutine was restored; lets an error reach it where it stands. `delivered`: how
    many cancellations its task had before, all of which reached it. `cancels_itself`: the last one
    it had asked for itself, and it has not waited since. `is_within`: it was stored in the middle
    of a step, so that nothing reaches it before it waits.
    """

    def __init__(self, coroutine: Any, owner: Owner, task: RunTask) -> None:
        self.coroutine, self.owner, self.strand = coroutine, owner, task.strand
        self._task: RunTask | None = task
        self.steps = self.delivered = 0
        self.arrive: Callable[[Any, BaseException], bool] | None = None
        self.cancels_itself = self.is_within = False

    def send(self, value: Any) -> Any:
        __tracebackhide__ = True
        if self.owner.is_held:
            return None  # the task asks again in the next round of the loop
        if self.cancels_itself:
            self.cancels_itself = False
            asyncio.current_task().cancel()  # type: ignore[union-attr]  # a task steps this
        return self._step(self.coroutine.send, value)

    def throw(self, *error: Any) -> Any:
        __tracebackhide__ = True
        raised = error[1] if len(error) > 1 else error[0]
        if self.steps or self.arrive is None:
            return self._step(self.coroutine.throw, raised)
        task = asyncio.current_task()
        is_new = task is not None and task.cancelling() > self.delivered
        if is_new and self.is_within:
            cancel_where_it_waits(task, raised)
        elif is_new and not self.arrive(self.coroutine, raised):
            return self._step(self.coroutine.throw, raised)
        return self._step(self.coroutine.send, None)

    def _step(self, go_on: Any, given: Any) -> Any:
        __tracebackhide__ = True
        self.steps += 1
        task = self._task
        assert task is not None, "what has ended is not stepped"
        task.is_stepped()
        before = self.owner.begin_step()
        try:
            return go_on(given)
        except StopIteration:
            self._end()
            raise
        except _ENDS_ALL as error:
            # None of them may leave a task: the event loop would end, and the kernel with it.
            self._end()
            self.owner.stop(error)
            raise asyncio.CancelledError from None
        except BaseException as error:
            self._end()
            if isinstance(error, Exception):
                self.owner.failed(self.strand, error)
            error.__traceback__ = _without_us(error)
            raise
        finally:
            task.touch()
            del task  # a traceback may have this frame, and what the task gave should go with it
            self.owner.end_step(before)

    def _end(self) -> None:
        if self._task is not None:
            self._task.note_end()
            self._task.waits_with = {}
        self._task = None  # so that what it gave lives no longer than it is wanted
        self.owner.ended(self.strand)

    def close(self) -> None:
        self.coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        raise TypeError("a task steps this, nobody awaits it")

    # What a task's repr and stack ask its coroutine for.
    def __getattr__(self, name: str) -> Any:
        if name.startswith(("cr_", "__name__", "__qualname__")):
            return getattr(self.coroutine, name)
        raise AttributeError(name)


def _without_us(error: BaseException) -> Any:
    trace = error.__traceback__
    return trace.tb_next if trace is not None else None


class RunTask(asyncio.Task[Any]):
    """A task of a run. `coroutine` None: it was restored when it had ended.

    `made` is how a library's coroutine is made once more; a coroutine of ours needs none.
    `is_shell`: it was restored and has not been woken (or had ended), so that it has no steps.
    `has_own_scope`: its context was made for it, and nobody else runs in it.
    """

    strand: Strand
    owner: Owner | None = None
    coroutine: Any = None
    made: MadeCall | None = None
    scope: Context
    is_shell = False
    has_own_scope = True
    is_again = True
    """It can be begun again in another process."""
    asked = listening = 0
    waits_with: Mapping[str, Any] = {}
    """What was restored of it, until it has ended."""
    steps: int | None = 0
    """Grows with each step, and with each change of what the task is stored as; None within one."""
    _touched = 0

    def __init__(
        self,
        coroutine: Any,
        owner: Owner,
        strand: Strand,
        *,
        loop: asyncio.AbstractEventLoop,
        scope: Context,
        name: str | None = None,
        made: MadeCall | None = None,
    ) -> None:
        self.coroutine, self.strand, self.scope, self.made = coroutine, strand, scope, made
        self.is_again = made is not None or twin_of(coroutine) is not None
        self.owner, self.stepper = owner, Stepper(coroutine, owner, self)
        self.touch()
        super().__init__(self.stepper, loop=loop, name=name, context=scope)

    def touch(self) -> None:
        """Something was changed: what was stored of the task holds no more."""
        self._touched += 1
        self.steps = self._touched
        if self.owner is not None:
            self.owner.moved(self)

    def is_stepped(self) -> None:
        """A step begins: until it ends the task is not parked."""
        self.steps = None
        if self.owner is not None:
            self.owner.moved(self)

    def note_end(self) -> None:
        """It is about to end. A `gather` that alone is told of that asks when all have ended."""
        callbacks: Any = self._callbacks or ()
        self.listening = int(len(callbacks) == 1 and _is_gathering(callbacks[0][0]))

    def _change(self) -> None:
        if self.steps is not None:
            self.touch()

    def frames(self) -> Iterable[object]:
        """The frame that is the task's alone, whoever else has it."""
        is_own = type(self.coroutine) is CoroutineType and self.made is None
        return (self.coroutine,) if is_own else ()

    def holders(self) -> Iterable[object]:
        """What refers to its frames as well, and gives them to nobody."""
        return () if self.is_shell else self.stepper.owner.holders(self)

    # What changes how it is stored.

    def cancel(self, msg: Any = None) -> bool:
        self._change()
        if not self.is_shell:
            self.stepper.owner.asked_to_stop(self)
        return super().cancel(msg)

    def uncancel(self) -> int:
        self._change()
        return super().uncancel()

    def set_name(self, value: object) -> None:
        self._change()
        super().set_name(value)

    def add_done_callback(self, fn: Any, /, *, context: Context | None = None) -> None:
        self._change()
        super().add_done_callback(fn, context=context)

    def remove_done_callback(self, fn: Any, /) -> int:
        self._change()
        return super().remove_done_callback(fn)

    def get_coro(self) -> Any:
        return self.coroutine

    def cancelling(self) -> int:
        return super().cancelling() + (self.asked if self.is_shell else 0)

    def get_context(self) -> Context:
        return self.scope

    def __repr__(self) -> str:
        if not self.is_shell:
            return super().__repr__()
        state = "finished" if self.done() else "pending"
        return f"<Task {state} name={self.get_name()!r} restored>"


def cancel_where_it_waits(task: Any, error: BaseException) -> None:
    """Let a cancellation that has just come reach the running task at its next wait instead."""
    task.cancel(*error.args[:1])
    task.uncancel()


def _is_gathering(callback: Any) -> bool:
    name = getattr(callback, "__qualname__", "")
    return type(callback) is FunctionType and name == "gather.<locals>._done_callback"


def is_cancelled_soon(task: Any) -> bool:
    """Tell whether a cancellation was requested that has not reached a task's coroutine. It may be
    a cell's, which is none of ours."""
    waiter = task._fut_waiter
    return bool((waiter is not None and waiter.cancelled()) or task._must_cancel)


def cancellation_of(task: Any) -> asyncio.CancelledError:
    """The error by which a cancellation will reach a task's coroutine."""
    waiter = task._fut_waiter
    message = (task if waiter is None else waiter)._cancel_message
    return asyncio.CancelledError() if message is None else asyncio.CancelledError(message)


RunTask.__name__ = RunTask.__qualname__ = "Task"  # as a program sees it


def current_run_task() -> RunTask | None:
    """The task of a run that is running now, in this thread."""
    if asyncio._get_running_loop() is None:
        return None
    task = asyncio.current_task()
    return task if isinstance(task, RunTask) else None


def task_frame() -> Any:
    """The outermost frame of the run's task that is running now; None if it has none of ours."""
    task = current_run_task()
    if task is None or type(task.coroutine) is not CoroutineType:
        return None
    return task.coroutine.cr_frame
