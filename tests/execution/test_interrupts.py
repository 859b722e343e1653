"""Ctrl+C without a notebook: where it is raised, and that commits are never torn by it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from playbooks_ipython.execution.driver import Steps
from playbooks_ipython.execution.interrupts import Interrupts


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def driven(coroutine: Coroutine[Any, Any, Any], interrupts: Interrupts) -> Any:
    """Run a coroutine as a run does, and return its result."""

    async def drive() -> Any:
        with interrupts.handled():
            return await Steps(coroutine, interrupts)

    return asyncio.run(drive())


def test_an_interrupt_in_the_programs_code_raises_there() -> None:
    seen = []

    async def program() -> None:
        try:
            interrupt()
            time.sleep(5)
        except KeyboardInterrupt:
            seen.append("caught")
        await asyncio.sleep(0)
        seen.append("went on")

    driven(program(), Interrupts())
    assert seen == ["caught", "went on"]


def test_an_interrupt_while_it_waits_raises_at_the_await_before_that_ends() -> None:
    order: list[str] = []

    async def program() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, interrupt)
        loop.call_later(1, order.append, "much later")
        try:
            await asyncio.sleep(2)
        except KeyboardInterrupt:
            order.append("interrupted")

    driven(program(), Interrupts())
    assert order == ["interrupted"]


def test_the_task_is_not_left_cancelled() -> None:
    async def program() -> int:
        asyncio.get_running_loop().call_later(0.01, interrupt)
        with pytest.raises(KeyboardInterrupt):
            await asyncio.sleep(30)
        task = asyncio.current_task()
        assert task is not None
        await asyncio.sleep(0)
        return task.cancelling()

    assert driven(program(), Interrupts()) == 0


def test_a_real_cancellation_stays_one() -> None:
    async def program() -> str:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            return "cancelled"
        return "slept"

    async def drive() -> str:
        interrupts = Interrupts()
        task = asyncio.ensure_future(_awaiting(program(), interrupts))
        await asyncio.sleep(0.01)
        task.cancel()
        return await task

    assert asyncio.run(drive()) == "cancelled"


async def _awaiting(coroutine: Coroutine[Any, Any, Any], interrupts: Interrupts) -> Any:
    return await Steps(coroutine, interrupts)


def test_an_interrupt_in_a_commit_is_raised_when_the_commit_is_whole() -> None:
    interrupts, written = Interrupts(), []

    async def program() -> None:
        with interrupts.committing():
            interrupt()
            written.append("first half")
            written.append("second half")
        written.append("went on")

    with pytest.raises(KeyboardInterrupt):
        driven(program(), interrupts)
    assert written == ["first half", "second half"]


def test_an_error_from_below_shows_no_frame_of_the_driver() -> None:
    async def fails() -> None:
        raise ValueError("below")

    async def program() -> None:
        await asyncio.ensure_future(fails())

    with pytest.raises(ValueError, match="below") as raised:
        driven(program(), Interrupts())
    names = [entry.name for entry in raised.traceback]
    assert names[names.index("program") :] == ["program", "fails"]


def test_the_handler_before_is_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)

    async def program() -> None:
        await asyncio.sleep(0)

    driven(program(), Interrupts())
    assert signal.getsignal(signal.SIGINT) is before


def test_outside_the_main_thread_it_does_nothing() -> None:
    async def program() -> int:
        return await asyncio.sleep(0, 7)

    async def elsewhere() -> int:
        return await asyncio.to_thread(driven, program(), Interrupts())

    assert asyncio.run(elsewhere()) == 7
