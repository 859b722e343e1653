"""Keeping: what `keep_only` drops, and what it must not."""

from __future__ import annotations

import pytest

from playbooks_ipython.records import Json, Record
from playbooks_ipython.store.framing import blob_name
from playbooks_ipython.store.owner import this_owner
from playbooks_ipython.store.protocol import RunWriter, Store
from playbooks_ipython.testing.contract.basis import StoreBasis, kept
from playbooks_ipython.testing.samples import (
    SEALER,
    append_done,
)


class KeepingContract(StoreBasis):
    """Dropping checkpoints drops nothing that those which stay need."""

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
