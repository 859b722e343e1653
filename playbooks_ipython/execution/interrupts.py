"""Interrupts: what Ctrl+C does while a run lasts.

In the user's code it raises at once; while the run waits it wakes the loop and raises at the await;
in a commit of ours it waits until the commit is whole. One handler for the whole run: installing
one around every step would cost two system calls an await.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from types import FrameType
from typing import Any

_LOOK_EVERY_S = 0.05


class _Mode(Enum):
    OURS = "our own code: remember it"
    STEPPING = "the user's code: raise"
    WAITING = "suspended: cancel the await"


class Interrupts:
    """Ctrl+C for one run. Outside the main thread it does nothing: signals arrive only there."""

    def __init__(self) -> None:
        self._mode = _Mode.OURS
        self._pending: BaseException | None = None
        self._waiting: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None
        self._behind: tuple[asyncio.AbstractEventLoop, Callable[[], object]] | None = None

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle SIGINT while the run lasts."""
        if not self._is_main:
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

    def begin_step(self) -> _Mode:
        """As `stepping`, for a task of the run: it is cheaper, and there may be thousands."""
        before, self._mode = self._mode, _Mode.STEPPING
        return before

    def end_step(self, before: _Mode) -> None:
        self._mode = before

    def stop(self, error: BaseException) -> None:
        """Let what the run waits for end with an error that came up in a task of it."""
        self._pending = error
        if self._waiting is not None:
            loop, task = self._waiting
            loop.call_soon(self._cancel, task)
        elif self._behind is not None:
            self._behind[1]()

    @contextmanager
    def behind(self, stop: Callable[[], object]) -> Iterator[None]:
        """The cell has ended in here, and tasks go on: an interrupt calls `stop`, in their loop."""
        self._behind = asyncio.get_running_loop(), stop
        self._stand_by()
        try:
            yield
        finally:
            self._behind = None
            if self._is_main and signal.getsignal(signal.SIGINT) == self._on_signal:
                signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _stand_by(self) -> None:
        """Handle SIGINT where a kernel would ignore it, because no cell runs. Its own handlers come
        and go with each cell, and only looking tells."""
        if self._behind is None or not self._is_main:
            return
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._on_signal)
        self._behind[0].call_later(_LOOK_EVERY_S, self._stand_by)

    @property
    def _is_main(self) -> bool:
        return threading.current_thread() is threading.main_thread()

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Nothing in here is torn by an interrupt; one that came is raised at the end."""
        before, self._mode = self._mode, _Mode.OURS
        try:
            yield
        finally:
            self._mode = before
        if before is _Mode.STEPPING and (pending := self.take_pending()):
            raise pending

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

    @property
    def is_pending(self) -> bool:
        """Tell whether an interrupt came that nobody has seen yet."""
        return self._pending is not None

    def take_pending(self) -> BaseException | None:
        """Return the interrupt that came and that nobody has seen yet; it is seen by this."""
        pending, self._pending = self._pending, None
        return pending

    def translate(self, cancelled: asyncio.CancelledError) -> BaseException:
        """Return what the user's code should see: its KeyboardInterrupt, or a real cancellation."""
        pending = self.take_pending()
        if pending is None:
            return cancelled
        task = asyncio.current_task()
        assert task is not None, "a run is awaited by a task"
        task.uncancel()
        return pending

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        if self._mode is _Mode.STEPPING:
            raise KeyboardInterrupt
        if self._pending:
            return
        self._pending = KeyboardInterrupt()
        if self._waiting is not None:
            loop, task = self._waiting
            # call_soon_threadsafe wakes the selector; a plain call_soon would wait with it.
            loop.call_soon_threadsafe(self._cancel, task)
        elif self._behind is not None:
            loop, stop = self._behind
            loop.call_soon_threadsafe(stop)

    def _cancel(self, task: asyncio.Task[Any]) -> None:
        # The await may have completed meanwhile; then the next step raises what is pending.
        if self._pending and self._waiting is not None:
            task.cancel()
