"""Tests as runs: each asynchronous test of a suite is the one await of a recorded cell.

The driver stays the suite's own: its loop, its fixtures, its decorator. Only the coroutine that it
steps is that of a cell, and after its end some checkpoints of it are gone on from, each in a
namespace of its own, in the same place.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import copyreg
import inspect
import random
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import TestCase

import pytest

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider, Reference
from playbooks_ipython.errors import PlaybookError, RunNotFound
from playbooks_ipython.execution.host import PlainHost
from playbooks_ipython.execution.runs import Cell, Runs
from playbooks_ipython.settings import Settings
from tests.support.results import SEED

NAME, OTHER = "suite", "other"
CELL = "await test(*args, **kwargs)"
RESTORES = 1

Test = Callable[..., Awaitable[Any]]
Restored = dict[str, Any]
"""At which checkpoint, what was found ("equal", a refusal, an error), what was said before."""


CASES: dict[str, TestCase] = {}
"""Whose test a method is: the runner's own, and no part of a run."""


def find_case(name: str) -> TestCase:
    return CASES[name]


def _reduce_case(case: TestCase) -> tuple[Any, ...]:
    return find_case, (case.id(),)


class Listening(PlainHost):
    """Keeps what is said, and what the suite's own loop had counted at each checkpoint.

    Such a loop is outside of a run, as a file would be: a test compares what it counted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.counted = {0: _counted()}

    def notice(self, message: str, *, once: bool = False) -> None:  # noqa: ARG002 - the host's
        self.said.append(message)

    def changed(self, run: str, n: int) -> None:  # noqa: ARG002 - the host's
        self.counted[n] = _counted()


COUNTS = ("steps", "open_resources", "resources", "busy_count")


def _loop() -> Any:
    return asyncio._get_running_loop()


def _counted() -> dict[str, Any]:
    own = vars(_loop() or Listening)
    return copy.deepcopy({name: own[name] for name in COUNTS if name in own})


class RecordedTests:
    """A plugin of pytest's: puts a run in the place of each asynchronous test.

    `restored`: of each test, what came of going on from some of its checkpoints.
    """

    def __init__(self, modules: Sequence[str], sample: int | None) -> None:
        self._settings = Settings(modules=tuple(modules))
        self._sample = sample
        self._test = ""
        self.restored: dict[str, list[Restored]] = {}
        self._done: set[int] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._sample is not None and self._sample < len(items):
            items[:] = random.Random(SEED).sample(items, self._sample)
        for item in items:
            function = getattr(item, "obj", None)
            if inspect.iscoroutinefunction(function):
                item.obj = self._as_run(function)  # type: ignore[attr-defined]  # pytest gives it
            else:
                self._replace_within(function)

    def pytest_runtest_call(self, item: pytest.Item) -> None:
        self._test = item.nodeid

    def _replace_within(self, function: Any) -> None:
        """Replace the coroutine function that a decorator of the suite's drives."""
        function = getattr(function, "__func__", function)
        for cell in getattr(function, "__closure__", None) or ():
            held = cell.cell_contents
            if inspect.iscoroutinefunction(held) and id(cell) not in self._done:
                self._done.add(id(cell))
                cell.cell_contents = self._as_run(held)

    def _as_run(self, test: Any) -> Test:
        async def through_run(*args: Any, **kwargs: Any) -> None:
            for case in (arg for arg in args if isinstance(arg, TestCase)):
                CASES[case.id()] = case
                copyreg.pickle(type(case), _reduce_case)  # type: ignore[arg-type]  # of this kind
            with tempfile.TemporaryDirectory() as folder:
                given = {"test": test, "args": args, "kwargs": kwargs}
                running = self._run(Path(folder), given)
                if asyncio._get_running_loop() is None:
                    asyncio.run(running)  # a suite that steps coroutines by hand
                else:
                    await running

        through_run.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]  # functions have one
        through_run.pytestmark = getattr(test, "pytestmark", [])  # type: ignore[attr-defined]  # pytest reads it
        through_run.__name__ = test.__name__
        return through_run

    async def _run(self, folder: Path, given: dict[str, Any]) -> None:
        """Run a test as a cell, then go on from some of its checkpoints."""
        test, restored = self._test, self.restored.setdefault(self._test, [])
        host = Listening()
        runs = self._runs(folder, given, host)
        await runs.run_cell(Cell(CELL, NAME))
        numbers = runs.catalogue.view(NAME).progress
        chosen = random.Random(f"{SEED} {test}").sample(numbers, min(RESTORES, len(numbers)))
        for number in sorted(chosen):
            restored.append(await self._gone_on(folder, number, host.counted))

    async def _gone_on(
        self, folder: Path, number: int, counted: dict[int, dict[str, Any]]
    ) -> Restored:
        host = Listening()
        runs = self._runs(folder, {}, host)
        found = "equal"
        try:
            stands = runs.fork(Reference(NAME, number), OTHER)
            vars(_loop() or host).update(counted[stands])
            await runs.resume(Reference(OTHER))
        except PlaybookError as refusal:
            found = f"refused: {refusal}"
        except BaseException as error:  # noqa: BLE001 - whatever the test says
            found = f"{type(error).__name__}: {error}"
        finally:
            with contextlib.suppress(RunNotFound):  # it was refused
                runs.delete(Reference(OTHER))
        said = [line for line in host.said if "goes on after" not in line]
        return {"at": number, "found": found, "said": said}

    def _runs(self, folder: Path, given: dict[str, Any], host: Listening) -> Runs:
        namespace = {"__name__": "__main__", "__builtins__": __builtins__, **given}
        provider = FilesystemCheckpointProvider(folder / ".checkpoints")
        return Runs(namespace, host, provider, self._settings)
