"""Place: which notebook this kernel runs, and where its checkpoints are kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def notebook_path(namespace: Mapping[str, object], environ: Mapping[str, str]) -> str | None:
    """Return the notebook's absolute path, or None in a terminal or where no front end says it.

    JupyterLab, Notebook 7 and nbclient's servers set JPY_SESSION_NAME; VS Code sets a variable.
    """
    said = (
        namespace.get("__vsc_ipynb_file__")
        or namespace.get("__session__")
        or environ.get("JPY_SESSION_NAME")
    )
    if not isinstance(said, str) or not said.endswith(".ipynb"):
        return None
    path = Path(said)
    # A relative name is relative to the server's root, which a kernel does not know.
    return str(path if path.is_absolute() else Path.cwd() / path.name)


def checkpoint_folder(notebook: str | None, storage_path: str) -> Path:
    """Return where runs are kept: beside the notebook, fixed now; a later chdir moves nothing."""
    home = Path(notebook).parent if notebook else Path(os.curdir)
    return (home / storage_path).absolute()
