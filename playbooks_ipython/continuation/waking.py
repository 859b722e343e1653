"""Waking: what was restored of futures and tasks goes on, in the loop that runs here."""

from __future__ import annotations

import asyncio
import heapq
import weakref
from collections.abc import Callable
from contextvars import Context
from types import MethodType
from typing import Any

from playbooks_ipython.continuation.strands import Strand
from playbooks_ipython.continuation.tasks import MadeCall, RunTask


class Waiting:
    """A future that was loaded before its end. Who goes on waits for it; who looks never will."""

    order = -1

    def __init__(self, future: Any, callbacks: list[Any] | None = None) -> None:
        self._future, self._callbacks = weakref.ref(future), callbacks or []
        # It keeps this alive, no more. Nothing else may: what is called leads back to the future.
        future.waiting = self

    async def remake(self) -> None:
        """Let what waits be called when the future is done."""
        future: Any = self._future()
        if future is not None:
            for callback in _bound(self._callbacks):
                future.add_done_callback(callback)

    @property
    def future(self) -> Any:
        return self._future()

    def give_up(self, error: BaseException) -> None:
        """Nobody will end it: whoever uses it is told why."""
        future = self._future()
        if future is not None and not future.done():
            asyncio.Future.set_exception(future, error)
            future.exception()


def wake(
    task: RunTask,
    scope: Context,
    owner: Any,
    make: Callable[[MadeCall, Strand, Context], Any],
    give_error: Callable[[Any, BaseException], bool],
) -> None:
    """Let a restored task go on, in the context that it had; `scope` is that of its callbacks.

    Args:
        make: makes a library's coroutine once more.
        give_error: lets a coroutine go on with an error where it stands; False if it has not begun.
    """
    state = task.waits_with
    own, made, strand = task.scope, task.made, task.strand
    coroutine = make(made, strand, own) if made is not None else task.coroutine
    loop, name = asyncio.get_running_loop(), task.get_name()
    waiters: Any = task._callbacks or ()
    # By those who were woken before it, here or in a process that died meanwhile.
    asked, message = task.cancelling(), task._cancel_message  # type: ignore[attr-defined]  # in no stub
    task.is_shell = False
    RunTask.__init__(task, coroutine, owner, strand, loop=loop, scope=own, name=name, made=made)
    if made is None and not state["must_cancel"]:
        task.stepper.arrive, task.stepper.delivered = give_error, state["cancelling"]
    for callback in _bound(state["callbacks"]):
        task.add_done_callback(callback, context=scope)
    for callback, context in waiters:  # who was woken before waits for it already
        task.add_done_callback(callback, context=context)
    task.stepper.cancels_itself = state["cancels_itself"]
    task.stepper.is_within = state["is_within"]
    for _ in range(asked - state["cancels_itself"]):
        task.cancel(message)


def set_timer(handle: Any, context: Context) -> None:
    """Put a restored timer into the loop that runs here."""
    loop: Any = asyncio.get_running_loop()
    handle._context, handle._scheduled = context, True
    heapq.heappush(loop._scheduled, handle)


def _bound(callbacks: list[Any]) -> list[Any]:
    return [MethodType(*one) if type(one) is tuple else one for one in callbacks]
