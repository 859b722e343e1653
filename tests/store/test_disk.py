"""A disk that is full or broken costs the record being written and nothing else."""

import contextlib
import errno
import itertools
import os
import resource

import pytest

from playbooks_ipython.errors import StoreFull
from playbooks_ipython.store import FilesystemStore, this_owner
from playbooks_ipython.testing.faults import fail_with, fault_at, half, part_then_fail
from playbooks_ipython.testing.samples import SEALER, append_done, sample_header


@pytest.fixture
def writer(store):
    """A run with one checkpoint and a pack."""
    writer = store.create(sample_header(), this_owner(), SEALER)
    append_done(writer, 1, b"1" * 70_000)
    yield writer
    writer.close()


def done(store):
    """Return the run's checkpoints; nothing may be damaged."""
    reader = store.read("research")
    found = [r.fields["n"] for r in reader.records(SEALER) if r.kind == "done"]
    assert reader.skipped == ()
    return found


@pytest.mark.parametrize(
    ("fault", "call", "chunk"),
    [
        (half, "write", b"small"),
        (half, "write", b"b" * 90_000),
        (fail_with(errno.ENOSPC), "write", b"small"),
        (fail_with(errno.EIO), "write", b"b" * 90_000),
        (fail_with(errno.ENOSPC), "pwrite", b"b" * 90_000),
        (fail_with(errno.EIO), "pwrite", b"b" * 90_000),
        (part_then_fail(errno.EIO), "write", b"small"),
        (part_then_fail(errno.ENOSPC), "pwrite", b"b" * 90_000),
    ],
)
def test_failed_write_leaves_the_log_whole(store, writer, fault, call, chunk):
    """A write that fails, or stops halfway, is StoreFull; log and pack are as before and go on."""
    files = [store.root / "research/log-1", store.root / "research/packs/1-0"]
    before = [file.read_bytes() for file in files]
    with fault_at(0, fault, (call,)), pytest.raises(StoreFull, match="could not write"):
        append_done(writer, 2, chunk)
    assert [file.read_bytes() for file in files] == before
    append_done(writer, 3, chunk)
    assert done(store) == [1, 3]


def test_pack_written_in_parts_is_whole(store, writer):
    """A system that takes half of a big blob at a time gets the rest."""
    with fault_at(0, half, ("pwrite",)):
        blobs = append_done(writer, 2, b"b" * 90_000)
    reader = store.read("research")
    assert {name: reader.blob(name) for name in blobs} == blobs


def test_part_that_could_not_be_cut_is_cut_before_the_next_record(store, writer):
    """If even the cut fails, readers stop before the part, and the next append removes it."""
    whole = (store.root / "research/log-1").stat().st_size

    real, os.ftruncate = os.ftruncate, _broken
    try:
        with fault_at(0, half, ("write",)), pytest.raises(StoreFull):
            append_done(writer, 2)
    finally:
        os.ftruncate = real
    assert (store.root / "research/log-1").stat().st_size > whole
    reader = store.read("research")
    assert [r.fields.get("n") for r in reader.records(SEALER)] == [None, 1]
    assert "not a whole record" in reader.skipped[0]
    append_done(writer, 3)
    assert done(store) == [1, 3]


def _broken(*_):
    raise OSError(errno.EIO, "broken")


def test_limit_on_file_size_is_a_full_disk(store, writer):
    """A real limit of the operating system, in the log and in a pack, is StoreFull."""
    size = (store.root / "research/log-1").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit, chunk in ((size + 100, b""), (100_000, b"b" * 80_000)):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(StoreFull):
                append_done(writer, 2, chunk)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    append_done(writer, 3)
    assert done(store) == [1, 3]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_interrupt_after_the_write_keeps_the_record(store, writer, error):
    """A record that was whole on file when an interrupt came stays, and the next one follows it."""

    def write_and_raise(call, args, kwargs):
        call(*args, **kwargs)
        raise error

    with fault_at(0, write_and_raise, ("write",)), pytest.raises(error):
        append_done(writer, 2)
    append_done(writer, 3)
    assert done(store) == [1, 2, 3]


def test_run_that_cannot_be_made_leaves_nothing(tmp_path):
    """Whatever fails while a run is made, there is no run or a whole one, and no litter."""
    with fault_at(None, half) as counter:
        FilesystemStore(tmp_path / "all").create(sample_header(), this_owner(), SEALER).close()
    for number in range(len(counter.calls)):
        store = FilesystemStore(tmp_path / str(number))
        with fault_at(number, fail_with(errno.ENOSPC)), contextlib.suppress(StoreFull):
            store.create(sample_header(), this_owner(), SEALER).close()
        left = {p.name for p in store.root.iterdir()} if store.root.exists() else set()
        assert left <= {".gitignore", "research"}, counter.calls[number]
        if store.names():
            assert [r.kind for r in store.read("research").records(SEALER)] == ["open"]
        else:
            store.create(sample_header(), this_owner(), SEALER).close()


@pytest.mark.parametrize("act", ["claim", "keep_only"])
def test_claim_that_cannot_be_written_leaves_the_run(store, writer, act):
    """A full disk at a take-over or a thinning out: the run is as it was, for its owner too."""
    append_done(writer, 2, b"2" * 90_000)
    acts = {
        "claim": lambda: store.claim("research", this_owner(), SEALER).close(),
        "keep_only": lambda: writer.keep_only(frozenset({1})),
    }
    for number in itertools.count():
        fault = fail_with(errno.ENOSPC)
        try:
            with fault_at(number, fault, ("write", "pwrite", "link")) as counter:
                acts[act]()
            break
        except StoreFull:
            assert done(store) == [1, 2]
            assert sorted(p.name for p in (store.root / "research").iterdir()) == ["log-1", "packs"]
            writer.check_claim()
    assert counter.calls[-1] == "link"
