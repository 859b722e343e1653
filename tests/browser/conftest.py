"""A real JupyterLab and a real browser, both in folders of their own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab, World
from panel import NotebookPage
from playwright.sync_api import Browser, Page, expect, sync_playwright
from trips import LOAD, START_MS, TRIP

# The author of runs lives with the server's tests; test folders are no packages.
sys.path.append(str(Path(__file__).parents[1] / "server"))

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, with an empty profile for each page.

    For a module and no longer: while Playwright stands, its event loop counts as running in this
    thread, and nobody else's asynchronous test could begin.
    """
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.fail("these tests drive Chromium, which is not here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Folders for notebooks and for everything that Jupyter keeps; nothing of the user's."""
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def jupyter_folders(world: World) -> Iterator[None]:
    """Let this process record stores where the server looks for them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, folder in world.folders().items():
            patch.setenv(name, folder)
        yield


@pytest.fixture(scope="module")
def lab(world: World) -> Iterator[Lab]:
    lab = Lab(world)
    lab.start()
    yield lab
    lab.stop()


def new_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


page = pytest.fixture(new_page, name="page")
shared_page = pytest.fixture(new_page, scope="module", name="shared_page")


@pytest.fixture
def new_trip(page: Page, lab: Lab, world: World, request: pytest.FixtureRequest) -> NotebookPage:
    """A notebook in a folder of its own, open and not run yet."""
    folder = request.node.name.translate(str.maketrans("[]", "--"))
    (world.notebooks / folder).mkdir()
    world.write_notebook(f"{folder}/trip.ipynb", [LOAD, TRIP])
    return NotebookPage(page, lab, f"{folder}/trip.ipynb").open()


@pytest.fixture
def trip(new_trip: NotebookPage) -> NotebookPage:
    """The notebook while its run hangs after two awaits."""
    new_trip.run_cell(0)
    new_trip.run_cell(1)
    expect(new_trip.checkpoints).to_have_count(2, timeout=START_MS)
    expect(new_trip.run("trip")).to_contain_text("running")
    return new_trip


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go; their paths are printed for whoever looks at them."""
    return tmp_path_factory.mktemp("pictures")
