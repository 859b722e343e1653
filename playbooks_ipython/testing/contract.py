"""The contract of a store, as tests. Every store passes them; a new one starts with them.

class TestMyStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return MyStore(tmp_path / "runs")
"""

from __future__ import annotations

import pytest

from playbooks_ipython.errors import (
    BadName,
    ClaimHeld,
    ClaimLost,
    NameTaken,
    RunNotFound,
    UntrustedRun,
)
from playbooks_ipython.records import Json, Record
from playbooks_ipython.store.blobs import needed_blobs
from playbooks_ipython.store.framing import blob_name
from playbooks_ipython.store.owner import describe_owner, this_owner
from playbooks_ipython.store.protocol import RunReader, RunWriter, Store
from playbooks_ipython.testing.samples import (
    RUN_ID,
    SEALER,
    STRANGERS_SEALER,
    append_alone,
    append_done,
    dead_stranger,
    live_stranger,
    sample_header,
)

BAD_LABELS = (
    "", ".", "..", "../evil", "a/b", "/etc", "a\0b", "a\n", "-a", "_a", "~1", "a~", "a~0", "a~1~1",
    "a b", "ä", "a" * 101, ".hidden", "a\\b",
)  # fmt: skip


def kept(reader: RunReader, kind: str) -> list[Json]:
    """Return the numbers of the records of one kind."""
    return [r.fields.get("n") for r in reader.records(SEALER) if r.kind == kind]


class StoreContract:
    """What every store promises. A subclass gives the fixture `store`: a store without runs."""

    @pytest.fixture
    def store(self) -> Store:
        pytest.fail("a subclass gives the store")

    @pytest.fixture
    def writer(self, store: Store) -> RunWriter:
        """A new run, claimed by this process."""
        return store.create(sample_header(), this_owner(), SEALER)

    def test_new_store_has_no_runs(self, store: Store) -> None:
        """A store in which nothing was made lists nothing."""
        assert store.names() == []

    def test_missing_run_is_named_with_those_there_are(
        self, store: Store, writer: RunWriter
    ) -> None:
        """Asking for a run that is not there says so, lists the others, and makes nothing."""
        with pytest.raises(RunNotFound) as caught:
            store.read("other")
        assert caught.value.known == ("research",)
        assert store.names() == ["research"]
        writer.close()

    @pytest.mark.parametrize("label", BAD_LABELS)
    def test_bad_label_goes_nowhere(self, store: Store, label: str) -> None:
        """No operation takes a label that could be anything but a plain name."""
        for operation in (
            lambda: store.read(label),
            lambda: store.claim(label, this_owner(), SEALER),
            lambda: store.create(sample_header(label), this_owner(), SEALER),
            lambda: store.delete(label),
            lambda: store.rename(label, "good"),
        ):
            with pytest.raises(BadName):
                operation()

    def test_header_comes_back(self, store: Store, writer: RunWriter) -> None:
        """A run's header is what it was made with."""
        assert store.read("research").header == sample_header()
        writer.close()

    def test_records_come_back_in_order(self, store: Store, writer: RunWriter) -> None:
        """Records come back as they were appended, numbered without a gap."""
        writer.append("issue", {"n": 1, "text": "ü\ud800", "list": [1, None, {"a": 0.5}]})
        writer.append("done", {"n": 1})
        records = list(store.read("research").records(SEALER))
        assert [r.kind for r in records] == ["open", "issue", "done"]
        assert [r.seq for r in records] == [0, 1, 2]
        assert records[1].fields == {"n": 1, "text": "ü\ud800", "list": [1, None, {"a": 0.5}]}
        writer.close()

    def test_newest_is_the_end_of_all_records(self, store: Store, writer: RunWriter) -> None:
        """A reading may begin with what stands alone: nothing after it is missing, nor a blob."""
        append_done(writer, 1, b"one", b"big" * 30_000)
        append_alone(writer, 2, b"one", b"big" * 30_000)
        append_done(writer, 3, b"one", b"three")
        writer.close()
        reader = store.read("research")
        newest, every = list(reader.newest(SEALER)), list(reader.records(SEALER))
        assert newest == every[-len(newest) :]
        assert [r.fields.get("n") for r in newest][-2:] == [2, 3]
        for record in newest:
            found = [reader.blob(name) for name in needed_blobs(record, reader.blob)]
            assert bool(found) == (record.kind == "done")
        with pytest.raises(UntrustedRun):
            list(reader.newest(STRANGERS_SEALER))

    @pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 300_000])
    def test_blob_comes_back(self, store: Store, writer: RunWriter, size: int) -> None:
        """A blob of any size comes back by its name, beside others of the same record."""
        blobs = {blob_name(data): data for data in (b"x" * size, b"before", b"y" * 70_000)}
        writer.append("done", {"n": 1}, blobs)
        reader = store.read("research")
        assert {name: reader.blob(name) for name in blobs} == blobs
        writer.close()

    def test_unknown_blob_is_a_key_error(self, store: Store, writer: RunWriter) -> None:
        """A name that no record brought is a KeyError."""
        with pytest.raises(KeyError):
            store.read("research").blob("0" * 64)
        writer.close()

    @pytest.mark.parametrize("size", [1000, 100_000])
    def test_known_blob_is_not_written_again(self, writer: RunWriter, size: int) -> None:
        """Bytes that the run has cost their name only, also for a later record."""
        data = b"x" * size
        first = writer.append("done", {"n": 1}, {blob_name(data): data})
        again = writer.append("done", {"n": 2}, {blob_name(data): data})
        assert first - again >= size
        writer.close()

    def test_buffers_of_any_kind_are_blobs(self, store: Store, writer: RunWriter) -> None:
        """Views, also of items wider than a byte, are stored as their bytes."""
        data = memoryview(bytearray(range(200))).cast("I")
        writer.append("done", {"n": 1}, {blob_name(data): data})
        assert store.read("research").blob(blob_name(data)) == data.tobytes()
        writer.close()

    def test_labels_are_unique_ignoring_case(self, store: Store, writer: RunWriter) -> None:
        """RESEARCH is refused where research is, by making and by renaming."""
        with pytest.raises(NameTaken):
            store.create(sample_header("RESEARCH"), this_owner(), SEALER)
        other = store.create(sample_header("other"), this_owner(), SEALER)
        with pytest.raises(NameTaken):
            store.rename("other", "Research")
        assert store.names() == ["other", "research"]
        other.close()
        writer.close()

    def test_same_process_takes_over(self, store: Store, writer: RunWriter) -> None:
        """This process may claim its own run again; its older writer is refused from then on."""
        second = store.claim("research", this_owner(), SEALER)
        assert second.epoch > writer.epoch
        for refused in (writer.check_claim, lambda: writer.append("done", {"n": 1})):
            with pytest.raises(ClaimLost, match=describe_owner(this_owner())):
                refused()
        second.append("done", {"n": 2})
        assert kept(store.read("research"), "done") == [2]
        second.close()
        writer.close()

    def test_live_owner_keeps_its_run(self, store: Store) -> None:
        """A run of another live process is refused, and its holder is named."""
        writer = store.create(sample_header(), live_stranger(), SEALER)
        with pytest.raises(ClaimHeld, match=describe_owner(live_stranger())):
            store.claim("research", this_owner(), SEALER)
        writer.check_claim()
        assert store.read("research").claim.alive is True
        writer.close()

    def test_dead_owners_run_is_taken_at_once(self, store: Store) -> None:
        """A claim whose process has ended hinders nobody, even if its pid is in use again."""
        writer = store.create(sample_header(), dead_stranger(), SEALER)
        assert store.read("research").claim.alive is False
        taken = store.claim("research", this_owner(), SEALER)
        assert store.read("research").claim.owner == this_owner()
        taken.close()
        writer.close()

    @pytest.mark.parametrize("state", ["finished", "failed", "interrupted"])
    def test_run_at_rest_is_taken_at_once(self, store: Store, state: str) -> None:
        """A run whose end is recorded is free, though the kernel that ran it lives."""
        writer = store.create(sample_header(), live_stranger(), SEALER)
        writer.append("state", {"state": state, "n": 0})
        taken = store.claim("research", this_owner(), SEALER)
        with pytest.raises(ClaimLost):
            writer.check_claim()
        taken.close()
        writer.close()

    def test_run_claimed_after_its_end_is_held(self, store: Store, writer: RunWriter) -> None:
        """Who claims an ended run holds it, before it has written anything."""
        writer.append("state", {"state": "failed", "n": 0})
        held = store.claim("research", live_stranger(), SEALER)
        with pytest.raises(ClaimHeld):
            store.claim("research", this_owner(), SEALER)
        held.close()
        writer.close()

    def test_closed_writer_writes_nothing(self, store: Store, writer: RunWriter) -> None:
        """After close, an append is refused and the run is as it was."""
        writer.close()
        with pytest.raises(ClaimLost):
            writer.append("done", {"n": 1})
        assert kept(store.read("research"), "done") == []

    def test_strangers_run_lists_and_is_not_loaded(self, store: Store, writer: RunWriter) -> None:
        """With another key a run lists; reading it with that key and claiming it are refused."""
        append_done(writer, 1)
        writer.close()
        reader = store.read("research")
        assert [r.kind for r in reader.records()] == ["open", "done"]
        with pytest.raises(UntrustedRun):
            list(reader.records(STRANGERS_SEALER))
        with pytest.raises(UntrustedRun):
            store.claim("research", this_owner(), STRANGERS_SEALER)
        assert store.read("research").claim.epoch == 1

    def test_run_goes_on_over_many_claims(self, store: Store, writer: RunWriter) -> None:
        """Records of all claims follow each other; blobs of each are the run's."""
        blobs = dict(append_done(writer, 1, b"one" * 30_000))
        for n in (2, 3, 4):
            writer.close()
            writer = store.claim("research", this_owner(), SEALER)
            blobs |= append_done(writer, n, b"%d" % n * 30_000)
        reader = store.read("research")
        assert kept(reader, "done") == [1, 2, 3, 4]
        assert [r.seq for r in reader.records(SEALER)] == list(range(8))
        assert {name: reader.blob(name) for name in blobs} == blobs
        assert reader.skipped == ()
        writer.close()

    def test_keep_only_keeps_what_is_needed(self, store: Store, writer: RunWriter) -> None:
        """Kept checkpoints keep every blob of their graph, whichever record brought it."""
        shared, gone = b"s" * 70_000, b"g" * 70_000
        first = append_done(writer, 1, shared, gone)
        second = append_done(writer, 2, shared, b"small")
        writer.keep_only(frozenset({2}))
        reader = store.read("research")
        assert kept(reader, "done") == [2]
        assert {name: reader.blob(name) for name in second} == second
        for name in first.keys() - second.keys():
            with pytest.raises(KeyError):
                reader.blob(name)
        writer.close()

    def test_keep_only_keeps_what_belongs_to_the_run(self, store: Store, writer: RunWriter) -> None:
        """Sources in use, the output, the newest state and the await in flight stay."""
        for text in (b"one", b"two", b"three"):
            name = blob_name(text)
            writer.append("source", {"source": name, "at": len(text)}, {name: text})
            writer.append("issue", {"n": 1, "op": text.decode(), "attempt": 1})
            append_done(writer, len(text), source=name)
            writer.append("output", {"parts": [["stdout", text.decode()]]})
        writer.append("issue", {"n": 9, "op": "last", "attempt": 3})
        writer.append("state", {"state": "interrupted", "n": 5})
        writer.keep_only(frozenset({5}))
        records = list(store.read("research").records(SEALER))
        assert [(r.kind, _telling(r)) for r in records[1:]] == [
            ("output", "one"),
            ("output", "two"),
            ("source", blob_name(b"three")),
            ("done", 5),
            ("output", "three"),
            ("issue", "last"),
            ("state", "interrupted"),
        ]
        writer.close()

    def test_keep_only_writes_shared_vars_out(self, store: Store, writer: RunWriter) -> None:
        """A checkpoint that shared its `vars` with one that goes has them itself."""
        append_done(writer, 1, vars={"x": "int"})
        append_done(writer, 2)
        append_done(writer, 3)
        writer.keep_only(frozenset({2, 3}))
        records = [r for r in store.read("research").records(SEALER) if r.kind == "done"]
        assert records[0].fields["vars"] == {"x": "int"}
        assert "vars" not in records[1].fields
        writer.close()

    def test_keep_only_leaves_deleted_checkpoints_out(
        self, store: Store, writer: RunWriter
    ) -> None:
        """A checkpoint that was dropped does not come back by being kept."""
        append_done(writer, 1)
        append_done(writer, 2)
        writer.append("drop", {"n": 1})
        writer.keep_only(frozenset({1, 2}))
        assert kept(store.read("research"), "done") == [2]
        writer.close()

    def test_keep_only_keeps_what_is_pinned(self, store: Store, writer: RunWriter) -> None:
        """A pinned checkpoint stays, also the next time; one that is pinned no more goes."""
        for n in (1, 2, 3, 4):
            append_done(writer, n)
        for n, pinned in ((1, True), (2, True), (2, False)):
            writer.append("pin", {"n": n, "pinned": pinned})
        writer.keep_only(frozenset({3, 4}))
        writer.keep_only(frozenset({4}))
        assert kept(store.read("research"), "done") == [1, 4]
        assert kept(store.read("research"), "pin") == [1]
        writer.close()

    def test_keep_only_keeps_the_region_of_what_is_pinned(
        self, store: Store, writer: RunWriter
    ) -> None:
        """The await that a pinned checkpoint would be gone on from stays with it."""
        writer.append("issue", {"n": 1, "op": "library", "attempt": 1, "mark": 0})
        region: dict[str, Json] = {"call": None, "under": "library", "answers": []}
        append_done(writer, 1, mark=1, region=region)
        append_done(writer, 2, mark=2)
        writer.append("pin", {"n": 1, "pinned": True})
        writer.keep_only(frozenset({2}))
        kinds = [record.kind for record in store.read("research").records(SEALER)]
        assert kinds == ["open", "issue", "done", "done", "pin"]
        writer.close()

    def test_run_goes_on_after_keep_only(self, store: Store, writer: RunWriter) -> None:
        """The writer appends to the rewritten run, and others can take that over."""
        append_done(writer, 1)
        append_done(writer, 2, b"b" * 70_000)
        writer.keep_only(frozenset({2}))
        append_done(writer, 3, b"b" * 70_000)
        writer.close()
        taken = store.claim("research", this_owner(), SEALER)
        taken.keep_only(frozenset({3}))
        blobs = append_done(taken, 4, b"b" * 70_000)
        reader = store.read("research")
        assert kept(reader, "done") == [3, 4]
        assert {name: reader.blob(name) for name in blobs} == blobs
        taken.close()

    def test_rename_changes_the_label_alone(self, store: Store, writer: RunWriter) -> None:
        """A renamed run keeps id and header, and its writer goes on."""
        store.rename("research", "research~1")
        append_done(writer, 1)
        reader = store.read("research~1")
        assert (reader.name, reader.header.run_id) == ("research~1", RUN_ID)
        assert kept(reader, "done") == [1]
        assert store.names() == ["research~1"]
        writer.close()

    def test_rename_never_replaces_a_run(self, store: Store, writer: RunWriter) -> None:
        """A label that is in use is refused, and both runs stay."""
        other = store.create(sample_header("other"), this_owner(), SEALER)
        with pytest.raises(NameTaken):
            store.rename("research", "other")
        assert store.names() == ["other", "research"]
        other.close()
        writer.close()

    def test_deleted_run_is_gone(self, store: Store, writer: RunWriter) -> None:
        """After delete the name is free, and the run's writer is refused."""
        append_done(writer, 1, b"b" * 70_000)
        store.delete("research")
        assert store.names() == []
        with pytest.raises(ClaimLost):
            writer.append("done", {"n": 2})
        store.create(sample_header(), this_owner(), SEALER).close()
        writer.close()

    def test_size_grows_with_what_is_kept(self, store: Store, writer: RunWriter) -> None:
        """The size of a run counts records and blobs, in bytes."""
        before = store.read("research").size_bytes()
        written = writer.append("done", {"n": 1}, {blob_name(b"x" * 70_000): b"x" * 70_000})
        assert store.read("research").size_bytes() - before == written
        writer.close()


def _telling(record: Record) -> Json:
    """Return the field by which a test knows a record."""
    fields = record.fields
    parts = fields.get("parts")
    if isinstance(parts, list) and isinstance(parts[0], list):
        return parts[0][1]
    return (
        fields.get("state")
        or (fields.get("op") if record.kind == "issue" else None)
        or (fields.get("n") or fields.get("source"))
    )
