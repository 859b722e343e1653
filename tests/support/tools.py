"""Tools: what the programs of the corpus use of the outside world.

Each use is noted in `LOG`, and, where `OUTSIDE` names a file, in that file too.
"""

from __future__ import annotations

import json
import os
from typing import Any

from tests.support.describing import describe
from tests.support.outside import effect

LOG: list[Any] = []


def note(kind: str, value: object) -> None:
    LOG.append((kind, value))
    if "OUTSIDE" in os.environ:
        effect(json.dumps([kind, describe(value)]))


def eff(value: Any = None) -> Any:
    """An outside effect of plain code."""
    note("eff", value)
    return value


class Pause:
    """Suspends once."""

    def __await__(self) -> Any:
        yield


async def leaf(value: Any = None, error: BaseException | None = None) -> Any:
    """An outside operation: its effect, a suspension, its outcome."""
    note("leaf", value)
    await Pause()
    if error is not None:
        raise error
    return value


async def quick(value: Any = None) -> Any:
    """An operation that never suspends."""
    note("quick", value)
    return value


class Ticks:
    """A library's async iterator: it counts, and can be stored."""

    def __init__(self, stop: int) -> None:
        self.at, self.stop = 0, stop

    def __aiter__(self) -> Ticks:
        return self

    async def __anext__(self) -> int:
        await leaf(("tick", self.at))
        if self.at == self.stop:
            raise StopAsyncIteration
        self.at += 1
        return self.at


class Manager:
    """A library's manager, plain and async; `swallow` eats the error."""

    def __init__(self, name: str, swallow: bool = False) -> None:
        self.name, self.swallow = name, swallow

    def __enter__(self) -> Manager:
        eff(("enter", self.name))
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        eff(("exit", self.name, kind and kind.__name__))
        return self.swallow

    async def __aenter__(self) -> Manager:
        await leaf(("aenter", self.name))
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> bool:
        await leaf(("aexit", self.name, kind and kind.__name__))
        return self.swallow


TOOLS = {
    "eff": eff,
    "leaf": leaf,
    "quick": quick,
    "Ticks": Ticks,
    "Manager": Manager,
}
