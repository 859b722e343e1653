"""Letting go: after a restart too, what a program drops is freed while it runs."""

from __future__ import annotations

import gc

import pytest

from tests.execution.place import Place

DROPPED = {
    "a variable": """
gift = Gift()
await tool("before")
del gift
""",
    "beside an error": """
gift = Gift()
try:
    1 / 0
except ZeroDivisionError as raised:
    error = raised
await tool("before")
del gift
""",
    "what a task gave": """
async def child(n):
    await tool("child", n)
    return Gift()
async def all_of_them():
    await asyncio.gather(*[asyncio.create_task(child(n)) for n in range(3)])
await all_of_them()
""",
    "an error through a shield": """
async def fails(n):
    gift = Gift()
    await tool("child", n)
    raise ValueError(n)
async def waits(task):
    return await asyncio.shield(task)
async def all_of_them():
    tasks = [asyncio.create_task(fails(n)) for n in range(3)]
    await asyncio.gather(*map(waits, tasks), return_exceptions=True)
await all_of_them()
""",
}


def living(kind: type) -> int:
    gc.collect()
    return sum(type(one) is kind for one in gc.get_objects())


@pytest.mark.parametrize("what", DROPPED)
def test_what_is_dropped_after_a_restart_is_freed(place: Place, what: str) -> None:
    """Neither what was loaded for the restart nor how it was loaded is held any longer."""
    place.given |= {"living": living}
    head = "import asyncio\nclass Gift:\n    pass\n"
    place.run(f"{head}{DROPPED[what]}await asyncio.sleep(0)\nfound = living(Gift)\n")
    assert place.namespace["found"] == 0
    place.resume("program@1")
    assert place.namespace["found"] == 0
