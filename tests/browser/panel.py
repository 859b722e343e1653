"""The panel as a person sees it in an open notebook."""

from __future__ import annotations

from dataclasses import dataclass

from lab import Lab
from playwright.sync_api import Locator, Page, expect

# The indicator says "idle" before there is a session at all; keys pressed then are lost.
READY = """
async () => {
  const context = jupyterapp.shell.currentWidget?.sessionContext;
  if (!context) { return false; }
  await context.ready;
  return context.session?.kernel?.status === 'idle';
}
"""


@dataclass
class NotebookPage:
    """One notebook in one browser page, with the panel beside it."""

    page: Page
    lab: Lab
    notebook: str

    def open(self) -> NotebookPage:
        """Open the notebook with a fresh layout, wait for its kernel, and show the panel."""
        self.page.goto(f"{self.lab.url(self.notebook)}&reset")
        self.wait_for_kernel()
        self.show_panel()
        return self

    def wait_for_kernel(self) -> None:
        """Wait until the notebook has a kernel that has nothing to do."""
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.content")
        self.page.wait_for_function(READY)

    def execute(self, command: str, **args: object) -> None:
        """Execute a command of JupyterLab's, as menu or palette do."""
        self.page.evaluate("([id, args]) => jupyterapp.commands.execute(id, args)", [command, args])

    def show_panel(self) -> None:
        self.execute("playbooks:open")
        self.panel.wait_for()

    def hide_panel(self) -> None:
        self.execute("application:toggle-right-area")
        self.panel.wait_for(state="hidden")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("region", name="Playbook checkpoints", exact=True)

    @property
    def runs(self) -> Locator:
        return self.panel.get_by_role("list", name="Runs of this notebook").get_by_role("listitem")

    @property
    def checkpoints(self) -> Locator:
        timeline = self.panel.get_by_role("list", name="Playbook checkpoints, newest first")
        return timeline.get_by_role("listitem")

    @property
    def code(self) -> Locator:
        return self.panel.locator(".jp-PlaybooksPanel-line")

    @property
    def cells(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")

    def run(self, name: str) -> Locator:
        return self.runs.filter(has=self.page.get_by_text(name, exact=True))

    def choose_run(self, name: str) -> None:
        self.run(name).locator(".jp-PlaybooksPanel-row").click()
        expect(self.run(name).get_by_role("button", pressed=True)).to_be_visible()

    def run_cell(self, index: int) -> None:
        """Run a cell as Shift+Enter does, without waiting for its end."""
        self.cells.nth(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def source_of(self, index: int) -> str:
        """Return a cell's text, from the notebook's model."""
        source: str = self.page.evaluate(
            "i => jupyterapp.shell.currentWidget.content.widgets[i].model.sharedModel.source", index
        )
        return source

    def active_cell(self) -> int:
        """Return which cell is the active one."""
        index: int = self.page.evaluate(
            "() => jupyterapp.shell.currentWidget.content.activeCellIndex"
        )
        return index

    def focus_is_in_cell(self, index: int) -> bool:
        """Tell whether the keyboard's focus is in that cell, or on the notebook with it active."""
        inside: bool = self.page.evaluate(
            "i => { const nb = jupyterapp.shell.currentWidget.content;"
            " return nb.activeCellIndex === i && nb.node.contains(document.activeElement); }",
            index,
        )
        return inside
