"""Chains: a program killed and gone on with, again and again, each time in a new process."""

from __future__ import annotations

import functools
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider
from playbooks_ipython.continuation.quiet import waiting_functions
from playbooks_ipython.execution.twins import give_twins
from playbooks_ipython.records import Json
from tests.execution import killed

SEED = int(os.environ.get("PLAYBOOKS_SEED", "20261120"))
ALL = os.environ.get("PLAYBOOKS_FAULTS") == "all"
ROOT = Path(__file__).parents[2]

Process = Callable[..., int]
"""Run one process, `(folder, verb, *kill)`; return its exit status, negative for a signal."""
Kill = tuple[str, int]
"""The process dies right after its n-th record of a kind."""


def fork(folder: Path, verb: str, *kill: object) -> int:
    """A process that need not import anything: it has all that this one has."""
    return status_of(begin(folder, verb, *kill))


# Before any test has run they are CPython's own.
_ITS_OWN = {function: function.__code__ for function in waiting_functions(with_anyio=False)}


@functools.cache
def give_twins_once() -> None:
    """Compile here what every process that is forked would compile for itself."""
    give_twins({})


@contextmanager
def without_twins() -> Iterator[None]:
    """Fork processes in here that know asyncio as it is."""
    twins = {function: function.__code__ for function in _ITS_OWN}
    for function, code in _ITS_OWN.items():
        function.__code__ = code
    try:
        yield
    finally:
        for function, code in twins.items():
            function.__code__ = code


def begin(folder: Path, verb: str, *kill: object) -> int:
    """Fork a process that runs or goes on with the program of a folder; return its id."""
    if verb != "plain":
        give_twins_once()
    child = os.fork()
    if child == 0:
        with (folder / "log.txt").open("a", buffering=1) as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            sys.stdout = sys.stderr = log
            try:
                killed.main(folder, verb, *map(str, kill))
            finally:
                log.flush()
                os._exit(0)
    return child


def status_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def process_of(python: str) -> Process:
    """Processes of another interpreter."""

    def start(folder: Path, verb: str, *kill: object) -> int:
        words = [python, "-m", "tests.execution.killed", str(folder), verb, *map(str, kill)]
        environ = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
        with (folder / "log.txt").open("a") as log:
            return subprocess.call(words, cwd=ROOT, env=environ, stdout=log, stderr=log)

    return start


def prepare(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "cell.py").write_text(text, encoding="utf-8")
    return folder


def ending(folder: Path) -> tuple[Any, list[str]]:
    """Return error and namespace at the end, and what happened outside, in order."""
    end = json.loads((folder / "end.json").read_text())
    outside = folder / "outside.txt"
    return end, outside.read_text().splitlines() if outside.exists() else []


def undisturbed(folder: Path, text: str, start: Process = fork) -> tuple[Any, list[str]]:
    """Let CPython run a program, and nothing of ours; return how it ends."""
    prepare(folder, text)
    with without_twins():
        assert start(folder, "plain") == 0, said(folder)
    return ending(folder)


def said(folder: Path) -> str:
    return (folder / "log.txt").read_text()[-3000:]


def kill_points(folder: Path) -> list[Kill]:
    """Return every moment after an await was issued, and after one completed, in a whole run."""
    provider = FilesystemCheckpointProvider(folder / ".checkpoints")
    kinds = [record.kind for record in provider.view(killed.NAME, trusted=False).reader.records()]
    return [(kind, n) for kind in ("issue", "done") for n in range(1, kinds.count(kind) + 1)]


def operations_completed(folder: Path) -> set[Json]:
    """Return what had completed in the run of a folder, by the names of its operations."""
    provider = FilesystemCheckpointProvider(folder / ".checkpoints")
    records = provider.view(killed.NAME, trusted=False).reader.records()
    return {record.fields["op"] for record in records if record.kind == "done"}


def run_chain(folder: Path, text: str, kills: Iterable[Kill], starts: Iterator[Process]) -> int:
    """Run a program to its end through kills, each in a new process. Returns how often it died."""
    prepare(folder, text)
    verb, deaths = "run", 0
    for kill in kills:
        status = next(starts)(folder, verb, *kill)
        if status == 0:
            return deaths
        assert status == -signal.SIGKILL, said(folder)
        verb, deaths = "resume", deaths + 1
    assert next(starts)(folder, verb) == 0, said(folder)
    return deaths


def some_kills(random_: random.Random, count: int, reach: int) -> list[Kill]:
    """Choose where to die: at most `reach` records after each start."""
    return [(random_.choice(("issue", "done")), random_.randint(1, reach)) for _ in range(count)]
