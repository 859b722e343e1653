"""Sessions: a library's client, as those are that speak to a server in a task of their own.

Entering it begins a task group and a server in it; each call is a request through a stream, and its
answer through another one. Nothing of it can be stored.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from tests.support.task_tools import note
from tests.support.tools import Pause


class Session:
    """A client; what was begun in one session is known to no other."""

    def __init__(self, name: str = "session") -> None:
        self.name = name

    async def __aenter__(self) -> Session:
        self._group = anyio.create_task_group()
        await self._group.__aenter__()
        self._requests = await self._group.start(self._serve)
        return self

    async def __aexit__(self, *error: Any) -> bool | None:
        self._group.cancel_scope.cancel()
        left = await self._group.__aexit__(*error)
        self._requests.close()
        return left

    async def call(self, label: str, value: Any = None, pauses: int = 1) -> tuple[str, Any]:
        """Ask the server; noted outside when it begins and when it was answered."""
        note("start", label, value)
        send, receive = anyio.create_memory_object_stream[Any](1)
        with send, receive, anyio.fail_after(60):
            await self._requests.send((send, value, pauses))
            answer = await receive.receive()
        note("end", label, value)
        return self.name, answer

    async def hang(self) -> None:
        """Ask what is never answered."""
        with anyio.fail_after(60):
            await anyio.sleep_forever()

    async def _serve(self, task_status: anyio.abc.TaskStatus[Any]) -> None:
        send, requests = anyio.create_memory_object_stream[Any](0)
        task_status.started(send)
        await _answer_all(requests, self._group)


async def _answer_all(requests: MemoryObjectReceiveStream[Any], group: anyio.abc.TaskGroup) -> None:
    with requests:
        async for send, value, pauses in requests:
            group.start_soon(_answer, send, value, pauses)


async def _answer(send: MemoryObjectSendStream[Any], value: Any, pauses: int) -> None:
    for _ in range(pauses):
        await Pause()
    with suppress(anyio.BrokenResourceError):  # who asked was cancelled meanwhile
        await send.send(value)
