"""Concurrent tasks in the panel: which task an await was in, and what its frames held."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab import Lab, World
from panel import NotebookPage
from playwright.sync_api import Page, expect
from trips import LOAD, START_MS

GATHERED = """%%playbook fetched
import asyncio

async def page(number):
    size = await asyncio.to_thread(len, "x" * number)
    return size

async def fetch(name, number):
    found = await page(number)
    return found

async with asyncio.TaskGroup() as group:
    tasks = [group.create_task(fetch("a", n), name=f"fetch-{n}") for n in (1, 2)]
total = sum(task.result() for task in tasks)
await asyncio.sleep(0)
"""


@pytest.fixture
def fetched(page: Page, lab: Lab, world: World) -> NotebookPage:
    """A notebook whose finished run had two tasks, each two functions deep."""
    world.write_notebook("fetched.ipynb", [LOAD, GATHERED])
    fetched = NotebookPage(page, lab, "fetched.ipynb").open()
    fetched.run_cell(0)
    fetched.run_cell(1)
    expect(fetched.run("fetched")).to_contain_text("finished", timeout=START_MS)
    return fetched


def test_awaits_of_tasks_say_which(fetched: NotebookPage, pictures: Path) -> None:
    """The timeline names the task of an await; its frames and their variables are shown."""
    for name in ("fetch-1", "fetch-2"):
        expect(fetched.checkpoints.filter(has_text=f"in task {name}")).not_to_have_count(0)
    expect(fetched.checkpoints.first).not_to_contain_text("in task")
    within = fetched.checkpoints.filter(has_text="in task fetch-2").filter(has_text="to_thread")
    within.locator(".jp-PlaybooksPanel-row").click()
    stack = fetched.panel.get_by_role("list", name="Call stack of task fetch-2, outermost first")
    expect(stack.get_by_role("listitem")).to_have_text(["fetch line 9", "page line 5"])
    fetched.page.screenshot(path=pictures / "tasks.png")
    tables = fetched.panel.locator(".jp-PlaybooksPanel-variables")
    expect(tables.locator("caption")).to_have_text(["page, line 5", "fetch, line 9", "Notebook"])
    expect(tables.nth(0).locator("tbody tr")).to_have_text(["numberint", "sizeint"])
    expect(tables.nth(1).locator("tbody tr")).to_have_text(["namestr", "numberint"])
