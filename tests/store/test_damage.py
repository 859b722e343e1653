"""Damaged files: the newest whole record is found, the rest is said, nothing wrong is accepted."""

import json
import shutil
from pathlib import Path

import pytest

from playbooks_ipython.errors import CorruptLog, UntrustedRun
from playbooks_ipython.store import FilesystemStore, this_owner
from playbooks_ipython.store.framing import HEAD_BYTES, decode_head, encode_frame
from playbooks_ipython.testing.samples import (
    SEALER,
    STRANGERS_SEALER,
    append_done,
    dead_stranger,
    sample_header,
)
from tests.store.logs import frames


@pytest.fixture
def run(store) -> Path:
    """The directory of a run over two claims, with blobs in its logs and in a pack."""
    writer = store.create(sample_header(), dead_stranger(), SEALER)
    append_done(writer, 1, b"first")
    append_done(writer, 2, b"big" * 22_000)
    writer.close()
    writer = store.claim("research", dead_stranger(), SEALER)
    append_done(writer, 3, b"third")
    writer.append("state", {"state": "interrupted", "n": 3})
    writer.close()
    return store.root / "research"


def whole(store):
    """Return every record of the run, each checked."""
    return list(store.read("research").records(SEALER))


def look_at(store, before, *, told=True):
    """Read a damaged run; return how many of the records of `before` it still has.

    `told`: what is missing must be said, as it must unless whole records are gone without trace.
    """
    try:
        reader = store.read("research")
        listed = list(reader.records())
        records = list(reader.records(SEALER))
    except CorruptLog:
        return 0
    kept = [r for r in records if r.epoch < 3]
    assert kept == before[: len(kept)], "a wrong record was accepted"
    assert listed[: len(kept)] == kept
    assert reader.skipped or len(kept) == len(before) or not told
    for record in kept:
        for name in record.blobs:
            assert reader.blob(name)
    return len(kept)


def go_on(store, kept):
    """Claim a damaged run, append to it, and find all that was kept and the new record."""
    writer = store.claim("research", this_owner(), SEALER)
    append_done(writer, 7)
    writer.close()
    reader = store.read("research")
    assert [r.seq for r in reader.records(SEALER)] == list(range(kept + 2))


def test_log_cut_anywhere_ends_with_its_last_whole_record(store, run):
    """The newest log is cut after each of its bytes: whole records stay, the run goes on."""
    before = whole(store)
    older = sum(r.epoch == 1 for r in before)
    log = (run / "log-2").read_bytes()
    ends = [sum(map(len, frames(log)[:n])) for n in range(1, 4)]
    for length in range(len(log)):
        (run / "log-2").write_bytes(log[:length])
        expected = older + sum(end <= length for end in ends)
        assert look_at(store, before, told=length not in ends) == expected, length
        go_on(store, expected if length >= ends[1] else older)  # a bare opening is passed over
        (run / "log-3").unlink()


@pytest.mark.parametrize("name", ["log-1", "log-2"])
def test_flipped_bit_anywhere_is_never_accepted(store, run, name):
    """One bit of each byte of each log is flipped: what came before stays, nothing wrong comes."""
    before = whole(store)
    log = (run / name).read_bytes()
    older = 0 if name == "log-1" else sum(r.epoch == 1 for r in before)
    sizes = [len(frame) for frame in frames(log)]
    for position in range(len(log)):
        damaged = bytearray(log)
        damaged[position] ^= 1 << position % 8
        (run / name).write_bytes(damaged)
        untouched = sum(sum(sizes[: n + 1]) <= position for n in range(len(sizes)))
        assert look_at(store, before) == older + untouched, position
        if position % 97 == 0 and older + untouched:
            go_on(store, older if older and untouched < 2 else older + untouched)
            (run / "log-3").unlink()


@pytest.mark.parametrize("name", ["log-1", "log-2"])
def test_forged_record_with_right_checksum_is_never_accepted(store, run, name):
    """Each byte of each body is changed and the checksum made right: no seal, no record."""
    before = whole(store)
    log = frames((run / name).read_bytes())
    for n, frame in enumerate(log):
        seal, body = decode_head(frame[:HEAD_BYTES]).seal, frame[HEAD_BYTES:]
        for position in range(0, len(body), 3):
            forged = bytearray(body)
            forged[position] ^= 1
            (run / name).write_bytes(
                b"".join((*log[:n], encode_frame(bytes(forged), seal), *log[n + 1 :]))
            )
            try:
                look_at(store, before)
            except UntrustedRun:
                assert n == 0, "only a claim's opening condemns the whole run"


@pytest.mark.parametrize(
    ("order", "kept"), [((0, 2), 1), ((0, 2, 1), 1), ((0, 1, 1, 2), 2), ((0, 1, 2, 1), 3)]
)
@pytest.mark.parametrize("name", ["log-1", "log-2"])
def test_records_left_out_moved_or_repeated_are_never_accepted(store, run, name, order, kept):
    """Whole, rightly sealed records in another order end the run where the order breaks."""
    before = whole(store)
    log = frames((run / name).read_bytes())
    (run / name).write_bytes(b"".join(log[n] for n in order))
    listed = [record.seq for record in store.read("research").records()]
    assert listed == list(range(len(listed))), "nor are they listed"
    if name == "log-2":
        assert look_at(store, before) == 3 + kept
    else:  # bytes beyond the sealed length are not looked at at all
        assert look_at(store, before) == (kept if kept < 3 else len(before))


def test_strangers_records_are_not_part_of_the_run(store, run, tmp_path):
    """A record that somebody appended with another key ends the run before it; the rest stays."""
    before = whole(store)
    other = FilesystemStore(tmp_path / "other")
    shutil.copytree(run, tmp_path / "other" / "research")
    writer = other.reseal("research", this_owner(), STRANGERS_SEALER)
    append_done(writer, 4)
    writer.close()
    theirs = frames((tmp_path / "other/research/log-3").read_bytes())
    with (run / "log-2").open("ab") as log:
        log.write(theirs[-1])
    assert look_at(store, before) == len(before)
    (run / "log-3").write_bytes(b"".join(theirs))
    with pytest.raises(UntrustedRun):
        whole(store)
    assert [r.kind for r in store.read("research").records()][-1] == "done"


def test_damaged_pack_is_noticed_and_costs_only_its_blobs(store, run):
    """A flipped bit in each 50th byte of a pack: that blob is refused, the others are read."""
    record = next(r for r in whole(store) if r.fields.get("n") == 2)
    pack = run / "packs/1-0"
    data = pack.read_bytes()
    for position in range(0, len(data), 50):
        damaged = bytearray(data)
        damaged[position] ^= 4
        pack.write_bytes(damaged)
        reader = store.read("research")
        refused = []
        for name in record.blobs:
            try:
                reader.blob(name)
            except CorruptLog as error:
                refused.append(str(error))
        assert len(refused) == 1
        assert "packs/1-0" in refused[0]


@pytest.mark.parametrize("length", [0, 1, 4096, 65_999])
def test_cut_or_missing_pack_is_noticed(store, run, length):
    """A pack that lost its end, or is gone, is a CorruptLog for the blobs that lay there."""
    record = next(r for r in whole(store) if r.fields.get("n") == 2)
    pack = run / "packs/1-0"
    pack.write_bytes(pack.read_bytes()[:length])
    if not length:
        pack.unlink()
    big = [name for name in record.blobs if store.read("research")]
    with pytest.raises(CorruptLog):
        [store.read("research").blob(name) for name in big]


def test_run_whose_first_log_is_gone_says_so(store, run):
    """Without the log that the newest builds on there is no run to read; nothing is changed."""
    (run / "log-1").unlink()
    with pytest.raises(CorruptLog, match="log-1 is missing"):
        store.read("research")
    assert (run / "log-2").exists()
    assert store.names() == ["research"]


def test_newer_format_is_refused_and_not_passed_over(store, run):
    """A log of a later version is not read as if it were not there."""
    head, *rest = frames((run / "log-2").read_bytes())
    body = head[HEAD_BYTES:]
    text = json.loads(body[4:])
    text["fields"]["header"]["format"] = 99
    encoded = json.dumps(text).encode()
    (run / "log-2").write_bytes(
        encode_frame(len(encoded).to_bytes(4, "big") + encoded, bytes(32)) + b"".join(rest)
    )
    with pytest.raises(CorruptLog, match="format 99 is newer"):
        store.read("research")


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"null", b'{"blobs": 1}', b"[" * 100_000, b'"' + b"x" * 50, b"\xff",
     b'{"run":"r","epoch":1,"seq":1e3,"kind":"x","fields":{},"blobs":[]}',
     b'{"run":"r","epoch":1,"seq":1,"kind":"x","fields":{},"blobs":[[]]}',
     b'{"run":"r","epoch":1,"seq":1,"kind":"x","fields":{},"blobs":[["n",-1]]}',
     b'{"run":"r","epoch":1,"seq":1,"kind":"x","fields":{},"blobs":[["n",99]]}'],
)  # fmt: skip
def test_foreign_record_with_right_checksum_is_passed_over(store, run, text):
    """Any JSON, or none, in a whole frame ends the run there and raises nothing."""
    before = whole(store)
    with (run / "log-2").open("ab") as log:
        log.write(encode_frame(len(text).to_bytes(4, "big") + text, bytes(32)))
    assert look_at(store, before) == len(before)
    assert "log-2" in store.read("research").skipped[0]


def test_planted_table_reads_no_other_file(store, run):
    """A table that names files outside the run, or offsets beyond all, gives CorruptLog."""
    rows = [["a", 10, "../../../etc/passwd", 0], ["b", 10, "packs/1-0", 10**30], ["c", 9, "x", 0]]
    loaded = {"run": sample_header().run_id, "epoch": 2, "seq": 6, "kind": "done", "fields": {}}
    text = json.dumps({**loaded, "blobs": rows}).encode()
    with (run / "log-2").open("ab") as log:
        log.write(encode_frame(len(text).to_bytes(4, "big") + text, bytes(32)))
    reader = store.read("research")
    assert [r.seq for r in reader.records()] == list(range(7))
    for row in rows:
        with pytest.raises(CorruptLog):
            reader.blob(row[0])


def test_resealed_run_is_ones_own(store, run):
    """`reseal` makes a stranger's run loadable, with every record and blob, as a new epoch."""
    before = [(r.kind, r.fields) for r in whole(store) if r.kind != "open"]
    writer = store.reseal("research", this_owner(), STRANGERS_SEALER)
    append_done(writer, 4)
    writer.close()
    reader = store.read("research")
    after = [(r.kind, r.fields) for r in reader.records(STRANGERS_SEALER) if r.kind != "open"]
    assert after[:-1] == before
    for record in reader.records():
        for name in record.blobs:
            assert reader.blob(name)
    with pytest.raises(UntrustedRun):
        list(reader.records(SEALER))
    assert sorted(p.name for p in run.iterdir()) == ["log-3", "packs"]


@pytest.mark.parametrize("name", ["log-1", "log-2", "packs/1-0"])
def test_damaged_run_is_not_resealed(store, run, name):
    """A run of which something does not hold is not signed, and is left as it is."""
    data = bytearray((run / name).read_bytes())
    data[len(data) // 2] ^= 1
    (run / name).write_bytes(data)
    with pytest.raises(CorruptLog):
        store.reseal("research", this_owner(), STRANGERS_SEALER)
    assert sorted(p.name for p in run.iterdir()) == ["log-1", "log-2", "packs"]
