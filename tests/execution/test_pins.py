"""Pins: a checkpoint that is pinned stays, whatever is tidied up; the others go as ever."""

from __future__ import annotations

import asyncio

import pytest

from playbooks_ipython.checkpoints import CheckpointManager, parse_reference
from playbooks_ipython.checkpoints.past import ALONE_EVERY
from playbooks_ipython.errors import (
    CheckpointNotFound,
    ClaimHeld,
    NoNumber,
    Pinned,
    PlaybookError,
)
from playbooks_ipython.execution.runs import Cell
from playbooks_ipython.execution.showing import checkpoint_text, runs_text
from tests.execution.place import Place, failing

FOUR = "".join(f"n = {n}\nawait tool('{n}')\n" for n in (1, 2, 3, 4))


def pin(place: Place, reference: str, *, pinned: bool = True) -> str:
    return str(place.runs().pin(parse_reference(reference), pinned=pinned))


def numbers(place: Place) -> list[int]:
    return sorted(place.runs().catalogue.view("program").done)


def test_gc_leaves_a_pinned_checkpoint(place: Place) -> None:
    place.run(FOUR)
    pin(place, "program@1")
    place.runs(keep_last_n=1).collect()
    assert numbers(place) == [1, 4]
    place.runs().restore(parse_reference("program@1"))


def test_gc_has_nothing_more_to_do_once_only_pinned_ones_are_over(place: Place) -> None:
    place.run(FOUR)
    pin(place, "program@1")
    place.runs(keep_last_n=1).collect()
    assert place.runs(keep_last_n=1).collect() == []


def test_what_is_pinned_no_more_goes(place: Place) -> None:
    place.run(FOUR)
    pin(place, "program@1")
    pin(place, "program@1", pinned=False)
    place.runs(keep_last_n=1).collect()
    assert numbers(place) == [4]


def test_the_end_of_a_run_leaves_a_pinned_checkpoint(place: Place) -> None:
    failing(lambda: place.run(FOUR + "raise ValueError\n"))
    pin(place, "program@2")
    failing(lambda: place.resume(keep_last_n=1))
    assert numbers(place) == [2, 4]


def test_the_seeds_cleanup_leaves_a_pinned_checkpoint(place: Place) -> None:
    place.run(FOUR)
    pin(place, "program@2")
    asyncio.run(CheckpointManager("program", place.provider).cleanup(1))
    assert numbers(place) == [2, 4]


def test_a_run_that_has_ended_stays_as_it_ended(place: Place) -> None:
    failing(lambda: place.run(FOUR + "raise ValueError\n"))
    pin(place, "program@2")
    (run,) = place.runs().catalogue.summaries()
    assert (run.state, run.pinned) == ("failed", (2,))


def test_without_a_number_the_newest_is_pinned(place: Place) -> None:
    place.run(FOUR)
    assert pin(place, "program") == "program@4"
    assert pin(place, "PROGRAM@3") == "program@3"


def test_pinning_twice_is_pinning_once(place: Place) -> None:
    place.run(FOUR)
    pin(place, "program@1")
    before = place.runs().catalogue.view("program").reader.size_bytes()
    assert pin(place, "program@1") == "program@1"
    assert place.runs().catalogue.view("program").reader.size_bytes() == before


def test_a_pinned_checkpoint_is_not_deleted_by_number(place: Place) -> None:
    place.run(FOUR)
    pin(place, "program@1")
    with pytest.raises(Pinned, match="program@1 is pinned"):
        place.runs().delete(parse_reference("program@1"))
    place.runs().delete(parse_reference("program"))
    assert place.runs().catalogue.names() == []


@pytest.mark.parametrize(
    ("reference", "error"),
    [("program@9", CheckpointNotFound), ("program@end", NoNumber), ("nobody@1", PlaybookError)],
)
def test_what_is_not_there_cannot_be_pinned(
    place: Place, reference: str, error: type[PlaybookError]
) -> None:
    place.run(FOUR)
    with pytest.raises(error):
        pin(place, reference)


def test_a_run_that_is_going_on_here_is_not_taken_from_itself(place: Place) -> None:
    runs = place.runs()

    def pin_me() -> None:
        with pytest.raises(ClaimHeld, match="this kernel"):
            runs.pin(parse_reference("program@1"))

    place.namespace["pin_me"] = pin_me
    text = "await tool('1')\npin_me()\nawait tool('2')\n"
    asyncio.run(runs.run_cell(Cell(text, "program")))
    assert numbers(place) == [1, 2]


def test_pins_are_shown(place: Place) -> None:
    place.run(FOUR)
    pin(place, "program@1")
    pin(place, "program@3")
    catalogue = place.runs().catalogue
    assert "4 (pinned: 1, 3)" in runs_text(catalogue.summaries())
    assert checkpoint_text(catalogue.view("program"), 3).startswith("program@3 (pinned)")
    assert "pinned" not in checkpoint_text(catalogue.view("program"), 2)


def test_pins_hold_where_only_the_newest_part_of_a_log_is_read(place: Place) -> None:
    failing(lambda: place.run("await tool('a')\nraise ValueError\n"))
    pin(place, "program@1")
    more = f"await tool('a')\nfor i in range({ALONE_EVERY}): await tool(str(i))\n"
    runs = place.runs(keep_last_n=10_000)
    asyncio.run(runs.run_cell(Cell(more, "program", "resume")))
    manager = CheckpointManager("program", place.provider)
    assert manager.newest().first > 0
    assert manager.newest().pins == {1}
    (run,) = place.runs().catalogue.summaries()
    assert run.pinned == (1,)


def test_going_back_before_a_pinned_checkpoint_leaves_it_with_the_older_line(place: Place) -> None:
    place.run(FOUR)
    pin(place, "program@3")
    place.resume("program@1")
    assert place.runs().catalogue.view("program").pins == frozenset()
    assert place.runs().catalogue.view("program~1").pins == {3}


def test_an_older_run_with_a_pinned_checkpoint_never_goes(place: Place) -> None:
    place.run(FOUR)
    pin(place, "program@1")
    for _ in range(5):
        place.run("await tool('again')\n")
    catalogue = place.runs().catalogue
    assert catalogue.names() == ["program", *(f"program~{n}" for n in (1, 2, 3, 4))]
    assert catalogue.view("program~4").pins == {1}
