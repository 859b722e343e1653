"""A library that is not gone into: its own frames stand between those of a program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any

Function = Callable[..., Awaitable[Any]]


async def retry(function: Function, *arguments: Any, times: int = 3) -> Any:
    """Call a function until it does not fail."""
    for attempt in range(times):
        try:
            return await function(*arguments)
        except ValueError:
            if attempt == times - 1:
                raise
            await asyncio.sleep(0)
    return None


class Loop:
    """An agent's loop: it keeps a history, and calls the functions that it was given."""

    def __init__(self, *tools: Function) -> None:
        self.tools, self.history = tools, list[Any]()

    async def run(self, question: str) -> list[Any]:
        self.history.append(question)
        for tool in self.tools:
            self.history.append(await tool(self.history[-1]))
        return self.history[1:]


async def collect(items: AsyncIterable[Any]) -> list[Any]:
    return [item async for item in items]


class Response:
    """What cannot be stored, as the answer of a server."""

    def __init__(self, body: str) -> None:
        self.body = body

    def __reduce__(self) -> Any:
        raise TypeError("a response holds a socket")

    async def text(self) -> str:
        await asyncio.sleep(0)
        return self.body


async def get(url: str) -> Response:
    await asyncio.sleep(0)
    return Response(f"<{url}>")
