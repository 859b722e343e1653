"""nbval here: each notebook runs in a scratch folder, and its kernel restarts where it says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell  # type: ignore[import-untyped]  # it has no types

from scratch import scratch_environ, scratch_folder

RESTART = "restart-kernel"
"""The tag of a cell before which the reader restarts the kernel."""
_READY_S = 60

_copies = pytest.StashKey[Path]()
_cleanup = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    if not isinstance(item, IPyNbCell):
        yield
        return
    notebook = item.parent
    if _copies not in notebook.stash:
        notebook.stash[_copies] = _start_place()
    original = notebook.path
    # nbval starts the notebook's kernel, in the folder of its path, when the first cell is set up.
    notebook.path = notebook.stash[_copies] / original.name
    try:
        yield
    finally:
        notebook.path = original
    if RESTART in item.cell.metadata.get("tags", []):
        notebook.kernel.restart()
        notebook.kernel.kc.wait_for_ready(timeout=_READY_S)


def pytest_unconfigure() -> None:
    _cleanup.close()


def _start_place() -> Path:
    """Return a scratch folder that lasts as long as the session, with the environment for it."""
    folder = _cleanup.enter_context(scratch_folder())
    environ = _cleanup.enter_context(pytest.MonkeyPatch.context())
    for name, value in scratch_environ(folder).items():
        environ.setenv(name, value)
    return folder
