"""What the tests of the store share: a store on disk, and proof that nothing stays open."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import playbooks_ipython
from playbooks_ipython.store import FilesystemStore


@pytest.fixture
def store(tmp_path: Path) -> FilesystemStore:
    """A filesystem store without runs."""
    return FilesystemStore(tmp_path / ".checkpoints")


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    """No heartbeat goes on and no descriptor stays open after a test."""
    files, threads = list(Path("/proc/self/fd").iterdir()), threading.enumerate()
    yield
    assert [thread for thread in threading.enumerate() if thread not in threads] == []
    assert len(list(Path("/proc/self/fd").iterdir())) <= len(files)


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a program of this folder on a directory; whatever is left of it is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(program: str, root: Path) -> subprocess.Popen[str]:
        file = Path(__file__).parent / "programs" / f"{program}.py"
        package = Path(playbooks_ipython.__file__).parents[1]
        path = os.pathsep.join([str(package), *filter(None, sys.path)])
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore::DeprecationWarning", str(file), str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
