"""Fixtures: real kernels. `shared` lives as long as a module, `start` gives new ones to kill."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.kernels import Kernel, effects
from tests.support.pool import Pool

LOAD = "%load_ext playbooks_ipython\nfrom outside import effect, gate, tool\nimport asyncio"
SET_UP = LOAD + "\nfrom killing import kill_after"

Start = Callable[..., Kernel]


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    one = Pool()
    yield one
    one.close()


@pytest.fixture
def start(pool: Pool, tmp_path: Path) -> Iterator[Start]:
    """Start kernels that have loaded the extension and `effect`, `tool`, `kill_after`."""
    taken: list[Kernel] = []

    def begin(folder: Path = tmp_path, *, load: str = SET_UP, **environ: str) -> Kernel:
        one = pool.take(folder, **environ)
        taken.append(one)
        if load:
            loaded = one.run(load)
            assert loaded.error is None, loaded.traceback
        return one

    yield begin
    for one in taken:
        one.close()


@pytest.fixture(scope="module")
def shared(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for the module's tests, which therefore use names of their own."""
    one = pool.take(tmp_path_factory.mktemp("shared"))
    loaded = one.run(SET_UP)
    assert loaded.error is None, loaded.traceback
    yield one
    one.close()


@pytest.fixture
def happened(tmp_path: Path) -> Callable[[], list[str]]:
    """Return what happened outside in this test's folder, in order."""
    return lambda: effects(tmp_path)


def value(one: Kernel, expression: str) -> Any:
    """Return the value of an expression of plain data in a kernel."""
    shown = one.run(f"print(repr({expression}))")
    assert shown.error is None, shown.traceback
    return ast.literal_eval(shown.stdout)


def effect_lines(one: Kernel) -> list[str]:
    """Return what happened outside in a kernel's folder, in order."""
    lines: list[str] = value(one, "open(__import__('os').environ['OUTSIDE']).read().splitlines()")
    return lines


def names(one: Kernel) -> list[str]:
    """Return the names of the runs that a kernel lists."""
    listed = str(one.run("%playbook").value).splitlines()
    return [line.split()[0] for line in listed[1:]]


def plain(traceback: str) -> str:
    """Return a traceback without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", traceback)


def until(holds: Callable[[], bool]) -> None:
    """Return when it holds. Raises AssertionError if it does not within a minute."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.01)
