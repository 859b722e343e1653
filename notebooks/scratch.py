"""Scratch: a folder of its own to run notebooks in, where nothing of the user's own is touched.

What an earlier run left beside the notebooks changes nothing there, and nothing is left behind.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
_COPIED = ("*.ipynb", "audit.py")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a copy of the notebooks, and of the module that they import, until it is left."""
    with TemporaryDirectory(prefix="playbooks-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "notebooks"
        copy.mkdir()
        for pattern in _COPIED:
            for file in HERE.glob(pattern):
                shutil.copy(file, copy)
        yield copy


def scratch_environ(folder: Path) -> dict[str, str]:
    """Return what a kernel's environment must say so that it keeps to `folder`'s neighbourhood."""
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    return {
        **{name: str(home / name.lower()) for name in names},
        "PYTHONPATH": absolute_path(os.environ),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def absolute_path(environ: Mapping[str, str]) -> str:
    """Return PYTHONPATH with its relative entries meant from here, where the kernel is not."""
    entries = environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join(str(Path(entry).absolute()) for entry in entries if entry)
