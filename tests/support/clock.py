"""The clock of event loops, which a program under test can put on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

_ahead = 0.0


def pass_time(seconds: float) -> None:
    """Let running time pass at once."""
    global _ahead  # one clock for every loop of the process, and for its children
    _ahead += seconds


def left_of(timeout: asyncio.Timeout) -> int:
    """How many whole seconds a timeout has."""
    when = timeout.when()
    assert when is not None
    return round(when - asyncio.get_running_loop().time())


@pytest.fixture
def loop_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Loops of this process, and of those forked from it, go by this clock."""
    global _ahead  # as above
    monkeypatch.setattr(asyncio.BaseEventLoop, "time", lambda _: time.monotonic() + _ahead)
    yield
    _ahead = 0.0
