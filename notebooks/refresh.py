"""Refresh: run the notebooks in real kernels and write what they show into the files.

    python notebooks/refresh.py

Where a cell bears the tag `restart-kernel`, the kernel is restarted before it, as the reader does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from scratch import HERE, scratch_environ, scratch_folder

RESTART = "restart-kernel"
_TIMEOUT_S = 60


def refresh(notebook: Path) -> None:
    """Run one notebook in a scratch folder and take what it shows into the file."""
    with scratch_folder() as folder:
        execute(folder / notebook.name, {**os.environ, **scratch_environ(folder)})
        notebook.write_text((folder / notebook.name).read_text())


def execute(notebook: Path, environ: Mapping[str, str]) -> None:
    """Run a notebook from its first cell to its last, in its folder, and keep its outputs."""
    content: Any = nbformat.read(notebook, as_version=4)
    place = {"metadata": {"path": str(notebook.parent)}}
    client = NotebookClient(content, timeout=_TIMEOUT_S, record_timing=False, resources=place)
    client.on_cell_start = _restarting(client)
    client.execute(env=dict(environ))
    content.metadata.pop("language_info", None)  # it names the patch version of this machine
    nbformat.write(content, notebook)


def _restarting(client: Any) -> Callable[..., Coroutine[Any, Any, None]]:
    # The client is Any: its kernel is async or not by configuration, which its types cannot say.
    async def on_cell_start(cell: Any, **_: Any) -> None:
        if RESTART in cell.metadata.get("tags", []):
            await client.km.restart_kernel(now=True)
            await client.kc.wait_for_ready(timeout=_TIMEOUT_S)

    return on_cell_start


if __name__ == "__main__":
    for path in sorted(HERE.glob("*.ipynb")):
        refresh(path)
        print(f"refreshed {path.name}")  # noqa: T201 - a program's own output
