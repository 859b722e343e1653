"""Turn: the place that a cell had among what its loop was about to call, taken again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any


class Turn(asyncio.Future[None]):
    """Awaited by the cell: it is called after what is due by then, and before what `follow` asks
    the loop for.

    It has ended as soon as it is awaited, so that whoever looks sees a task that goes on already.
    A `sleep(0)` would look like a wait that can still be cancelled, and anyio cancels those.
    """

    def __init__(self, follow: Callable[[], None]) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._follow = follow

    def add_done_callback(self, fn: Any, /, *, context: Context | None = None) -> None:
        super().add_done_callback(fn, context=context)
        self.set_result(None)
        self._follow()
