"""A service that fails until its outage is over: until a file `over` is there."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from playbooks_ipython.agents import attempt
from tests.support.outside import effect


def is_over() -> bool:
    return Path(os.environ["OUTSIDE"]).with_name("over").exists()


async def submit(name: str) -> str:
    """Say which attempt this is, and fail during the outage."""
    effect(f"{name} attempt {attempt()}")
    await asyncio.sleep(0.001)
    if not is_over():
        raise ValueError(name)
    return name
