"""Tools of concurrent programs: each use is noted with the label of the task that it belongs to.

What happened outside is a list of `[kind, label, value]`, kept in the file that `OUTSIDE` names:
"start" and "end" of an operation, "act" of plain code. Order counts within a label only. A start
says besides which attempt it is, and by which key the request can be told from others.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextvars import Context
from typing import Any

from playbooks_ipython.agents import attempt, idempotency_key
from tests.support.describing import describe
from tests.support.outside import effect
from tests.support.tools import Pause


def note(kind: str, label: str, value: object) -> None:
    if "OUTSIDE" in os.environ:
        request = [attempt(), idempotency_key()] if kind == "start" else []
        effect(json.dumps([kind, label, describe(value), *request]))


def act(label: str, value: Any = None) -> Any:
    """An outside effect of plain code."""
    note("act", label, value)
    return value


async def op(
    label: str, value: Any = None, pauses: int = 1, error: BaseException | None = None
) -> Any:
    """An outside operation: it starts, suspends as often as it is told, and ends."""
    note("start", label, value)
    for _ in range(pauses):
        await Pause()
    note("end", label, value)
    if error is not None:
        raise error
    return value


async def op_at_once_again(label: str, value: Any = None) -> Any:
    """An outside operation that waits for somebody else, and not when it is attempted once more."""
    note("start", label, value)
    if attempt() == 1:
        future = asyncio.get_running_loop().create_future()
        Context().run(_end_later, future, 9)  # nobody's of the run
        await future
    note("end", label, value)
    return value


def _end_later(future: asyncio.Future[None], rounds: int) -> None:
    if rounds:
        asyncio.get_running_loop().call_soon(_end_later, future, rounds - 1)
    elif not future.done():
        future.set_result(None)


async def hang(label: str, value: Any = None) -> None:
    """An outside operation that ends only by being cancelled."""
    note("start", label, value)
    await asyncio.get_running_loop().create_future()


def block(label: str, value: Any = None) -> Any:
    """An operation of a thread; nobody knows when its end was seen."""
    note("start", label, value)
    return value


class Client:
    """A library's client, whose calls are operations."""

    def __init__(self, label: str) -> None:
        self.label = label

    async def get(self, url: str, pauses: int = 1) -> str:
        await op(f"{self.label}:{url}", url, pauses)
        return f"<{url}>"

    async def ask(self, *path: str, pauses: int = 1, **query: str) -> str:
        """What an inner function uses stands in cells, which are made before the first step."""

        async def send() -> str:
            said = " ".join(map("=".join, query.items()))
            return await self.get("/".join(path) + said, pauses)

        return await send()


class Tools:
    """The tools of programs that know nothing of tasks, for one that runs in a task."""

    def __init__(self, label: str) -> None:
        self.label = label

    def __iter__(self) -> Iterator[Any]:
        yield from (self.eff, self.leaf, self.quick, self.ticks, self.manager)

    def eff(self, value: Any = None) -> Any:
        return act(self.label, value)

    async def leaf(self, value: Any = None, error: BaseException | None = None) -> Any:
        return await op(self.label, value, 1, error)

    async def quick(self, value: Any = None) -> Any:
        return await op(self.label, value, 0)

    def ticks(self, stop: int) -> Ticks:
        return Ticks(self, stop)

    def manager(self, name: str, swallow: bool = False) -> Manager:
        return Manager(self, name, swallow)


class Ticks:
    """A library's async iterator: it counts, and can be stored."""

    def __init__(self, tools: Tools, stop: int) -> None:
        self.tools, self.at, self.stop = tools, 0, stop

    def __aiter__(self) -> Ticks:
        return self

    async def __anext__(self) -> int:
        await self.tools.leaf(("tick", self.at))
        if self.at == self.stop:
            raise StopAsyncIteration
        self.at += 1
        return self.at


class Manager:
    """A library's manager, plain and async; `swallow` eats the error."""

    def __init__(self, tools: Tools, name: str, swallow: bool) -> None:
        self.tools, self.name, self.swallow = tools, name, swallow

    def __enter__(self) -> Manager:
        self.tools.eff(("enter", self.name))
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        self.tools.eff(("exit", self.name, kind and kind.__name__))
        return self.swallow

    async def __aenter__(self) -> Manager:
        await self.tools.leaf(("aenter", self.name))
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> bool:
        await self.tools.leaf(("aexit", self.name, kind and kind.__name__))
        return self.swallow
