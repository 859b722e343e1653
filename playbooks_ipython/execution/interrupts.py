"""Interrupts: what Ctrl+C does while a run lasts.

In the user's code it raises at once; while the run waits it wakes the loop and raises at the await;
in a commit of ours it waits until the commit is whole. One handler for the whole run: installing
one around every step would cost two system calls an await.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from types import FrameType
from typing import Any


class _Mode(Enum):
    OURS = "our own code: remember it"
    STEPPING = "the user's code: raise"
    WAITING = "suspended: cancel the await"


class Interrupts:
    """Ctrl+C for one run. Outside the main thread it does nothing: signals arrive only there."""

    def __init__(self) -> None:
        self._mode = _Mode.OURS
        self._pending = False
        self._waiting: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle SIGINT while the run lasts."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._on_signal)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def stepping(self) -> Iterator[None]:
        """The user's code runs in here: an interrupt raises KeyboardInterrupt in it, at once."""
        before, self._mode = self._mode, _Mode.STEPPING
        try:
            yield
        finally:
            self._mode = before

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Nothing in here is torn by an interrupt; one that came is raised at the end."""
        before, self._mode = self._mode, _Mode.OURS
        try:
            yield
        finally:
            self._mode = before
        if before is _Mode.STEPPING and self.take_pending():
            raise KeyboardInterrupt

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """The run is suspended in here: an interrupt cancels what it waits for."""
        task = asyncio.current_task()
        assert task is not None, "a run is awaited by a task"
        self._waiting = asyncio.get_running_loop(), task
        before, self._mode = self._mode, _Mode.WAITING
        try:
            yield
        finally:
            self._mode, self._waiting = before, None

    def take_pending(self) -> bool:
        """Tell whether an interrupt came that nobody has seen yet; it is seen by this."""
        pending, self._pending = self._pending, False
        return pending

    def translate(self, cancelled: asyncio.CancelledError) -> BaseException:
        """Return what the user's code should see: its KeyboardInterrupt, or a real cancellation."""
        if not self.take_pending():
            return cancelled
        task = asyncio.current_task()
        assert task is not None, "a run is awaited by a task"
        task.uncancel()
        return KeyboardInterrupt()

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        if self._mode is _Mode.STEPPING:
            raise KeyboardInterrupt
        if self._pending:
            return
        self._pending = True
        if self._waiting is not None:
            loop, task = self._waiting
            # call_soon_threadsafe wakes the selector; a plain call_soon would wait with it.
            loop.call_soon_threadsafe(self._cancel, task)

    def _cancel(self, task: asyncio.Task[Any]) -> None:
        # The await may have completed meanwhile; then the next step raises what is pending.
        if self._pending and self._waiting is not None:
            task.cancel()
