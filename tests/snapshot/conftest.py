"""Fixtures: a notebook, and a notebook that comes back in another process."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.snapshot.notebook import Notebook, check_in_new_process

Restarted = Callable[..., None]


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def restarted(tmp_path: Path, notebook: Notebook) -> Restarted:
    """Run cells, store the namespace, bring it back in a new process, run the last text there."""

    def restart(*cells: str, python: str = sys.executable) -> None:
        for cell in cells[:-1]:
            notebook.run(cell)
        check_in_new_process(tmp_path, notebook.encode(), cells[-1], python)

    return restart


@cache
def other_pythons() -> tuple[str, ...]:
    """Return the other interpreters that are here, of the versions that we support."""
    found = [_find(f"python3.{minor}") for minor in (11, 12, 13) if minor != sys.version_info[1]]
    return tuple(one for one in found if one)


def _find(name: str) -> str | None:
    for path in (shutil.which(name), *_of_pyenv(name)):
        if (
            path
            and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0
        ):
            return path
    return None


def _of_pyenv(name: str) -> list[str]:
    if not shutil.which("pyenv"):
        return []
    asked = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False)
    versions = Path(asked.stdout.strip()) / "versions"
    return [str(path) for path in sorted(versions.glob(f"*/bin/{name}"))]
