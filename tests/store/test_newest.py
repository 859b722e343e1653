"""What a reading costs that begins with the newest record standing alone, and what it believes."""

from pathlib import Path

import pytest

from playbooks_ipython.errors import CorruptLog, UntrustedRun
from playbooks_ipython.store import this_owner
from playbooks_ipython.store.blobs import needed_blobs
from playbooks_ipython.store.framing import HEAD_BYTES, decode_head, encode_frame
from playbooks_ipython.testing.samples import (
    RUN_ID,
    SEALER,
    STRANGERS_SEALER,
    append_alone,
    append_done,
    dead_stranger,
    sample_header,
)
from playbooks_ipython.trust import KeySealer
from tests.store.logs import frames


class CountingSealer(KeySealer):
    """Counts the seals that it checks: every record that is handed out has one."""

    checked = 0

    def holds(self, previous: bytes, body: bytes, seal: bytes) -> bool:
        self.checked += 1
        return super().holds(previous, body, seal)


@pytest.fixture
def run(store) -> Path:
    """Checkpoints 1 to 6 over two claims, of which 2 and 4 stand alone; they share a blob."""
    writer = store.create(sample_header(), dead_stranger(), SEALER)
    append_done(writer, 1, b"shared", b"big" * 30_000)
    append_alone(writer, 2, b"shared", b"big" * 30_000)
    append_done(writer, 3, b"shared")
    append_alone(writer, 4, b"shared", b"big" * 30_000)
    append_done(writer, 5, b"shared")
    writer.close()
    writer = store.claim("research", dead_stranger(), SEALER)
    append_done(writer, 6, b"shared")
    writer.close()
    return store.root / "research"


def numbers(records):
    return [record.fields["n"] for record in records if record.kind == "done"]


def newest(store, sealer=SEALER):
    return numbers(store.read("research").newest(sealer))


@pytest.mark.usefixtures("run")
def test_reading_begins_with_the_newest_that_stands_alone(store):
    """Also where a later claim has a log of its own; listing needs no key for it."""
    assert newest(store) == [4, 5, 6]
    assert newest(store, None) == [4, 5, 6]


@pytest.mark.parametrize("past", [3, 3000])
def test_seals_checked_do_not_depend_on_what_is_past(store, past):
    """To read the newest part and to claim the run costs the same after 3 records and 3000."""
    writer = store.create(sample_header(), dead_stranger(), SEALER)
    for n in range(past):
        append_done(writer, n)
    append_alone(writer, past)
    append_done(writer, past + 1)
    writer.close()
    sealer = CountingSealer(b"k" * 32, RUN_ID)
    list(store.read("research").newest(sealer))
    of_reading, sealer.checked = sealer.checked, 0
    store.claim("research", this_owner(), sealer).close()
    assert of_reading == 4, "the opening, the one that stands alone twice, the one after it"
    assert sealer.checked == of_reading


def test_all_its_blobs_are_placed_by_what_was_read(store, run):
    """Nothing before it is needed: the log before is overwritten, the blobs there are still found.

    Those that only older records need are not asked for.
    """
    log = (run / "log-1").read_bytes()
    reader = store.read("research")
    for record in reader.newest(SEALER):
        assert len([reader.blob(n) for n in needed_blobs(record, reader.blob)]) in (0, 3, 4)
    opening = frames(log)[0]
    damaged = opening + bytes(HEAD_BYTES) + log[len(opening) + HEAD_BYTES :]
    (run / "log-1").write_bytes(damaged)
    reader = store.read("research")
    assert numbers(reader.newest(SEALER)) == [4, 5, 6]
    assert reader.skipped == ()
    assert numbers(reader.records(SEALER)) == []
    assert "checksum" in reader.skipped[0]


def test_forgotten_blob_is_written_again(store):
    """What a record that stands alone does not need has a new place when it is named again."""
    writer = store.create(sample_header(), dead_stranger(), SEALER)
    blobs = append_done(writer, 1, b"comes back")
    append_alone(writer, 2, b"other")
    append_done(writer, 1, b"comes back")
    writer.close()
    reader = store.read("research")
    records = list(reader.newest(SEALER))
    assert numbers(records) == [2, 1]
    assert reader._places.keys() >= blobs.keys(), "no other reading was needed to find them"


def test_log_cut_or_flipped_anywhere_gives_no_wrong_record(store, run):
    """Damage to any byte of the newest part: an older beginning is taken, or less of the end."""
    before = list(store.read("research").records(SEALER))
    log = (run / "log-1").read_bytes()
    for position in range(0, len(log), 11):
        for damaged in (
            log[:position],
            log[:position] + bytes([log[position] ^ 1]) + log[position + 1 :],
        ):
            (run / "log-1").write_bytes(damaged)
            try:
                reader = store.read("research")
                found = list(reader.newest(SEALER))
            except CorruptLog:
                continue
            assert all(record in before for record in found)
            assert [r.seq for r in found] == list(range(found[0].seq, found[0].seq + len(found)))
            assert len(found) == len(before) - found[0].seq or reader.skipped


def test_forged_record_that_stands_alone_is_not_begun_with(store, run):
    """Each byte of its body changed, the checksum made right: the one before is taken."""
    log = frames((run / "log-1").read_bytes())
    at = next(n for n in range(len(log) - 1, 0, -1) if b'"alone":' in log[n])
    frame = log[at]
    seal, body = decode_head(frame[:HEAD_BYTES]).seal, frame[HEAD_BYTES:]
    for position in range(0, len(body), 3):
        forged = bytearray(body)
        forged[position] ^= 1
        changed = encode_frame(bytes(forged), seal)
        (run / "log-1").write_bytes(b"".join((*log[:at], changed, *log[at + 1 :])))
        assert newest(store) == [2, 3]


def test_copy_of_one_in_a_value_is_not_begun_with(store, run):
    """A blob that holds a whole log of this run, rightly sealed, is a value and nothing else."""
    log = (run / "log-1").read_bytes()
    writer = store.claim("research", this_owner(), SEALER)
    append_done(writer, 7, log[:60_000])
    writer.close()
    assert newest(store) == [4, 5, 6, 7]


@pytest.mark.usefixtures("run")
def test_strangers_opening_is_not_passed_over(store):
    """A run that somebody else's key opened is not read, whatever stands alone in it."""
    writer = store.reseal("research", this_owner(), STRANGERS_SEALER)
    append_alone(writer, 7)
    writer.close()
    with pytest.raises(UntrustedRun):
        newest(store)
    assert newest(store, STRANGERS_SEALER) == [7]


def test_hostile_log_full_of_beginnings_is_read_as_ever(store):
    """Bytes that look like beginnings, without end, cost a bounded search."""
    writer = store.create(sample_header(), dead_stranger(), SEALER)
    append_done(writer, 1, b'"alone":{"at":0,' * 4000)
    writer.close()
    assert newest(store) == [1]
