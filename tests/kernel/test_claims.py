"""One kernel at a time continues a run; the other is told who holds it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kernel.conftest import SET_UP, Start, until, value
from tests.support.kernels import Kernel, effects
from tests.support.pool import Pool

Happened = Callable[[], list[str]]

CELL = "%%playbook held {}\na = await tool('a')\nawait gate()\nb = await tool('b')"


def holding(start: Start, happened: Happened, prepare: str = "") -> tuple[Kernel, str]:
    """Start a kernel that waits in the middle of the run `held`; return it and its request."""
    one = start()
    if prepare:
        assert one.run(prepare).error is None
    request = one.start(CELL.format(""))
    until(lambda: "gate" in happened())
    return one, request


@dataclass(frozen=True)
class Rivals:
    """A kernel in the middle of the run `held`, and another one that would like to have it."""

    holder: Kernel
    other: Kernel
    folder: Path


@pytest.fixture(scope="module")
def rivals(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rivals]:
    folder = tmp_path_factory.mktemp("rivals")
    holder, other = pool.take(folder), pool.take(folder)
    for one in (holder, other):
        assert one.run(SET_UP).error is None
    holder.start(CELL.format(""))
    until(lambda: "gate" in effects(folder))
    yield Rivals(holder, other, folder)
    holder.close()
    other.close()


@pytest.mark.parametrize(
    "ask",
    [
        "%playbook resume held",
        "%playbook resume held@1",
        "%playbook delete held",
        CELL.format(""),
        CELL.format("--resume"),
        CELL.format("--fresh"),
    ],
)
def test_a_second_kernel_is_told_who_holds_the_run(rivals: Rivals, ask: str) -> None:
    shown = rivals.other.run(ask)
    assert f"held is being run by kernel {rivals.holder.pid} on" in shown.stderr
    assert effects(rivals.folder) == ["tool a ()", "gate"]


def test_a_refused_kernel_keeps_its_namespace(rivals: Rivals) -> None:
    rivals.other.run("a = 'mine'")
    rivals.other.run("%playbook resume held")
    assert value(rivals.other, "a") == "mine"


def test_a_live_run_is_listed_as_running(rivals: Rivals) -> None:
    assert "running" in str(rivals.other.run("%playbook").value)


def test_restore_needs_no_claim(rivals: Rivals) -> None:
    rivals.other.run("%playbook restore held@1")
    assert value(rivals.other, "a") == 1


def test_the_holder_goes_on_after_another_kernel_was_refused(
    start: Start, happened: Happened, tmp_path: Path
) -> None:
    holder, request = holding(start, happened)
    start().run("%playbook resume held")
    (tmp_path / "open").touch()
    assert holder.collect(request).error is None
    assert happened()[-1] == "tool b ()"


def test_a_dead_owner_is_recognised_at_once(
    start: Start, happened: Happened, tmp_path: Path
) -> None:
    holder, request = holding(start, happened)
    holder.kill()
    assert holder.collect(request).died
    (tmp_path / "open").touch()
    assert start().run("%playbook resume held").error is None
    assert happened() == ["tool a ()", "gate", "gate", "tool b ()"]


def test_a_dead_owners_child_that_lives_on_holds_nothing(
    start: Start, happened: Happened, tmp_path: Path
) -> None:
    """H13: a forked worker kept a file lock after kill -9."""
    prepare = (
        "import multiprocessing\n"
        "def linger():\n    import time\n    time.sleep(60)\n"
        "worker = multiprocessing.get_context('fork').Process(target=linger, daemon=False)\n"
        "def begin(): worker.start(); effect(f'worker {worker.pid}')"
    )
    one = start()
    one.run(prepare)
    request = one.start("%%playbook held\na = await tool('a')\nbegin()\nawait gate()\nb = 2")
    until(lambda: "gate" in happened())
    child = int(next(line for line in happened() if line.startswith("worker")).split()[1])
    one.kill()
    assert one.collect(request).died
    try:
        os.kill(child, 0)
        (tmp_path / "open").touch()
        shown = start().run("%playbook resume held")
        assert "goes on" in shown.stderr
        assert shown.error is None
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_stopped_owner_on_another_host_that_was_taken_over_does_no_more_of_it(
    start: Start, happened: Happened, tmp_path: Path
) -> None:
    """H12: the owner seems to be of another host, gives no sign of life, and goes on later."""
    holder, request = holding(
        start, happened, "import socket; socket.gethostname = lambda: 'far-away'"
    )
    os.kill(holder.pid, signal.SIGSTOP)
    try:
        long_ago = time.time() - 3600
        for log in (tmp_path / ".checkpoints" / "held").glob("log-*"):
            os.utime(log, (long_ago, long_ago))
        (tmp_path / "open").touch()
        shown = start().run("%playbook resume held")
        assert shown.error is None
        assert "goes on" in shown.stderr
    finally:
        os.kill(holder.pid, signal.SIGCONT)
    stopped = holder.collect(request)
    assert "held was taken over by kernel" in stopped.stderr
    assert happened() == ["tool a ()", "gate", "gate", "tool b ()"]


def test_an_owner_on_another_host_that_gives_signs_of_life_is_not_taken_over(
    start: Start, happened: Happened
) -> None:
    holding(start, happened, "import socket; socket.gethostname = lambda: 'far-away'")
    assert "is being run by kernel" in start().run("%playbook resume held").stderr


def test_a_kernel_may_begin_a_failed_run_of_a_live_kernel_again(
    start: Start, happened: Happened
) -> None:
    text = "%%playbook failed {}\na = await tool('a')\n1 / {}\n'end'"
    start().run(text.format("", 0))
    assert start().run(text.format("--resume", 1)).value == "'end'"
    assert happened() == ["tool a ()"]


def test_two_kernels_that_resume_at_once_do_not_both_go_on(
    start: Start, happened: Happened, tmp_path: Path
) -> None:
    victim = start()
    victim.run("kill_after('done', 1)")
    assert victim.run(CELL.format("")).died
    rivals = [start(), start()]
    requests = [one.start("%playbook resume held") for one in rivals]
    until(lambda: "gate" in happened())
    time.sleep(0.3)  # the other one's chance to do wrong
    (tmp_path / "open").touch()
    shown = [one.collect(request) for one, request in zip(rivals, requests, strict=True)]
    assert sum("is being run by" in each.stderr for each in shown) == 1
    assert happened() == ["tool a ()", "gate", "tool b ()"]


def test_a_forked_child_writes_nothing_into_the_log(start: Start, happened: Happened) -> None:
    one = start()
    shown = one.run(
        "%%playbook forks\n"
        "import os\n"
        "async def quick(name): effect(name)\n"
        "await quick('before')\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    try:\n"
        "        await quick('child 1')\n"
        "        await quick('child 2')\n"
        "    finally:\n"
        "        os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "await quick('after')\n"
    )
    assert shown.error is None, shown.traceback
    assert happened() == ["before", "child 1", "child 2", "after"]
    assert "forks: 2 checkpoints, all sound" in str(one.run("%playbook verify forks").value)
