"""Driver: steps a coroutine by hand in the task of the cell that awaits it.

By hand, because a KeyboardInterrupt must never leave a Task (it would end the event loop), and
because a plain cell that waits is interrupted only when its loop happens to wake.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import Context, copy_context
from typing import Any, TypeVar

from playbooks_ipython.execution.interrupts import Interrupts

E = TypeVar("E", bound=BaseException)


class Steps:
    """`await Steps(coroutine, interrupts)` runs the coroutine and gives its result.

    `scope` holds the values of its context variables, as they were when it last began to wait.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, Any], interrupts: Interrupts) -> None:
        self._coroutine, self._interrupts = coroutine, interrupts
        self.scope: Context | None = None

    def __await__(self) -> Generator[Any, Any, Any]:
        value: Any = None
        error: BaseException | None = None
        while True:
            try:
                waited_for = self._step(value, error)
            except StopIteration as end:
                return end.value
            value = error = None
            self.scope = copy_context()
            try:
                with self._interrupts.waiting():
                    value = yield waited_for
            except asyncio.CancelledError as cancelled:
                error = self._interrupts.translate(_from_below(cancelled))
            except BaseException as raised:  # noqa: BLE001 - thrown into the user's code
                error = _from_below(raised)

    def _step(self, value: Any, error: BaseException | None) -> Any:
        __tracebackhide__ = True
        error = self._interrupts.take_pending() or error
        with self._interrupts.stepping():
            if error is not None:
                return self._coroutine.throw(error)
            return self._coroutine.send(value)


def _from_below(raised: E) -> E:
    """Take this frame out of the traceback of an error that what was waited for raised."""
    assert raised.__traceback__ is not None, "it was caught here"
    return raised.with_traceback(raised.__traceback__.tb_next)
