"""The outside world of a test: effects that stay when a kernel is killed.

Imported by the kernels under test; `OUTSIDE` names the file in which the effects are kept.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path


def effect(text: str) -> None:
    """Do something that cannot be undone: one line, in the file of another process's care."""
    fd = os.open(os.environ["OUTSIDE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(fd, text.encode() + b"\n")
    finally:
        os.close(fd)


async def tool(name: str, *args: object) -> int:
    """Do something outside and return a number that depends on name and arguments only."""
    effect(f"tool {name} {args}")
    await asyncio.sleep(0.001)
    return sum(len(repr(a)) for a in args) + len(name)


async def gate() -> None:
    """Say that it waits, and wait until a file `open` is there."""
    effect("gate")
    path = Path(os.environ["OUTSIDE"]).with_name("open")
    while not path.exists():
        await asyncio.sleep(0.01)
