"""How a run stands can be told from its records and its claim alone."""

import pytest

from playbooks_ipython.store import describe_owner, this_owner
from playbooks_ipython.store.summary import summarize
from playbooks_ipython.testing.samples import (
    RUN_ID,
    SEALER,
    dead_stranger,
    far_stranger,
    sample_header,
)


def run(store, owner, *records):
    """Make a run of these records and summarize it."""
    writer = store.create(sample_header(), owner, SEALER)
    for kind, fields in records:
        writer.append(kind, fields)
    writer.close()
    return summarize(store.read("research"))


ISSUE = ("issue", {"n": 3, "line": 7, "statement": "await f()", "time": 1_700_000_100.0})
DONE = ("done", {"n": 2, "line": 5, "statement": "x = await g()", "time": 1_700_000_050.0})


@pytest.mark.parametrize(
    ("owner", "records", "state"),
    [
        (this_owner(), [], "running"),
        (this_owner(), [DONE, ISSUE], "running"),
        (far_stranger(), [DONE], "running"),
        (dead_stranger(), [], "interrupted"),
        (dead_stranger(), [DONE, ISSUE], "interrupted"),
        (dead_stranger(), [("state", {"state": "finished"})], "finished"),
        (this_owner(), [DONE, ("state", {"state": "failed"})], "failed"),
        (this_owner(), [("state", {"state": "interrupted"}), ("output", {})], "interrupted"),
        (this_owner(), [("state", {"state": "failed"}), ISSUE], "running"),
        (dead_stranger(), [("state", {"state": "failed"}), DONE], "interrupted"),
        (this_owner(), [("state", {"state": "waiting"})], "waiting"),
        (dead_stranger(), [("state", {"state": "waiting"})], "interrupted"),
        (dead_stranger(), [("state", {"state": "of a newer version"})], "interrupted"),
    ],
)
def test_state_follows_from_records_and_owner(store, owner, records, state):
    """A recorded state counts until the run goes on; without one the owner's life decides."""
    assert run(store, owner, *records).state == state


def test_summary_says_what_a_listing_shows(store):
    """Header, position, counts and times come from the records."""
    found = run(store, dead_stranger(), DONE, ISSUE)
    assert (found.name, found.run_id, found.notebook) == ("research", RUN_ID, "a.ipynb")
    assert (found.cell_id, found.created_s) == ("cell-1", 1_700_000_000.5)
    assert (found.awaits, found.line, found.statement) == (2, 7, "await f()")
    assert (found.updated_s, found.error, found.owner) == (1_700_000_100.0, None, None)
    assert found.size_bytes == (store.root / "research/log-1").stat().st_size
    assert found.skipped == ()


def test_live_owner_is_named(store):
    """The holder of a running run is named for a person."""
    assert run(store, this_owner(), DONE).owner == describe_owner(this_owner())


def test_error_gives_its_line(store):
    """A failed run shows the error, at the line where it was raised."""
    error = {"type": "ValueError", "text": "no", "line": 9}
    found = run(store, dead_stranger(), DONE, ("state", {"state": "failed", "error": error}))
    assert (found.error, found.line) == ("ValueError: no", 9)


def test_damage_is_in_the_summary(store):
    """What could not be read is said, and the rest is summarized."""
    run(store, dead_stranger(), DONE)
    with (store.root / "research/log-1").open("ab") as log:
        log.write(b"torn")
    found = summarize(store.read("research"))
    assert found.awaits == 2
    assert found.skipped == ("log-1: its last 4 bytes are not a whole record",)


def test_summary_of_any_fields_raises_nothing(store):
    """Fields of other types, as somebody else may write them, are left out."""
    strange = {"n": "x", "line": "y", "statement": 3, "time": None, "error": ["a"]}
    found = run(store, dead_stranger(), ("done", strange), ("state", {"state": 1, **strange}))
    assert (found.awaits, found.line, found.statement, found.error) == (0, None, None, None)
