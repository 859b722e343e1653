"""The main job in a real JupyterLab: run, lose the kernel, continue from the panel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lab import Lab, World, is_alive, wait_until
from panel import NotebookPage
from playwright.sync_api import Page, expect
from trips import (
    LOAD,
    START_MS,
    TRIP,
    effects,
    expect_finished_in,
    kill_the_process,
    open_the_gate,
)

from playbooks_ipython.kernel import events

CONTINUE = 'import playbooks_ipython as pb\nawait pb.resume("trip")'

Loss = Callable[[NotebookPage], None]


def restart_the_kernel(trip: NotebookPage) -> None:
    """Kernel > Restart Kernel, as the menu does it."""
    trip.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    trip.page.locator("[data-command='kernelmenu:restart']").click()
    trip.page.get_by_role("dialog").get_by_role("button", name="Confirm Kernel Restart").click()


def restart_the_server(trip: NotebookPage) -> None:
    """Stop Jupyter and start it again; the page is opened anew."""
    trip.lab.stop()
    trip.lab.start()
    trip.open()


@pytest.mark.parametrize("lose", [kill_the_process, restart_the_kernel, restart_the_server])
def test_continue_after(lose: Loss, trip: NotebookPage, pictures: Path) -> None:
    """However the kernel is lost, one click continues after the last completed await."""
    old = trip.lab.kernel_pid(trip.notebook)
    lose(trip)
    expect(trip.run("trip")).to_contain_text("interrupted", timeout=START_MS)
    # A kernel that is asked to restart lives on until the thread of its await has ended, or until
    # Jupyter loses patience; that await would go through the gate as well.
    wait_until(lambda: not is_alive(old), START_MS / 1000, lambda: f"kernel {old} lives on")
    trip.wait_for_kernel()
    open_the_gate(trip)
    trip.page.screenshot(path=pictures / f"{lose.__name__}-interrupted.png")

    trip.run("trip").get_by_role("button", name="Continue").click()
    expect(trip.cells).to_have_count(3)
    assert trip.source_of(2) == CONTINUE
    expect_finished_in(trip, 2)
    assert trip.focus_is_in_cell(2)
    trip.page.screenshot(path=pictures / f"{lose.__name__}-finished.png")

    for _ in range(2):
        trip.execute("runmenu:run-all")
        expect(trip.cells.nth(2).locator(".jp-InputPrompt")).not_to_have_text("[*]:")
        trip.wait_for_kernel()
    assert effects(trip) == ["Oslo", "Bern", "Rome", "Lima"]


def test_crash_offers_to_continue(trip: NotebookPage) -> None:
    """After a crash a notification offers to continue, and its button does."""
    kill_the_process(trip)
    offer = trip.page.get_by_role("alert").filter(has_text="trip stopped after 2 awaits")
    offer.wait_for(timeout=START_MS)
    trip.wait_for_kernel()
    open_the_gate(trip)
    offer.get_by_role("button", name="Continue").click()
    expect_finished_in(trip, 2)
    expect(offer).to_have_count(0)


def test_running_notebook_is_seen_live(trip: NotebookPage) -> None:
    """While the cell still runs, the panel shows what is kept; nothing can be restored then."""
    expect(trip.cells.nth(1).locator(".jp-InputPrompt")).to_have_text("[*]:")
    numbers = trip.checkpoints.locator(".jp-PlaybooksPanel-number")
    expect(numbers).to_have_text(["@2", "@1"])
    for checkpoint in trip.checkpoints.all():
        checkpoint.hover()
        for name in ("Restore", "Continue Here"):
            expect(checkpoint.get_by_role("button", name=name)).to_be_disabled()
    open_the_gate(trip)
    expect_finished_in(trip, 1)
    expect(trip.cells).to_have_count(2)


def test_kernel_pushes_while_the_cell_runs(page: Page, new_trip: NotebookPage) -> None:
    """The kernel says that a run has changed: it is read though the panel, hidden, asks nothing."""
    trip = new_trip
    opened: list[str] = []

    def note(frame: bytes | str) -> None:
        if "comm_open" in str(frame) and events.TARGET in str(frame):
            opened.append(str(frame))

    def wait_for_comm(count: int) -> None:
        while len(opened) < count:
            page.wait_for_event("request", timeout=START_MS)  # the panel asks every three seconds

    page.on("websocket", lambda socket: socket.on("framesent", note))
    page.reload()
    wait_for_comm(
        1
    )  # the panel tries at once; this kernel has not loaded the extension and refuses
    trip.run_cell(0)
    wait_for_comm(2)
    trip.hide_panel()
    with page.expect_request("**/playbooks-ipython/runs/*/trip*"):
        trip.run_cell(1)
    expect(trip.cells.nth(1).locator(".jp-InputPrompt")).to_have_text("[*]:")
    open_the_gate(trip)
    expect(trip.cells.nth(1)).to_contain_text("letters: 16", timeout=START_MS)


def test_kernel_of_another_environment(page: Page, lab: Lab, world: World) -> None:
    """Kernel and server in two environments: the panel finds the run and continues it."""
    kernel = world.add_kernel_elsewhere()
    where = "import sys\nprint(sys.prefix)"
    (world.notebooks / kernel).mkdir()
    world.write_notebook(f"{kernel}/trip.ipynb", [LOAD, TRIP, where], kernel)
    trip = NotebookPage(page, lab, f"{kernel}/trip.ipynb").open()
    trip.run_cell(2)
    expect(trip.cells.nth(2)).to_contain_text(str(world.root / "elsewhere"))
    trip.run_cell(0)
    trip.run_cell(1)
    expect(trip.checkpoints).to_have_count(2, timeout=START_MS)
    kill_the_process(trip)
    open_the_gate(trip)
    trip.run("trip").get_by_role("button", name="Continue").click()
    expect_finished_in(trip, 2)
