"""Labels: what a run may be called, and what finds, renames and deletes it."""

from __future__ import annotations

import pytest

from playbooks_ipython.errors import (
    BadName,
    ClaimLost,
    NameTaken,
    RunNotFound,
)
from playbooks_ipython.store.owner import this_owner
from playbooks_ipython.store.protocol import RunWriter, Store
from playbooks_ipython.testing.contract.basis import StoreBasis, kept
from playbooks_ipython.testing.samples import (
    RUN_ID,
    SEALER,
    append_done,
    sample_header,
)

BAD_LABELS = (
    "", ".", "..", "../evil", "a/b", "/etc", "a\0b", "a\n", "-a", "_a", "~1", "a~", "a~0", "a~1~1",
    "a b", "ä", "a" * 101, ".hidden", "a\\b",
)  # fmt: skip


class LabelContract(StoreBasis):
    """A run is found by its label, and by nothing else."""

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
