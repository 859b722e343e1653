"""One suite in a process of its own: as it is, with twins, or each test as a recorded run.

`python -m tests.suites.instrumented NAME WAY` prints, as JSON, the outcome of every test.
`plain`: nothing of ours. `twins`: all modules of the library and of its tests are compiled by us.
`recorded`: each asynchronous test is the await of a cell, the modules are gone into, and a real
store takes every checkpoint; of these some are gone on from, to the end of the test.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import os
import sys
from collections.abc import Sequence
from fnmatch import fnmatch
from types import CodeType, ModuleType
from typing import Any

import pytest

from tests.continuation.cpython import compile_twins
from tests.suites.runs import RecordedTests
from tests.suites.sources import SUITES, Suite, fetch, fetch_runner

NO_CONFIGURATION = ("-c", "/dev/null", "--assert=plain", "-p", "no:cacheprovider", "-q")
SAMPLE = None if os.environ.get("PLAYBOOKS_FAULTS") == "all" else 6
"""So many tests of a suite are recorded where not all are; which, the seed says."""


class Loader(importlib.machinery.SourceFileLoader):
    """Compiles a module as a cell is compiled; reads and writes no bytecode."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return compile_twins(self.get_data(path).decode(), path)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules that globs name, and has them compiled by us."""

    def __init__(self, globs: Sequence[str]) -> None:
        self._globs = globs

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not any(fnmatch(name, glob) for glob in self._globs):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


class Outcomes:
    """What became of each test: `passed`, `skipped`, `failed`, and of the last two the reason."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            self.found[report.nodeid] = f"{report.outcome} {_reason(report)}".strip()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.found[report.nodeid] = f"not collected: {_reason(report)}"


def _reason(report: Any) -> str:
    said = report.longrepr
    if isinstance(said, tuple):
        return str(said[2])
    crash = getattr(said, "reprcrash", None)
    return str(crash.message if crash else said or "").partition("\n")[0]


def run(suite: Suite, way: str, *more: str) -> dict[str, Any]:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    folder = fetch(suite)
    sys.path[:0] = [str(folder), str(fetch_runner())]
    if way == "twins":
        sys.meta_path.insert(0, Finder(suite.modules))
    outcomes, recorded = Outcomes(), RecordedTests(suite.modules, SAMPLE)
    plugins = [outcomes, recorded] if way == "recorded" else [outcomes]
    files = [str(folder / name) for name in suite.tests]
    # What a checkpoint that is given up leaves behind is not the test's.
    apart = ("-p", "no:unraisableexception") if way == "recorded" else ()
    words = [*NO_CONFIGURATION, f"--rootdir={folder}", *suite.options, *apart, *more, *files]
    pytest.main(words, plugins=plugins)
    return {"outcomes": outcomes.found, "restored": recorded.restored}


if __name__ == "__main__":
    found = run(SUITES[sys.argv[1]], *sys.argv[2:])
    print(json.dumps(found))  # noqa: T201  # what it is for
