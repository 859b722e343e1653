"""Futures: tasks, futures and timers stored by value, with who waits for them and what is due."""

from __future__ import annotations

import asyncio
import gc
import operator
import weakref
from contextvars import Context
from types import BuiltinFunctionType, MethodType
from typing import Any, TypeAlias

from playbooks_ipython.continuation.again import later
from playbooks_ipython.continuation.cells import cell_tasks, note_cell_task
from playbooks_ipython.continuation.passing_scopes import cancels_within
from playbooks_ipython.continuation.strands import Strand
from playbooks_ipython.continuation.tasks import MadeCall, RunTask
from playbooks_ipython.continuation.waking import Waiting

Outcome: TypeAlias = "tuple[str, Any, bool]"
"""How a future ended, with what, and whether nobody has asked for its error yet."""

_GATHERING: Any = asyncio.tasks._GatheringFuture  # type: ignore[attr-defined]  # in no stub
_MANY = 32
_PLAIN = (asyncio.Future, asyncio.futures._PyFuture)  # type: ignore[attr-defined]  # in no stub

# What gathers durable ones. They stay so: nothing else sees to their end later.
_gathered: weakref.WeakSet[Any] = weakref.WeakSet()


class Nowhere(asyncio.AbstractEventLoop):
    """The loop of futures that are loaded where none runs, to be looked at."""

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return False

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:  # type: ignore[override]  # of any kind
        """Whoever adds a callback to what is done waits in a loop of its own."""
        loop = asyncio._get_running_loop()
        return loop.call_soon(callback, *args, context=context) if loop else None

    def call_exception_handler(self, context: Any) -> None:
        """What happened in another process was told there."""


_NOWHERE: Any = Nowhere()  # type: ignore[abstract]  # it is in no sense but mypy's


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio._get_running_loop() or _NOWHERE


# -- what can be stored


def is_durable(awaited: Any) -> bool:
    """Tell whether an awaitable is a future that can be waited for again after a restart."""
    if not isinstance(awaited, asyncio.Future):
        return False
    if type(awaited) is RunTask:
        return awaited.is_again or awaited.done()
    if awaited.done() or awaited in cell_tasks:
        return True
    if type(awaited) is _GATHERING:
        children: Any = awaited._children  # type: ignore[attr-defined]  # in no stub
        if awaited not in _gathered and all(map(is_durable, children)):
            _gathered.add(awaited)  # children may be thousands
        return awaited in _gathered
    return type(awaited) in _PLAIN and not _works_elsewhere(awaited)


def _works_elsewhere(future: Any) -> bool:
    """Tell whether a thread or a process is to give a future its value: that one will not."""
    callbacks = future._callbacks or ()
    return any(_home(one).startswith("_chain_future.") for one, _ in callbacks)


def _home(callback: Any) -> str:
    name = getattr(callback, "__qualname__", "")
    return name if isinstance(name, str) else ""


def is_wakeup(callback: Any) -> bool:
    """Tell whether a callback only lets a task go on. Cheap: there may be thousands."""
    kind = type(callback)
    if kind is BuiltinFunctionType or kind is MethodType:
        return callback.__name__ in _WAKEUPS and isinstance(callback.__self__, asyncio.Task)
    return kind.__name__ == "TaskStepMethWrapper"


_WAKEUPS = frozenset({"task_wakeup", "__wakeup", "__step"})


# -- to bytes


def is_future(cls: type) -> bool:
    return issubclass(cls, asyncio.Future | asyncio.Handle)


def reduce_future(obj: Any) -> Any:
    """Reduce a task, a future or a timer; NotImplemented for those whose end is in the hands of
    what will be gone: their operations are issued again."""
    if isinstance(obj, asyncio.Handle):
        return _reduce_handle(obj)
    if obj in cell_tasks:
        return cell_task, ()
    if not is_durable(obj):
        return NotImplemented
    if isinstance(obj, asyncio.Task):
        strand = obj.strand if isinstance(obj, RunTask) else Strand()
        stands = _stood(obj) if obj.done() else _standing(obj)
        return make_task, (obj.get_name(), *strand.stored), stands, None, None, fill_task
    if type(obj) not in (*_PLAIN, _GATHERING):
        return NotImplemented
    future: Any = obj
    gathered = (future._children, future._cancel_requested) if type(obj) is _GATHERING else ()
    state = (_ended(obj) if obj.done() else _callbacks(obj)), gathered
    return make_future, (type(obj) is _GATHERING,), state, None, None, fill_future


def gathered_by(obj: Any) -> list[Any] | None:
    """The list of what a `gather` waits for, if there are many of them. Nobody changes it."""
    if type(obj) is not _GATHERING or obj.done():
        return None
    return obj._children if len(obj._children) >= _MANY else None


class FuturesLook:
    """How futures looked: which were pending, what they refer to, and their lists of callbacks.

    Their own attribute makes a list for each; what the garbage collector sees is had at once.
    """

    def __init__(self, futures: list[Any]) -> None:
        self._pending = [one for one in futures if not one.done()]
        self._referents = gc.get_referents(*self._pending)
        lists = [one for one in self._referents if type(one) is list]
        self._lists, self._held = lists, [one.copy() for one in lists]

    def holds(self) -> bool:
        """While they are pending nobody has a result, which would be asked if it is equal; but that
        may be asked of somebody's callback."""
        try:
            return (
                True not in map(_is_done, self._pending)
                and self._lists == self._held
                and gc.get_referents(*self._pending) == self._referents
            )
        except Exception:  # noqa: BLE001 # foreign code
            return False


_is_done = asyncio.Future.done


class StillFutures:
    """Futures that are only waited for: whoever waits is a task, and is stored as such."""

    look = operator.attrgetter("_state", "_callbacks")

    @staticmethod
    def look_at(things: list[Any]) -> FuturesLook:
        return FuturesLook(things)

    @staticmethod
    def is_one(obj: Any) -> bool:
        return type(obj) is asyncio.Future and not (obj.done() or _callbacks(obj))


def _ended(future: Any) -> Outcome:
    if future.cancelled():
        return "cancelled", future._cancel_message, False
    if future._exception is not None:
        return "failed", future._exception, future._log_traceback
    return "done", future._result, False


def _callbacks(future: Any) -> list[Any]:
    """What is called at its end. A bound method is made for each future: of those there may be
    thousands, so they are stored as function and object."""
    callbacks = (one for one, _context in future._callbacks or () if not is_wakeup(one))
    return [(c.__func__, c.__self__) if type(c) is MethodType else c for c in callbacks]


def _stood(task: Any) -> tuple[Any, ...]:
    """How a task ended, how often it was cancelled, and its coroutine, by which it may be known."""
    ours = isinstance(task, RunTask) and task.made is None
    return _ended(task), task.cancelling(), task.coroutine if ours else None


def _standing(task: Any) -> dict[str, Any]:
    made = task.made
    if task.is_shell:
        callbacks = [*task.waits_with["callbacks"], *_callbacks(task)]
        return {**task.waits_with, "callbacks": callbacks, **_asked(task)}
    if task.stepper.arrive is not None and not _has_begun(task):
        return _as_restored(task)
    return {
        "coroutine": None if made else task.coroutine,
        "made": made and tuple(made),
        "callbacks": _callbacks(task),
        "cancelling": task.cancelling() - cancels_within(task),
        "must_cancel": task._must_cancel and not _has_begun(task),
        "cancels_itself": task._must_cancel and task is asyncio.current_task(),
        "is_within": task is asyncio.current_task(),
        **_scope(task),
    }


def _scope(task: Any) -> dict[str, Any]:
    """The context of a task; of one of its own only what that holds of the program's."""
    if not task.has_own_scope:
        return {"scope": task.scope, "items": []}
    return {"scope": None, "items": task.stepper.owner.items_of(task.scope)}


def _as_restored(task: Any) -> dict[str, Any]:
    """One that was restored and not stepped since stands where it stood; others may have asked it
    to stop meanwhile."""
    asked = _asked(task)
    asked["asked"] += task.waits_with["cancels_itself"]
    return {**task.waits_with, "callbacks": _callbacks(task), **_scope(task), **asked}


def _asked(task: Any) -> dict[str, Any]:
    """How often a restored task was asked to stop since it was stored, and with what message."""
    since = task.cancelling() - task.waits_with["cancelling"]
    return {"asked": since, "message": task._cancel_message}


def _has_begun(task: RunTask) -> bool:
    return task.stepper.steps > 0


def _reduce_handle(handle: Any) -> Any:
    loop = handle._loop
    when = getattr(handle, "_when", None)
    left = None if when is None else when - loop.time()
    is_due = not handle._cancelled and (when is None or handle._scheduled)
    state = {"callback": handle._callback, "args": handle._args, "is_due": is_due, "left": left}
    return make_handle, (when is not None,), state, None, None, fill_handle


# -- from bytes. The functions here are named in stored bytes.


def cell_task() -> Any:
    """The task of the cell that goes on here."""
    return note_cell_task()


def make_task(name: str, *strand: Any) -> RunTask:
    """Make a task that does nothing yet."""
    made = RunTask.__new__(RunTask)
    asyncio.Future.__init__(made, loop=_loop())
    made.is_shell, made.strand, made.scope = True, Strand(*strand), Context()
    made.set_name(name)
    return made


def fill_task(task: Any, state: Any) -> None:
    """Give a task how it ended, or where it stands."""
    if isinstance(state, tuple):
        ended, task.asked, task.coroutine = state
        _end(task, ended)
        return
    task.waits_with = state
    task.asked = state["cancelling"] + state.get("asked", 0)
    task._cancel_message = state.get("message")
    task.coroutine, task.made = state["coroutine"], state["made"] and MadeCall(*state["made"])
    task.has_own_scope = state["scope"] is None
    task.scope = state["scope"] or task.scope
    later(Waiting(task))


def make_future(is_gathering: bool) -> Any:
    if not is_gathering:
        return asyncio.Future(loop=_loop())
    made = _GATHERING.__new__(_GATHERING)
    asyncio.Future.__init__(made, loop=_loop())
    return made


def fill_future(future: Any, state: tuple[Any, tuple[Any, ...]]) -> None:
    ended, gathered = state
    if gathered:
        future._children, future._cancel_requested = gathered
    if isinstance(ended, tuple):
        _end(future, ended)
        return
    later(Waiting(future, ended))


def _end(future: Any, ended: Outcome) -> None:
    how, value, is_unasked = ended
    if how == "cancelled":
        asyncio.Future.cancel(future, value)
    elif how == "failed":
        asyncio.Future.set_exception(future, value)
        if not is_unasked:
            future.exception()
    else:
        asyncio.Future.set_result(future, value)


def make_handle(is_timer: bool) -> Any:
    kind = asyncio.TimerHandle if is_timer else asyncio.Handle
    return kind.__new__(kind)


def fill_handle(handle: Any, state: dict[str, Any]) -> None:
    """Give a timer what it will call. Nothing calls it until it is set again."""
    loop, timer = _loop(), isinstance(handle, asyncio.TimerHandle)
    given = state["callback"], state["args"] or (), loop
    if timer:
        at = state["left"] + _time(loop)
        asyncio.TimerHandle.__init__(handle, at, *given)
    else:
        asyncio.Handle.__init__(handle, *given)
    if not state["is_due"]:
        asyncio.Handle.cancel(handle)


def _time(loop: asyncio.AbstractEventLoop) -> float:
    return 0.0 if loop is _NOWHERE else loop.time()
