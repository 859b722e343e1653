"""The panel in a real JupyterLab, over runs that were written to a real store."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from author import Author, done
from lab import Lab, World
from panel import NotebookPage
from playwright.sync_api import Page, expect

from playbooks_ipython.records import Owner
from playbooks_ipython.store.owner import owner_of

REFUSED = [["client", "AsyncClient", "cannot pickle '_thread.RLock' object"]]
FAILED = {
    "state": "failed",
    "n": 2,
    "time": 300.0,
    "error": {"type": "ValueError", "text": "no more", "line": 3},
}


def dead_owner() -> Owner:
    """Return what tells apart a process that has ended."""
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    owner = owner_of(child.pid)
    child.communicate()
    return owner


@pytest.fixture(scope="module")
def author(world: World, jupyter_folders: None) -> Author:  # noqa: ARG001 (sets the folders)
    """Write three runs of one notebook: interrupted (the newest), failed and finished."""
    notebook = world.write_notebook("demo.ipynb", ["before = 1", "# the playbook", "after = 1"])
    author = Author(notebook)
    finished = author.write("first", created_s=1.0, cell_id="cell-1")
    finished.append("state", {"state": "finished", "n": 2, "time": 300.0, "error": None})
    finished.close()
    failed = author.write("second", created_s=2.0, cell_id="cell-1")
    failed.append("state", FAILED)
    failed.close()
    third = author.write("third", created_s=3.0, cell_id="cell-1", owner=dead_owner())
    third.append(
        "done",
        done(3, vars={"a": "int", "b": "str", "client": "AsyncClient"}, refused=REFUSED),
    )
    third.close()
    return author


@pytest.fixture(scope="module")
def opened(shared_page: Page, lab: Lab, author: Author) -> NotebookPage:  # noqa: ARG001 (the runs)
    return NotebookPage(shared_page, lab, "demo.ipynb").open()


@pytest.fixture
def demo(opened: NotebookPage) -> NotebookPage:
    """The notebook as it is when it was just opened: one page for all who only look."""
    opened.choose_run("first")
    opened.choose_run("third")
    expect(opened.checkpoints).to_have_count(3)
    return opened


@pytest.fixture
def saved_demo(page: Page, lab: Lab, author: Author) -> Iterator[NotebookPage]:
    """The notebook in a page of its own, put back as it was after a test that adds cells."""
    before = author.notebook.read_bytes()
    yield NotebookPage(page, lab, "demo.ipynb").open()
    page.goto("about:blank")
    author.notebook.write_bytes(before)


def test_notebook_without_runs_says_what_to_do(page: Page, lab: Lab, world: World) -> None:
    """A notebook that never ran a playbook shows one sentence and no empty sections."""
    world.write_notebook("new.ipynb", ["1"])
    new = NotebookPage(page, lab, "new.ipynb").open()
    expect(new.panel.get_by_role("heading")).to_have_text(["new.ipynb"])
    expect(new.panel.get_by_role("paragraph")).to_have_text(
        "No playbook checkpoints yet. Run a %%playbook cell."
    )


def test_runs_stand_newest_first(demo: NotebookPage) -> None:
    """Each run shows its name and how it stands."""
    expect(demo.runs.locator(".jp-PlaybooksPanel-name")).to_have_text(["third", "second", "first"])
    states = demo.runs.locator(".jp-PlaybooksPanel-state")
    expect(states).to_have_text(["interrupted", "failed", "finished"])
    expect(demo.run("second")).to_contain_text("ValueError: no more")


def test_only_stopped_runs_can_be_continued(demo: NotebookPage) -> None:
    """Continue is there, enabled, for interrupted and failed runs and for no other."""
    for name in ("second", "third"):
        expect(demo.run(name).get_by_role("button", name="Continue")).to_be_enabled()
    expect(demo.run("first").get_by_role("button", name="Continue")).to_have_count(0)


def test_timeline_is_newest_first(demo: NotebookPage) -> None:
    """The chosen run's checkpoints stand newest first, the newest one chosen."""
    numbers = demo.checkpoints.locator(".jp-PlaybooksPanel-number")
    expect(numbers).to_have_text(["@3", "@2", "@1"])
    chosen = demo.checkpoints.get_by_role("button", pressed=True)
    expect(chosen).to_contain_text("@3")


def test_code_is_marked(demo: NotebookPage) -> None:
    """Lines are marked as done, here and left, for the checkpoint that is chosen."""
    marks = demo.code.locator(".jp-PlaybooksPanel-mark")
    assert marks.evaluate_all("all => all.map(mark => mark.ariaLabel)") == [
        "done",
        "left",
        "here",
        "left",
    ]


def test_arrow_keys_walk_and_enter_chooses(demo: NotebookPage) -> None:
    """The timeline works without a mouse: arrows move the focus, Enter chooses."""
    demo.checkpoints.nth(0).locator(".jp-PlaybooksPanel-row").focus()
    demo.page.keyboard.press("ArrowDown")
    demo.page.keyboard.press("ArrowDown")
    oldest = demo.checkpoints.nth(2).locator(".jp-PlaybooksPanel-row")
    expect(oldest).to_be_focused()
    expect(oldest).to_have_attribute("aria-pressed", "false")
    demo.page.keyboard.press("Enter")
    expect(oldest).to_have_attribute("aria-pressed", "true")
    here = demo.panel.locator(".jp-PlaybooksPanel-line[data-mark=here]")
    expect(here).to_have_text("a = await first()")


def test_variables_and_refusals_are_shown(demo: NotebookPage) -> None:
    """The chosen checkpoint's variables stand with their types, and why others could not be."""
    rows = demo.panel.locator(".jp-PlaybooksPanel-variables tbody tr")
    expect(rows).to_have_text(["aint", "bstr", "clientAsyncClient"])
    refused = demo.panel.locator(".jp-PlaybooksPanel-refused li")
    expect(refused).to_have_text(["client (AsyncClient): cannot pickle '_thread.RLock' object"])


def test_kept_output_is_shown(demo: NotebookPage) -> None:
    """What the cell printed stands in the panel."""
    expect(demo.panel.locator(".jp-PlaybooksPanel-output")).to_have_text("hello\n")


def test_continue_runs_a_visible_cell_below_the_run(saved_demo: NotebookPage) -> None:
    """Continue writes its cell below the run's own, gives it the focus and runs it."""
    demo = saved_demo
    demo.run("third").get_by_role("button", name="Continue").click()
    expect(demo.cells).to_have_count(4)
    assert demo.source_of(2) == 'import playbooks_ipython as pb\nawait pb.resume("third")'
    expect(demo.cells.nth(2).locator(".jp-InputPrompt")).not_to_have_text("[ ]:")
    assert demo.focus_is_in_cell(2)
    expect(demo.cells.nth(2)).to_be_in_viewport()


def test_continue_from_an_older_checkpoint_names_it(saved_demo: NotebookPage) -> None:
    """A checkpoint's own Continue writes its number."""
    demo = saved_demo
    demo.checkpoints.nth(1).hover()
    demo.checkpoints.nth(1).get_by_role("button", name="Continue Here").click()
    expect(demo.cells).to_have_count(4)
    assert demo.source_of(2) == 'import playbooks_ipython as pb\nawait pb.resume("third@2")'


def test_restore_asks_first(saved_demo: NotebookPage) -> None:
    """Restore replaces variables, so it asks; Cancel has the focus and changes nothing."""
    demo = saved_demo
    demo.checkpoints.nth(0).get_by_role("button", name="Restore").click()
    dialog = demo.page.get_by_role("dialog")
    expect(dialog).to_contain_text("replaced by those of playbook checkpoint third@3")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(demo.cells).to_have_count(3)


def test_restore_runs_a_visible_cell(saved_demo: NotebookPage) -> None:
    """Once it was confirmed, Restore writes its cell below the run's own and runs it."""
    demo = saved_demo
    demo.checkpoints.nth(0).get_by_role("button", name="Restore").click()
    demo.page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(demo.cells).to_have_count(4)
    assert demo.source_of(2) == 'import playbooks_ipython as pb\npb.restore("third@3")'
    expect(demo.cells.nth(2).locator(".jp-InputPrompt")).not_to_have_text("[ ]:")


def test_list_follows_a_run_of_another_process(demo: NotebookPage, author: Author) -> None:
    """A run that no kernel of this notebook pushes is read again while the panel is seen."""
    live = author.write("live", created_s=4.0, cell_id="cell-1")
    try:
        expect(demo.run("live")).to_contain_text("running")
        demo.choose_run("live")
        live.append("done", done(3))
        expect(demo.checkpoints).to_have_count(3)
        assert demo.checkpoints.nth(0).get_by_role("button", name="Restore").is_disabled()
    finally:
        live.close()
        author.store.delete("live")
    expect(demo.run("live")).to_have_count(0)


def test_torn_run_is_told(demo: NotebookPage, author: Author) -> None:
    """A run that cannot be read is a sentence above the list, and the list is there."""
    author.write("torn", created_s=0.5).close()
    (log,) = (author.store.root / "torn").glob("log-*")
    log.write_bytes(log.read_bytes()[:-7])
    demo.execute("playbooks:refresh")
    expect(demo.panel.locator(".jp-PlaybooksPanel-problems")).to_contain_text("torn: ")
    expect(demo.runs).to_have_count(4)
    author.store.delete("torn")


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (200, '{"format": 99}', "have different versions of playbooks-ipython"),
        (404, "<html>not found</html>", "has no playbooks-ipython extension"),
        (503, "<html>a proxy</html>", "answered with status 503"),
        (404, '{"format": 1, "message": "a reason"}', "a reason"),
    ],
)
def test_server_of_another_kind_is_told(
    demo: NotebookPage, status: int, body: str, sentence: str
) -> None:
    """A server without our extension, or with another version of it, is told in a sentence."""
    address = "**/playbooks-ipython/**"
    demo.page.route(address, lambda route: route.fulfill(status=status, body=body))
    demo.execute("playbooks:refresh")
    expect(demo.panel.get_by_role("alert")).to_contain_text(sentence)
    demo.page.unroute(address)
    demo.execute("playbooks:refresh")
    expect(demo.panel.get_by_role("alert")).to_have_count(0)


def test_panel_stands_in_notebook_7(page: Page, lab: Lab, author: Author) -> None:  # noqa: ARG001 (the runs)
    """The same panel lists the same runs in Notebook 7."""
    page.goto(lab.url("demo.ipynb", app="notebooks"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    there = NotebookPage(page, lab, "demo.ipynb")
    page.get_by_role("menuitem", name="View", exact=True).click()
    page.get_by_role("menuitem", name="Show Playbook Checkpoints").click()
    expect(there.runs).to_have_count(3)


def test_panel_is_drawn_in_both_themes(demo: NotebookPage, pictures: Path) -> None:
    """Light and dark: text and ground differ in both (pictures are for a person to look at)."""
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        demo.execute("apputils:change-theme", theme=theme)
        expect(demo.page.locator("#jupyterlab-splash")).to_have_count(0)
        expect(demo.page.locator(f"body[data-jp-theme-name='{theme}']")).to_have_count(1)
        colour, ground = demo.panel.evaluate(
            "node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]"
        )
        assert colour != ground
        demo.page.screenshot(path=pictures / f"{theme.replace(' ', '-')}.png")


def test_server_that_is_gone_is_a_sentence(demo: NotebookPage, lab: Lab) -> None:
    """A server that does not answer is told, and the list is back when it does."""
    lab.stop()
    demo.execute("playbooks:refresh")
    expect(demo.panel.get_by_role("alert")).to_have_text("The Jupyter server does not answer.")
    lab.start()
    expect(demo.panel.get_by_role("alert")).to_have_count(0, timeout=60_000)
    expect(demo.runs).to_have_count(3)
