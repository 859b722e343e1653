"""What lies on disk: where, for whose eyes, and at what cost."""

import os
import stat
import time
from pathlib import Path

import pytest

from playbooks_ipython.errors import BadName, NameTaken, RunNotFound
from playbooks_ipython.store import FilesystemStore, check_name, this_owner
from playbooks_ipython.store.packs import PAGE_BYTES
from playbooks_ipython.testing.contract import BAD_LABELS
from playbooks_ipython.testing.faults import fault_at, half
from playbooks_ipython.testing.samples import SEALER, append_done, sample_header


@pytest.fixture
def writer(store):
    """A run, claimed by this process."""
    writer = store.create(sample_header(), this_owner(), SEALER)
    yield writer
    writer.close()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_else_can_read(store, umask):
    """Whatever the umask, directories are 0700 and files 0600, also after a rewriting."""
    before = os.umask(umask)
    try:
        writer = store.create(sample_header(), this_owner(), SEALER)
        append_done(writer, 1, b"1" * 70_000, b"2" * 70_000)
        append_done(writer, 2, b"2" * 70_000)
        writer.keep_only(frozenset({2}))
        writer.close()
    finally:
        os.umask(before)
    for path in [store.root, *store.root.rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


@pytest.mark.usefixtures("writer")
def test_store_is_ignored_by_git(store):
    """The root says so itself, since it holds the user's values."""
    assert (store.root / ".gitignore").read_text() == "*\n"


def test_reading_makes_nothing(tmp_path):
    """Looking into a store that is not there makes no directory."""
    store = FilesystemStore(tmp_path / ".checkpoints")
    assert store.names() == []
    for look in (store.read, store.delete, lambda name: store.rename(name, "new")):
        with pytest.raises(RunNotFound):
            look("research")
    assert not store.root.exists()


@pytest.mark.usefixtures("writer")
def test_missing_run_makes_no_directory(store):
    """Asking for a run that is not there makes nothing beside those that are."""
    with pytest.raises(RunNotFound, match="there are: research"):
        store.claim("other", this_owner(), SEALER)
    assert sorted(p.name for p in store.root.iterdir()) == [".gitignore", "research"]


@pytest.mark.parametrize("name", [*BAD_LABELS, "research~1"])
def test_bad_name_is_refused(name):
    """Only plain names are names; a kept older run's label is none."""
    with pytest.raises(BadName, match="1 to 100 letters"):
        check_name(name)


@pytest.mark.parametrize("name", ["a", "A1_.-", "a" * 100, "a..b", "1"])
def test_good_name_is_taken(name):
    """Letters, digits, and the three signs inside."""
    assert check_name(name) == name


@pytest.mark.usefixtures("writer")
def test_link_is_not_a_run(store, tmp_path):
    """A link in the place of a run is neither listed, read, renamed nor deleted."""
    (store.root / "research").rename(tmp_path / "elsewhere")
    (store.root / "research").symlink_to(tmp_path / "elsewhere")
    assert store.names() == []
    for look in (store.read, store.delete, lambda name: store.rename(name, "new")):
        with pytest.raises(RunNotFound):
            look("research")
    assert (tmp_path / "elsewhere/log-1").exists()


def test_link_is_not_a_log(store, writer, tmp_path):
    """A link in the place of a log is not followed."""
    writer.close()
    log = store.root / "research/log-1"
    log.rename(tmp_path / "log")
    log.symlink_to(tmp_path / "log")
    with pytest.raises(Exception, match="cannot be read"):
        store.read("research")


@pytest.mark.usefixtures("writer")
def test_foreign_directory_is_not_a_run(store):
    """A directory without a log is not listed, and is not overwritten by a new run."""
    (store.root / "notes").mkdir()
    (store.root / "notes/mine.txt").write_text("mine")
    assert store.names() == ["research"]
    with pytest.raises(RunNotFound):
        store.read("notes")
    with pytest.raises(NameTaken):
        store.create(sample_header("notes"), this_owner(), SEALER)
    assert (store.root / "notes/mine.txt").read_text() == "mine"
    assert sorted(p.name for p in store.root.iterdir()) == [".gitignore", "notes", "research"]


def test_other_files_in_a_run_stay(store, writer):
    """Checkpoint files that were written beside the log outlive a rewriting."""
    other = store.root / "research/research_ckpt_1.pkl"
    other.write_bytes(b"x")
    append_done(writer, 1)
    writer.keep_only(frozenset({1}))
    assert other.exists()


def test_small_record_is_one_write(writer):
    """A record with blobs under 64 KiB is one write call, and changes nothing else on disk."""
    append_done(writer, 1)
    with fault_at(None, half) as counter:
        append_done(writer, 2, b"x" * 60_000, b"y" * 60_000)
    assert counter.calls == ["write"]


def test_big_blob_is_written_before_its_record(writer):
    """A bigger blob goes to a pack first, by one write more."""
    append_done(writer, 1, b"x" * 70_000)
    with fault_at(None, half) as counter:
        append_done(writer, 2, b"y" * 70_000, b"z" * 70_000)
    assert counter.calls == ["pwrite", "pwrite", "write"]


def test_many_small_blobs_do_not_make_a_long_record(store, writer):
    """Beyond 1 MiB together, blobs go to a pack: a listing reads past all that is inline."""
    append_done(writer, 1, *(b"%d" % n * 30_000 for n in range(10, 60)))
    assert (store.root / "research/log-1").stat().st_size < 1_100_000


def test_looking_at_the_claim_opens_no_file(writer):
    """The look before each operation makes no call that changes or opens a file."""
    with fault_at(None, half, ("open", "listdir", "scandir", "stat")) as counter:
        writer.check_claim()
    assert counter.calls == []


def test_packed_blobs_begin_on_pages(store, writer):
    """Each blob of a pack starts where a page does, so that it can be mapped."""
    append_done(writer, 1, b"x" * 70_001, b"y" * 70_001)
    pack = (store.root / "research/packs/1-0").read_bytes()
    assert pack.index(b"y" * 70_001) % PAGE_BYTES == 0
    assert pack.index(b"x" * 70_001) % PAGE_BYTES == 0


def test_mostly_needed_pack_is_not_copied(store, writer):
    """Thinning out leaves a pack in place of which half is needed, and copies what little is."""
    append_done(writer, 1, b"a" * 70_000, b"b" * 70_000, b"c" * 70_000)
    append_done(writer, 2, b"a" * 70_000, b"b" * 70_000)
    before = (store.root / "research/packs/1-0").stat().st_ino
    writer.keep_only(frozenset({2}))
    packs = store.root / "research/packs"
    assert [(p.name, p.stat().st_ino) for p in packs.iterdir()] == [("1-0", before)]
    append_done(writer, 3, b"a" * 70_000)
    writer.keep_only(frozenset({3}))
    assert [p.name for p in packs.iterdir()] == ["3-0"]


def test_open_pack_outlives_its_run(store, writer):
    """Packs are unlinked and not cut: what has one open reads it to the end."""
    append_done(writer, 1, b"a" * 70_000)
    append_done(writer, 2)
    with (store.root / "research/packs/1-0").open("rb") as mapped:
        writer.keep_only(frozenset({2}))
        assert not (store.root / "research/packs/1-0").exists()
        assert mapped.read() == b"a" * 70_000


def test_interrupted_deletion_is_finished_by_the_next(store, writer):
    """A run is gone once it is renamed; what a crash left of it goes with the next deletion."""
    writer.close()
    (store.root / ".trash-left").mkdir()
    (store.root / ".trash-left/log-1").touch()
    assert store.names() == ["research"]
    store.delete("research")
    assert [p.name for p in store.root.iterdir()] == [".gitignore"]


def test_run_that_was_never_finished_being_made_goes_after_an_hour(store, writer):
    """What a kill left of a run in the making goes with a later deletion, a fresh one does not."""
    writer.close()
    (store.root / ".new-left").mkdir()
    later = FilesystemStore(store.root, clock=lambda: time.time() + 3601)
    store.create(sample_header("other"), this_owner(), SEALER).close()
    store.delete("other")
    assert (store.root / ".new-left").exists()
    later.delete("research")
    assert [p.name for p in store.root.iterdir()] == [".gitignore"]


def test_two_cases_of_a_name_made_at_once_are_never_both_there(store):
    """Two makers that did not see each other: at most one of them is told that it has a run."""
    made = []

    def make_other(call, args, kwargs):
        made.append(store.create(sample_header("RESEARCH"), this_owner(), SEALER))
        return call(*args, **kwargs)

    with fault_at(0, make_other, ("rename",)), pytest.raises(NameTaken):
        store.create(sample_header("research"), this_owner(), SEALER)
    assert store.names() == ["RESEARCH"]
    made[0].close()


def test_store_path_is_fixed_when_it_is_named(tmp_path, monkeypatch):
    """A later change of the working directory moves nothing."""
    monkeypatch.chdir(tmp_path)
    store = FilesystemStore(Path(".checkpoints"))
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    store.create(sample_header(), this_owner(), SEALER).close()
    assert (tmp_path / ".checkpoints/research/log-1").exists()
