"""A notebook whose run hangs after two awaits, until the test opens its gate."""

from __future__ import annotations

from pathlib import Path

from panel import NotebookPage
from playwright.sync_api import expect

START_MS = 20_000

LOAD = "%load_ext playbooks_ipython"

# The third visit hangs until a file `gate` exists, so that the kernel is lost after exactly two.
TRIP = """%%playbook trip --resume
import asyncio
import pathlib
import time

def travel(town):
    while town == "Rome" and not pathlib.Path("gate").exists():
        time.sleep(0.02)
    with open("effects.txt", "a") as effects:
        effects.write(town + "\\n")
    return len(town)

oslo = await asyncio.to_thread(travel, "Oslo")
print("seen Oslo")
bern = await asyncio.to_thread(travel, "Bern")
print("seen Bern")
rome = await asyncio.to_thread(travel, "Rome")
print("seen Rome")
lima = await asyncio.to_thread(travel, "Lima")
print("letters:", oslo + bern + rome + lima)
"""


def kill_the_process(trip: NotebookPage) -> None:
    """kill -9; Jupyter starts the kernel again by itself, and says so in a dialog."""
    trip.lab.kill_kernel(trip.notebook)
    trip.page.get_by_role("dialog").filter(has_text="Kernel Restarting").wait_for()
    trip.page.keyboard.press("Escape")


def folder_of(trip: NotebookPage) -> Path:
    return trip.lab.world.notebooks / Path(trip.notebook).parent


def effects(trip: NotebookPage) -> list[str]:
    return (folder_of(trip) / "effects.txt").read_text().split()


def open_the_gate(trip: NotebookPage) -> None:
    (folder_of(trip) / "gate").touch()


def expect_finished_in(trip: NotebookPage, cell: int) -> None:
    """The cell shows the rest of the run's output, and the panel that it is finished."""
    expect(trip.cells.nth(cell)).to_contain_text("letters: 16", timeout=START_MS)
    expect(trip.run("trip")).to_contain_text("finished")
    expect(trip.run("trip").get_by_role("button", name="Continue")).to_have_count(0)
    assert effects(trip) == ["Oslo", "Bern", "Rome", "Lima"]
