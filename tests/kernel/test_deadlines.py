"""A timeout within a notebook's cell, in the kernel that goes on."""

from __future__ import annotations

from tests.kernel.conftest import Start

CELL = """%%playbook limited
import asyncio
try:
    async with asyncio.timeout(0.4) as limit:
        await tool("in time")
        await asyncio.sleep(3600)
except TimeoutError:
    print("timed out", limit.expired())
await tool("after")
"""


def test_a_timeout_still_stops_its_block_and_nothing_else(start: Start) -> None:
    """What goes on in the new kernel is the cell's own task there, and cells after it are free."""
    first = start()
    first.run("kill_after('issue', 2)")
    assert first.run(CELL).died
    second = start()
    assert second.run("%playbook resume limited").stdout == "timed out True\n"
    assert second.run("await asyncio.sleep(0.5)\nprint(limit.expired())").stdout == "True\n"
