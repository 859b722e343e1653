"""Session: one kernel's notebook, wired up: its shell, its runs, its panel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from jupyter_core.paths import jupyter_config_dir

from playbooks_ipython.agents import VERBS
from playbooks_ipython.checkpoints import FilesystemCheckpointProvider, Reference
from playbooks_ipython.errors import ClaimLost, PlaybookError
from playbooks_ipython.execution.restoring import awaits
from playbooks_ipython.execution.runs import Cell, Runs
from playbooks_ipython.execution.stores import check_store
from playbooks_ipython.kernel.events import Events
from playbooks_ipython.kernel.host import NotebookHost
from playbooks_ipython.kernel.place import checkpoint_folder, notebook_path
from playbooks_ipython.settings import load_settings
from playbooks_ipython.store.registry import record_store


class NotebookSession:
    """What the extension holds while it is loaded."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell, self.events = shell, Events()
        self.host = NotebookHost(shell, self.events)
        self.notebook = notebook_path(shell.user_ns, os.environ)
        home = Path(self.notebook).parent if self.notebook else Path.cwd()
        user = Path(jupyter_config_dir()) / "playbooks_ipython.toml"
        settings = load_settings(home, os.environ, user)
        check_store(settings)
        folder = checkpoint_folder(self.notebook, settings.storage_path)
        provider = FilesystemCheckpointProvider(folder, sync=settings.sync)
        self.runs = Runs(shell.user_ns, self.host, provider, settings, self.notebook)
        self.cell_id: str | None = None
        self._recorded = False

    def start(self) -> None:
        self.events.listen()
        self.shell.events.register("pre_run_cell", self._before_cell)
        for name, verb in VERBS.items():
            self.shell.user_ns.setdefault(name, verb)

    def stop(self) -> None:
        self.shell.events.unregister("pre_run_cell", self._before_cell)
        self.events.stop()

    async def run_cell(self, cell: Cell) -> Any:
        """Run a cell and return what it shows."""
        __tracebackhide__ = True
        with as_usage_error(self.shell), self._seen():
            result = await self.runs.run_cell(cell)
        return result and result.value

    async def resume(self, reference: Reference) -> Any:
        __tracebackhide__ = True
        with as_usage_error(self.shell), self._seen():
            result = await self.runs.resume(reference)
        return result and result.value

    def restore(
        self,
        reference: Reference,
        keep: tuple[str, ...] = (),
        *,
        exact: bool = False,
        frame: str | None = None,
    ) -> str:
        """Bring variables back and say so."""
        restored = self.runs.restore(reference, keep, exact=exact, frame=frame)
        names = ", ".join(sorted(restored.variables)) or "no variables"
        inside = f", in {frame}" if frame else ""
        return f"{restored.name} as it was after {awaits(restored.n)}{inside}: {names}"

    def save(self, name: str) -> dict[str, Any]:
        """Keep the namespace as it is now; the panel learns of it."""
        with self._seen():
            return self.runs.save(name)

    def fork(self, reference: Reference, name: str) -> str:
        """Begin a new run with a checkpoint and say so."""
        with self._seen():
            stands = awaits(self.runs.fork(reference, name))
        return (
            f"{name} stands after {stands} of {reference.name}, and nothing was run: "
            f"`%playbook resume {name}` goes on with it"
        )

    def pin(self, reference: Reference, *, pinned: bool = True) -> str:
        """Keep a checkpoint whatever is tidied up, or no longer, and say so."""
        with self._seen():
            which = self.runs.pin(reference, pinned=pinned)
        if not pinned:
            return f"{which} is not pinned"
        off = f"`%playbook pin {which} --off`"
        return f"{which} is pinned: it stays until {off}, or until its run is deleted"

    def delete(self, reference: Reference, run_id: str | None = None) -> str:
        """Delete a run or a checkpoint and say so."""
        with self._seen():
            self.runs.delete(reference, run_id)
        return f"deleted {reference}"

    @contextmanager
    def _seen(self) -> Iterator[None]:
        """The panel learns of the store before the run, and of the run's end."""
        if not self._recorded:
            record_store(self.runs.provider.base_path, self.notebook)
            self._recorded = True
        try:
            yield
        finally:
            self.host.cell = None
            self.events.push("", 0, always=True)

    def _before_cell(self, info: Any) -> None:
        self.cell_id = getattr(info, "cell_id", None)
        self.host.before_cell()


@contextmanager
def as_usage_error(shell: InteractiveShell) -> Iterator[None]:
    """Show our own errors as one message; what the user's code raised stays as it is."""
    __tracebackhide__ = True
    try:
        yield
    except PlaybookError as error:
        # A claim is lost within the program's await, but it is never the program that lost it.
        if _from_users_code(error, shell) and not isinstance(error, ClaimLost):
            raise
        raise UsageError(str(error)) from None


def program_of(shell: InteractiveShell, body: str) -> str:
    """Return a cell's body as Python, on the cell's own lines: the magic's line comes first, empty.

    `!cmd` and line magics become calls; IPython drops blank lines at the top, which are put back.
    """
    python: str = shell.transform_cell(body)  # type: ignore[no-untyped-call]  # IPython's own
    blank = len(body) - len(body.lstrip("\n"))
    return "\n" * (1 + blank) + python.lstrip("\n")


def _from_users_code(error: BaseException, shell: InteractiveShell) -> bool:
    frames = []
    step = error.__traceback__
    while step is not None:
        frames.append(step.tb_frame)
        step = step.tb_next
    # The outermost frames are the cell that called the magic; the user's program comes after ours.
    ours = [i for i, f in enumerate(frames) if f.f_globals.get("__name__") == __name__]
    return any(f.f_globals is shell.user_ns for f in frames[(ours[-1] if ours else 0) :])
