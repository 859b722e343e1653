"""Of all who want a run one goes on with it, and who was replaced cannot undo that."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from playbooks_ipython.errors import ClaimHeld, ClaimLost
from playbooks_ipython.store import FilesystemStore, describe_owner, this_owner
from playbooks_ipython.store.heartbeat import TTL_S, Heartbeat
from playbooks_ipython.store.owner import is_alive, owner_of
from playbooks_ipython.testing.faults import fault_at
from playbooks_ipython.testing.samples import (
    SEALER,
    append_done,
    dead_stranger,
    far_stranger,
    sample_header,
)


def done(store):
    """Return the checkpoints of the run."""
    return [r.fields["n"] for r in store.read("research").records(SEALER) if r.kind == "done"]


def test_of_two_at_once_one_wins(tmp_path, start):
    """Two processes claim each of 150 abandoned runs together; each run gets one owner."""
    store = FilesystemStore(tmp_path)
    names = [f"run{n:03}" for n in range(150)]
    for name in names:
        store.create(sample_header(name), dead_stranger(), SEALER).close()
    lines = start("racing", tmp_path).communicate()[0].splitlines()
    assert sorted(lines) == sorted([f"{n} won" for n in names] + [f"{n} held" for n in names])


def test_stopped_owner_cannot_move_the_head_back(store, start):
    """Stopped between look and write, replaced, continued: its write counts for nothing."""
    process = start("stopped", store.root)
    os.waitpid(process.pid, os.WUNTRACED)
    later = FilesystemStore(store.root, clock=lambda: time.time() + TTL_S + 1)
    writer = later.claim("research", this_owner(), SEALER)
    append_done(writer, 5)
    before = (store.root / "research/log-1").stat().st_size
    os.kill(process.pid, signal.SIGCONT)
    assert process.communicate()[0] == f"lost to {describe_owner(this_owner())}\n"
    assert (store.root / "research/log-1").stat().st_size > before, "it did write"
    assert done(store) == [1, 5]
    assert store.read("research").skipped == ()
    writer.close()


def test_record_written_while_being_replaced_is_kept_or_refused(store):
    """What the owner wrote between being measured and being sealed is part of the run."""
    owner = store.create(sample_header(), far_stranger(), SEALER)
    append_done(owner, 1)
    later = FilesystemStore(store.root, clock=lambda: time.time() + TTL_S + 1)

    def write_first(call, args, kwargs):
        append_done(owner, 2)  # the owner is told that this one is kept
        return call(*args, **kwargs)

    with fault_at(0, write_first, ("link",)):
        writer = later.claim("research", this_owner(), SEALER)
    assert done(store) == [1, 2]
    with pytest.raises(ClaimLost):
        append_done(owner, 3)
    append_done(writer, 3)
    assert done(store) == [1, 2, 3]
    owner.close()
    writer.close()


def test_interrupted_take_over_is_passed_over(store):
    """An epoch that holds nothing but its opening does not hide what came before it."""
    owner = store.create(sample_header(), dead_stranger(), SEALER)
    append_done(owner, 1)
    store.claim("research", dead_stranger(), SEALER).close()
    store.claim("research", dead_stranger(), SEALER).close()
    writer = store.claim("research", this_owner(), SEALER)
    append_done(writer, 2)
    assert done(store) == [1, 2]
    owner.close()
    writer.close()


def test_replaced_owner_is_told_though_the_next_log_is_gone(store):
    """Taken over, thinned out and taken over again: the first owner still notices."""
    first = store.create(sample_header(), dead_stranger(), SEALER)
    append_done(first, 1)
    second = store.claim("research", this_owner(), SEALER)
    second.keep_only(frozenset({1}))
    second.keep_only(frozenset({1}))
    assert not (store.root / "research/log-2").exists()
    with pytest.raises(ClaimLost, match=describe_owner(this_owner())):
        append_done(first, 2)
    first.close()
    second.close()


def test_late_claimant_does_not_take_a_swept_epoch(tmp_path):
    """Who is at any point of claiming epoch 2 while others go on to 4 does not get the run."""
    for number in itertools.count():
        store = FilesystemStore(tmp_path / str(number))
        store.create(sample_header(), dead_stranger(), SEALER).close()

        def let_others_pass(call, args, kwargs, store=store):
            other = store.claim("research", far_stranger(), SEALER)
            other.keep_only(frozenset())
            other.keep_only(frozenset())
            other.close()
            return call(*args, **kwargs)

        with fault_at(number, let_others_pass) as counter, pytest.raises(ClaimHeld):
            store.claim("research", this_owner(), SEALER)
        assert store.read("research").claim.owner == far_stranger()
        assert [p.name for p in (store.root / "research").iterdir()] == ["log-4"]
        if counter.calls[number] == "link":
            return


def test_owner_on_another_host_counts_as_alive_for_a_minute(store):
    """A foreign claim is held while its sign of life is fresh, and taken when it is not."""
    now = time.time()
    writer = store.create(sample_header(), far_stranger(), SEALER)
    assert store.read("research").claim.alive is None
    early = FilesystemStore(store.root, clock=lambda: now + TTL_S - 1)
    with pytest.raises(ClaimHeld, match="on elsewhere"):
        early.claim("research", this_owner(), SEALER)
    late = FilesystemStore(store.root, clock=lambda: now + TTL_S + 2)
    assert late.read("research").claim.alive is False
    late.claim("research", this_owner(), SEALER).close()
    writer.close()


def test_heartbeat_renews_the_sign_of_life(tmp_path):
    """Every third of the time to live the log's modification time becomes the clock's."""
    log = tmp_path / "log-1"
    log.touch()
    asked: list[float] = []

    def wait(seconds: float) -> bool:
        asked.append(seconds)
        return len(asked) == 3

    clock = iter([5000.0, 7000.0])
    with log.open("ab") as file:
        heartbeat = Heartbeat(file.fileno(), lambda: next(clock), 60.0, wait)
        heartbeat.stop()
    assert asked == [20.0, 20.0, 20.0]
    assert log.stat().st_mtime == 7000.0


def test_writer_has_a_heartbeat_until_it_is_closed(store):
    """A claim's sign of life is renewed by a thread that does not keep the process alive."""
    writer = store.create(sample_header(), this_owner(), SEALER)
    beating = [t for t in threading.enumerate() if t.name == "playbook-heartbeat"]
    assert [t.daemon for t in beating] == [True]
    writer.close()
    assert not beating[0].is_alive()


def test_forked_child_has_neither_store_nor_claim(store, start):
    """A child that an owner forks cannot append, and holds none of the run's files."""
    process = start("forking", store.root)
    said, files = process.stdout.readline().strip().split("; ")
    assert "kernel PARENT on" in said
    assert files == "[]"
    process.communicate("")
    assert done(store) == [1]


def test_killed_owner_with_a_living_worker_is_dead(store, start):
    """After kill -9 of the owner a worker that it forked does not keep the run from being taken."""
    process = start("forking", store.root)
    process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    store.claim("research", this_owner(), SEALER).close()  # a zombie now, its child alive
    process.wait()
    store.claim("research", this_owner(), SEALER).close()
    assert not process.stdin.closed


def test_started_program_inherits_no_descriptor(store):
    """A program that the owner starts has none of the run's files open."""
    writer = store.create(sample_header(), this_owner(), SEALER)
    append_done(writer, 1, b"b" * 100_000)
    listing = "import os; print([os.readlink(f.path) for f in os.scandir('/proc/self/fd') " + (
        "if os.path.islink(f.path)])"
    )
    command = [sys.executable, "-c", listing]
    said = subprocess.run(command, close_fds=False, capture_output=True, text=True, check=True)
    assert str(store.root) not in said.stdout
    writer.close()


def test_process_is_told_from_a_later_one_with_its_pid():
    """Alive is the process that started then, not whichever has the pid now."""
    assert is_alive(this_owner()) is True
    assert is_alive(dead_stranger()) is False
    assert is_alive(far_stranger()) is None


def test_zombie_is_dead():
    """A process that ended and that nobody has waited for is dead."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = owner_of(process.pid)
    assert is_alive(owner) is True
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_alive(owner) is False
    process.communicate()
