"""SIGKILL inside timeouts: they count running time only, whenever the run goes on."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from tests.execution.chains import (
    ALL,
    SEED,
    Kill,
    ending,
    fork,
    kill_points,
    prepare,
    said,
    undisturbed,
)
from tests.support.clock import loop_clock, pass_time

__all__ = ["loop_clock"]
pytestmark = pytest.mark.usefixtures("loop_clock")

DAY = 86_400.0
BEGIN = "import asyncio\nfrom tests.support.clock import left_of, pass_time\n"
BLOCK = """
async def limited(call):
    async with call() as limit:
        await tool("quick")
        pass_time(500)
        await tool("slow")
        effect(f"left {left_of(limit)}")
        pass_time(90)
        await tool("slower")
        effect(f"left {left_of(limit)}")
        pass_time(11)
        await asyncio.sleep(3600)

def by_the_clock():
    return asyncio.timeout_at(asyncio.get_running_loop().time() + 600)

try:
    await limited(HOW)
except TimeoutError:
    effect("timed out")
"""
LIMITS = {
    "timeout": BLOCK.replace("HOW", "lambda: asyncio.timeout(600)"),
    "timeout_at": BLOCK.replace("HOW", "by_the_clock"),
    "moved": """
async with asyncio.timeout(5) as limit:
    held = [limit]
    limit.reschedule(limit.when() + 600)
    pass_time(100)
    await tool("one")
    effect(f"left {left_of(held[0])} {held[0] is limit} {limit.expired()}")
effect(repr(limit.expired()))
limit = held = None
""",
    "none": """
async with asyncio.timeout(None) as limit:
    await tool("one")
    effect(repr(limit.when()))
limit = None
""",
    "entered by a stack": """
from contextlib import AsyncExitStack
async with AsyncExitStack() as stack:
    limit = await stack.enter_async_context(asyncio.timeout(600))
    pass_time(100)
    await tool("one")
    effect(f"left {left_of(limit)}")
    inner = asyncio.timeout(50)
    await tool("two")
    try:
        async with inner:
            pass_time(51)
            await asyncio.sleep(3600)
    except TimeoutError:
        effect(f"inner {inner.expired()} {limit.expired()}")
del stack, limit, inner
""",
    "wait_for": """
async def inner():
    await tool("quick")
    pass_time(590)
    await tool("slow")
    pass_time(11)
    try:
        await asyncio.sleep(3600)
    finally:
        effect("stopped")

try:
    await asyncio.wait_for(inner(), 600)
except TimeoutError:
    effect("timed out")
effect(str(await asyncio.wait_for(tool("in time"), 600)))
""",
}


def killed_and_next_day(folder: Path, text: str, kill: Kill) -> Path:
    prepare(folder, text)
    assert fork(folder, "run", *kill) == -signal.SIGKILL, said(folder)
    pass_time(DAY)
    assert fork(folder, "resume", "done", 1) in (0, -signal.SIGKILL), said(folder)
    pass_time(DAY)
    if not (folder / "end.json").exists():
        assert fork(folder, "resume") == 0, said(folder)
    return folder


@pytest.mark.parametrize("cell", LIMITS.values(), ids=LIMITS)
def test_what_was_left_of_a_timeout_is_left_the_next_day(cell: str, tmp_path: Path) -> None:
    """Killed after a record, a day passes, killed once more, and another day."""
    text = BEGIN + cell
    expected = undisturbed(tmp_path / "plain", text)
    whole = prepare(tmp_path / "whole", text)
    assert fork(whole, "run") == 0
    assert ending(whole) == expected
    assert "cannot be stored" not in said(whole)
    points = kill_points(whole)
    chosen = points if ALL else random.Random(f"{SEED}{cell}").sample(points, min(5, len(points)))
    for kind, count in chosen:
        folder = killed_and_next_day(tmp_path / f"{kind}-{count}", text, (kind, count))
        assert ending(folder) == expected, f"after {kind} {count}: {said(folder)}"
