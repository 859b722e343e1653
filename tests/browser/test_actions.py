"""Fork, Pin and Delete from the panel: each asks what it must, and is a cell that is seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab import Lab, World
from panel import NotebookPage
from playwright.sync_api import Locator, Page, expect
from trips import LOAD, START_MS, effects, expect_finished_in, kill_the_process, open_the_gate

IMPORT = "import playbooks_ipython as pb\n"

# Two awaits, and an error after them: a run that could be continued.
STOPPED = """%%playbook stopped --resume
import asyncio
two = await asyncio.to_thread(len, "ab")
three = await asyncio.to_thread(len, "abc")
raise ValueError(two + three)
"""

DONE = """%%playbook done
import asyncio
two = await asyncio.to_thread(len, "ab")
three = await asyncio.to_thread(len, "abc")
print("in all", two + three)
"""


@pytest.fixture
def runs(page: Page, lab: Lab, world: World, request: pytest.FixtureRequest) -> NotebookPage:
    """A notebook with a finished run and, chosen, a failed one: two checkpoints each."""
    folder = request.node.name.translate(str.maketrans("[]", "--"))
    (world.notebooks / folder).mkdir()
    world.write_notebook(f"{folder}/runs.ipynb", [LOAD, DONE, STOPPED])
    runs = NotebookPage(page, lab, f"{folder}/runs.ipynb").open()
    for cell in range(3):
        runs.run_cell(cell)
    expect(runs.run("stopped")).to_contain_text("failed", timeout=START_MS)
    runs.choose_run("stopped")
    expect(runs.checkpoints).to_have_count(2)
    return runs


def act(runs: NotebookPage, n: int, name: str) -> None:
    """Choose checkpoint `n` and press one of its buttons."""
    choose(runs, n).get_by_role("button", name=name, exact=True).click()


def choose(runs: NotebookPage, n: int) -> Locator:
    row = checkpoint(runs, n)
    row.locator(".jp-PlaybooksPanel-row").click()
    return row


def checkpoint(runs: NotebookPage, n: int) -> Locator:
    return runs.checkpoints.filter(has=runs.page.get_by_text(f"@{n}", exact=True))


def dialog_of(runs: NotebookPage) -> Locator:
    return runs.page.get_by_role("dialog")


def expect_ran(runs: NotebookPage, cell: int, says: str) -> None:
    """The cell that was written has the focus, has run, and says so."""
    expect(runs.cells.nth(cell)).to_contain_text(says, timeout=START_MS)
    assert runs.focus_is_in_cell(cell)


def test_a_fork_is_named_made_and_continued(runs: NotebookPage) -> None:
    """Fork asks for a name, makes the new run in a visible cell, and runs nothing of it."""
    runs.choose_run("done")
    act(runs, 1, "Fork…")
    name = dialog_of(runs).get_by_role("textbox", name="Name of the new run")
    expect(name).to_be_focused()
    expect(name).to_have_value("done-from-1")
    name.fill("other")
    dialog_of(runs).get_by_role("button", name="Fork").click()
    expect_ran(runs, 2, "other stands after 1 await of done, and nothing was run")
    assert runs.source_of(2) == f'{IMPORT}pb.fork("done@1", "other")'
    expect(runs.run("other")).to_contain_text("interrupted")
    expect(runs.run("other")).to_contain_text("1 await")
    expect(runs.page.get_by_role("alert").filter(has_text="other stopped")).to_have_count(0)
    runs.run("other").get_by_role("button", name="Continue").click()
    expect_ran(runs, 3, "in all 5")
    expect(runs.run("other")).to_contain_text("finished")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Use 1 to 100 letters, digits"),
        ("two words", "Use 1 to 100 letters, digits"),
        ("-x", "the first one a letter or a digit"),
        ("DONE", "done is the name of a run already"),
        ("done~1", "Use 1 to 100 letters, digits"),
    ],
)
def test_a_name_that_will_not_do_is_asked_for_again(
    demo_runs: NotebookPage, name: str, sentence: str
) -> None:
    """The question says why while one types, and stands until the name will do or one gives up."""
    runs = demo_runs
    act(runs, 1, "Fork…")
    field = dialog_of(runs).get_by_role("textbox")
    for _ in range(2):
        field.fill(name)
        expect(dialog_of(runs).get_by_role("alert")).to_contain_text(sentence)
        expect(field).to_have_attribute("aria-invalid", "true")
        field.press("Enter")
        expect(field).to_have_value(name)
    field.fill("fine")
    expect(dialog_of(runs).get_by_role("alert")).to_have_count(0)
    runs.page.keyboard.press("Escape")
    expect(dialog_of(runs)).to_have_count(0)
    expect(runs.cells).to_have_count(3)


@pytest.fixture(scope="module")
def demo_runs(shared_page: Page, lab: Lab, world: World) -> NotebookPage:
    """One notebook with one run for all questions that are given up."""
    world.write_notebook("questions.ipynb", [LOAD, DONE, "1"])
    runs = NotebookPage(shared_page, lab, "questions.ipynb").open()
    runs.run_cell(0)
    runs.run_cell(1)
    expect(runs.run("done")).to_contain_text("finished", timeout=START_MS)
    expect(runs.checkpoints).to_have_count(2)
    return runs


def test_a_pin_is_shown_and_taken_out(runs: NotebookPage, pictures: Path) -> None:
    """A pinned checkpoint is marked in timeline and list, and cannot be deleted until unpinned."""
    act(runs, 1, "Pin")
    expect_ran(runs, 3, "stopped@1 is pinned")
    assert runs.source_of(3) == f'{IMPORT}pb.pin("stopped@1")'
    expect(checkpoint(runs, 1).get_by_role("img", name="pinned")).to_be_visible()
    expect(checkpoint(runs, 2).get_by_role("img", name="pinned")).to_have_count(0)
    expect(runs.run("stopped")).to_contain_text("1 pinned")
    expect(checkpoint(runs, 1).get_by_role("button", name="Delete…")).to_be_disabled()
    runs.page.screenshot(path=pictures / "pinned.png")

    act(runs, 1, "Unpin")
    expect_ran(runs, 4, "stopped@1 is not pinned")
    assert runs.source_of(4) == f'{IMPORT}pb.pin("stopped@1", off=True)'
    expect(checkpoint(runs, 1).get_by_role("img", name="pinned")).to_have_count(0)
    expect(checkpoint(runs, 1).get_by_role("button", name="Delete…")).to_be_enabled()


def test_delete_asks_and_takes_one_checkpoint(runs: NotebookPage) -> None:
    """Delete says what is lost, with the focus on Cancel; then that checkpoint is gone."""
    act(runs, 1, "Delete…")
    expect(dialog_of(runs)).to_contain_text("Delete playbook checkpoint stopped@1?")
    expect(dialog_of(runs)).to_contain_text("lost for good")
    expect(dialog_of(runs).get_by_role("button", name="Cancel")).to_be_focused()
    runs.page.keyboard.press("Enter")
    expect(dialog_of(runs)).to_have_count(0)
    expect(runs.cells).to_have_count(3)

    act(runs, 1, "Delete…")
    dialog_of(runs).get_by_role("button", name="Delete").click()
    expect_ran(runs, 3, "deleted stopped@1")
    assert runs.source_of(3).startswith(f'{IMPORT}pb.delete("stopped@1", run_id="')
    expect(runs.checkpoints.locator(".jp-PlaybooksPanel-number")).to_have_text(["@2"])


def test_what_a_resume_needs_cannot_be_deleted(runs: NotebookPage) -> None:
    """The checkpoint that an unfinished run goes on from has no Delete; a finished run's has."""
    button = checkpoint(runs, 2).get_by_role("button", name="Delete…")
    expect(button).to_be_disabled()
    why = "The run goes on from this playbook checkpoint: only the whole run can be deleted"
    expect(button).to_have_attribute("title", why)
    runs.choose_run("done")
    expect(checkpoint(runs, 2).get_by_role("button", name="Delete…")).to_be_enabled()


def test_a_deleted_run_stays_deleted_and_a_new_one_stays(runs: NotebookPage) -> None:
    """Delete Run says what is lost; a later Run All does not delete the run that it makes."""
    runs.run("stopped").get_by_role("button", name="Delete Run…").click()
    dialog = dialog_of(runs)
    expect(dialog).to_contain_text("Delete the run stopped?")
    expect(dialog).to_contain_text("its 2 completed awaits would run again")
    dialog.get_by_role("button", name="Delete").click()
    expect_ran(runs, 3, "deleted stopped")
    expect(runs.run("stopped")).to_have_count(0)
    runs.run_cell(2)
    expect(runs.run("stopped")).to_contain_text("failed", timeout=START_MS)
    runs.run_cell(3)
    expect(runs.cells.nth(3)).to_contain_text(
        "nothing was deleted: 'stopped' is another run by now"
    )
    expect(runs.run("stopped")).to_contain_text("2 awaits")


def test_a_busy_kernel_forks_when_it_is_free(trip: NotebookPage) -> None:
    """While a run goes on it can be forked, in a cell that waits; nothing of it can be deleted."""
    for n in (1, 2):
        row = choose(trip, n)
        for name in ("Pin", "Delete…"):
            expect(row.get_by_role("button", name=name)).to_be_disabled()
    expect(trip.run("trip").get_by_role("button", name="Delete Run…")).to_be_disabled()
    act(trip, 1, "Fork…")
    dialog_of(trip).get_by_role("textbox").press("Enter")
    expect(trip.cells).to_have_count(3)
    expect(trip.cells.nth(2).locator(".jp-InputPrompt")).to_have_text("[*]:")
    open_the_gate(trip)
    expect_finished_in(trip, 1)
    expect_ran(trip, 2, "trip-from-1 stands after 1 await of trip")
    assert effects(trip) == ["Oslo", "Bern", "Rome", "Lima"]
    expect(trip.run("trip-from-1")).to_contain_text("interrupted")


def test_a_fork_after_a_crash_is_not_offered(trip: NotebookPage) -> None:
    """The offer to continue is for what the crash stopped, not for a fork that never ran."""
    kill_the_process(trip)
    trip.page.get_by_role("alert").filter(has_text="trip stopped").wait_for(timeout=START_MS)
    trip.wait_for_kernel()
    act(trip, 1, "Fork…")
    dialog_of(trip).get_by_role("textbox").press("Enter")
    expect_ran(trip, 2, "trip-from-1 stands after 1 await of trip")
    expect(trip.run("trip-from-1")).to_contain_text("interrupted")
    expect(trip.page.get_by_role("alert").filter(has_text="stopped after")).to_have_count(1)


def test_without_a_kernel_one_is_started(runs: NotebookPage) -> None:
    """A notebook whose kernel was shut down gets one, and the cell runs in it."""
    runs.execute("kernelmenu:shutdown")
    runs.page.wait_for_function(
        "() => !jupyterapp.shell.currentWidget.sessionContext.session?.kernel"
    )
    act(runs, 1, "Pin")
    expect_ran(runs, 3, "stopped@1 is pinned")
    expect(checkpoint(runs, 1).get_by_role("img", name="pinned")).to_be_visible()


def test_everything_is_reached_by_keyboard(runs: NotebookPage) -> None:
    """From a row of the timeline, Tab reaches each action in order, and Enter does it."""
    keyboard = runs.page.keyboard
    checkpoint(runs, 2).locator(".jp-PlaybooksPanel-row").focus()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    for name in ("Restore", "Continue Here", "Fork…", "Pin", "Delete…"):
        keyboard.press("Tab")
        expect(checkpoint(runs, 1).get_by_role("button", name=name)).to_be_focused()
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect_ran(runs, 3, "stopped@1 is pinned")


def test_questions_are_drawn_in_both_themes(demo_runs: NotebookPage, pictures: Path) -> None:
    """Light and dark: a refusal stands out from its ground (pictures are for a person)."""
    runs = demo_runs
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        runs.execute("apputils:change-theme", theme=theme)
        expect(runs.page.locator("#jupyterlab-splash")).to_have_count(0)
        expect(runs.page.locator(f"body[data-jp-theme-name='{theme}']")).to_have_count(1)
        act(runs, 1, "Fork…")
        dialog_of(runs).get_by_role("textbox").fill("DONE")
        colour, ground = (
            dialog_of(runs)
            .get_by_role("alert")
            .evaluate(
                "node => [getComputedStyle(node).color,"
                " getComputedStyle(node.closest('.jp-Dialog-content')).backgroundColor]"
            )
        )
        assert colour != ground
        runs.page.screenshot(path=pictures / f"name-{theme.replace(' ', '-')}.png")
        runs.page.keyboard.press("Escape")
        runs.run("done").get_by_role("button", name="Delete Run…").click()
        runs.page.screenshot(path=pictures / f"delete-{theme.replace(' ', '-')}.png")
        runs.page.keyboard.press("Escape")
