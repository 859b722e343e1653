"""A kill at any moment leaves the newest whole record, and a run that can be gone on with."""

import os
import signal

import pytest

from playbooks_ipython.errors import RunNotFound
from playbooks_ipython.store import FilesystemStore, this_owner
from playbooks_ipython.store.blobs import needed_blobs
from playbooks_ipython.testing.samples import SEALER, append_done


def checkpoints(reader) -> list[int]:
    """Return the checkpoints of a run, having read every blob that each needs."""
    records = [r for r in reader.records(SEALER) if r.kind == "done"]
    for record in records:
        assert [reader.blob(name) for name in needed_blobs(record, reader.blob)]
    return [record.fields["n"] for record in records]


def possible(told: list[str]) -> list[list[int]]:
    """Return what a run may hold of which that much was told: that, or one step further."""
    if "kept" in told:
        return [[2, 3, 4]] if "4" in told else [[2, 3], [2, 3, 4]]
    done = [int(word) for word in told if word.isdigit()]
    further = [2, 3] if "claimed" in told else done if done == [1, 2, 3] else [*done, len(done) + 1]
    return [done, further]


def test_kill_at_every_changing_call(tmp_path, start):
    """Killed before, in and after each call that changes a file: old state or new, never none."""
    lines = start("killed", tmp_path).communicate()[0].splitlines()
    assert len(lines) > 100
    for line in lines:
        root, *told = line.split()
        store = FilesystemStore(tmp_path / root)
        if "made" not in told and not store.names():
            with pytest.raises(RunNotFound):
                store.read("research")
            continue
        assert checkpoints(store.read("research")) in possible(told), line
        writer = store.claim("research", this_owner(), SEALER)
        append_done(writer, 9, b"shared" * 20_000)
        reader = store.read("research")
        assert checkpoints(reader)[-1] == 9
        assert reader.skipped == ()
        writer.keep_only(frozenset({9}))
        assert checkpoints(store.read("research")) == [9]
        writer.close()
        run = tmp_path / root / "research"
        assert len(list(run.iterdir())) == 2, "a log and the packs; no litter"
        assert len(list((run / "packs").iterdir())) == 1


@pytest.mark.parametrize("after", [1, 2, 3, 7, 20, 61])
def test_kill_at_any_time(tmp_path, start, after):
    """Killed by another process while it writes: all that was told is there, whole."""
    process = start("appending", tmp_path)
    for _ in range(after):
        told = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    told = max([told, *map(int, process.stdout.read().splitlines())])
    process.wait()
    store = FilesystemStore(tmp_path)
    found = checkpoints(store.read("research"))
    assert found in (list(range(1, told + 1)), list(range(1, told + 2)))
    store.claim("research", this_owner(), SEALER).close()
