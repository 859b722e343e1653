"""Sources: the pinned source distributions whose own tests are run, and how each is run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RUNNER = "pytest-asyncio==1.5.0"
"""What two of the suites need; kept beside them, so that no other test meets it."""


@dataclass(frozen=True)
class Suite:
    """One library: which files its tests are, and what of it is gone into.

    `modules`: globs of the library's modules and of its tests. `options`: what its own
    configuration says of the runner, as far as an outcome depends on it.
    """

    name: str
    version: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    options: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return FOLDER / f"{self.name.replace('-', '_')}-{self.version}"


FOLDER = Path(sys.prefix) / "suites"
_LOOPS = "asyncio_default_fixture_loop_scope=function"
_RUNNER = ("-p", "pytest_asyncio.plugin", "-o", _LOOPS)
_FILES = ("asyncio", "builtins", "helpers", "itertools", "more_itertools")

SUITES = {
    suite.name: suite
    for suite in (
        Suite("asyncstdlib", "3.14.0", ("asyncstdlib*", "unittests.*"), ("unittests",)),
        Suite("aiostream", "0.8.1", ("aiostream*", "test_*", "conftest"), ("tests",), _RUNNER),
        Suite(
            "aioitertools",
            "0.13.0",
            ("aioitertools*",),
            tuple(f"aioitertools/tests/{name}.py" for name in _FILES),
        ),
        Suite(
            "async-lru",
            "2.4.0",
            ("async_lru*", "test_*", "conftest"),
            ("tests",),
            (*_RUNNER, "-o", "asyncio_mode=auto", "-W", "error"),
        ),
    )
}


def fetch(suite: Suite) -> Path:
    """Return the unpacked source distribution, got from the package registry if it is not here."""
    if not suite.folder.exists():
        archives = FOLDER / "archives"
        wanted = ("--no-deps", "--no-binary", ":all:", f"{suite.name}=={suite.version}")
        _pip("download", *wanted, "--dest", str(archives))
        shutil.unpack_archive(archives / f"{suite.folder.name}.tar.gz", FOLDER, filter="data")
    return suite.folder


def fetch_runner() -> Path:
    """Return the folder to import pytest-asyncio from."""
    folder = FOLDER / RUNNER.replace("==", "-")
    if not folder.exists():
        _pip("install", "--no-deps", "--target", str(folder), RUNNER)
    return folder


def _pip(*words: str) -> None:
    command: Sequence[str] = (sys.executable, "-m", "pip", "--quiet", *words)
    subprocess.run(command, check=True, capture_output=True)
