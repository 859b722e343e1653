"""Claims: who may write a run, and who may load it."""

from __future__ import annotations

import pytest

from playbooks_ipython.errors import (
    ClaimHeld,
    ClaimLost,
    UntrustedRun,
)
from playbooks_ipython.store.owner import describe_owner, this_owner
from playbooks_ipython.store.protocol import RunWriter, Store
from playbooks_ipython.testing.contract.basis import StoreBasis, kept
from playbooks_ipython.testing.samples import (
    SEALER,
    STRANGERS_SEALER,
    append_done,
    dead_stranger,
    live_stranger,
    sample_header,
)


class ClaimContract(StoreBasis):
    """One writes a run at a time, and nobody loads what a stranger has written."""

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
