"""Concurrent tasks in the panel: which task an await was in, and what its frames held."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab import Lab, World
from panel import NotebookPage
from playwright.sync_api import Page, expect
from trips import LOAD, START_MS, open_the_gate

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


BEHIND = """%%playbook behind
import asyncio
import pathlib

async def wait():
    one = await asyncio.to_thread(len, "x")
    while not pathlib.Path("gate").exists():
        await asyncio.sleep(0.2)
    return one

task = asyncio.create_task(wait(), name="waiter")
await asyncio.sleep(0)
"""


def test_tasks_behind_their_cell_are_seen_until_they_end(
    page: Page, lab: Lab, world: World
) -> None:
    """The cell is done and its run goes on: it is running, can be forked, and then finishes."""
    (world.notebooks / "behind").mkdir()
    world.write_notebook("behind/behind.ipynb", [LOAD, BEHIND])
    behind = NotebookPage(page, lab, "behind/behind.ipynb").open()
    behind.run_cell(0)
    behind.run_cell(1)
    expect(behind.cells.nth(1).locator(".jp-InputPrompt")).to_have_text("[2]:", timeout=START_MS)
    expect(behind.run("behind")).to_contain_text("running")
    oldest = behind.checkpoints.last
    oldest.locator(".jp-PlaybooksPanel-row").click()
    expect(oldest.get_by_role("button", name="Restore")).to_be_disabled()
    oldest.get_by_role("button", name="Fork…").click()
    page.get_by_role("dialog").get_by_role("textbox").press("Enter")
    expect(behind.cells.nth(2)).to_contain_text("stands after 1 await of behind", timeout=START_MS)
    expect(behind.run("behind")).to_contain_text("running")
    open_the_gate(behind)
    expect(behind.run("behind")).to_contain_text("finished", timeout=START_MS)
