"""Records and blobs: what was appended comes back."""

from __future__ import annotations

import pytest

from playbooks_ipython.errors import (
    UntrustedRun,
)
from playbooks_ipython.store.blobs import needed_blobs
from playbooks_ipython.store.framing import blob_name
from playbooks_ipython.store.protocol import RunWriter, Store
from playbooks_ipython.testing.contract.basis import StoreBasis
from playbooks_ipython.testing.samples import (
    SEALER,
    STRANGERS_SEALER,
    append_alone,
    append_done,
    sample_header,
)


class RecordContract(StoreBasis):
    """What was appended comes back, in order and whole."""

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

    def test_size_grows_with_what_is_kept(self, store: Store, writer: RunWriter) -> None:
        """The size of a run counts records and blobs, in bytes."""
        before = store.read("research").size_bytes()
        written = writer.append("done", {"n": 1}, {blob_name(b"x" * 70_000): b"x" * 70_000})
        assert store.read("research").size_bytes() - before == written
        writer.close()
