"""Driver: steps a coroutine by hand in the task of the cell that awaits it.

By hand, because a KeyboardInterrupt must never leave a Task (it would end the event loop), and
because a plain cell that waits is interrupted only when its loop happens to wake.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any

from playbooks_ipython.execution.interrupts import Interrupts


class Steps:
    """`await Steps(coroutine, interrupts)` runs the coroutine and gives its result."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], interrupts: Interrupts) -> None:
        self._coroutine, self._interrupts = coroutine, interrupts

    def __await__(self) -> Generator[Any, Any, Any]:
        value: Any = None
        error: BaseException | None = None
        while True:
            try:
                waited_for = self._step(value, error)
            except StopIteration as end:
                return end.value
            value = error = None
            try:
                with self._interrupts.waiting():
                    value = yield waited_for
            except asyncio.CancelledError as cancelled:
                error = self._interrupts.translate(cancelled)
            except BaseException as raised:  # noqa: BLE001 - thrown into the user's code
                error = raised

    def _step(self, value: Any, error: BaseException | None) -> Any:
        __tracebackhide__ = True
        pending = self._interrupts.take_pending()
        with self._interrupts.stepping():
            if pending or error is not None:
                return self._coroutine.throw(error or KeyboardInterrupt())
            return self._coroutine.send(value)
