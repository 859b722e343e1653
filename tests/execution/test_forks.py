"""Forks: a new run that begins with a checkpoint of another, and both go their own ways."""

from __future__ import annotations

import asyncio

import pytest

from playbooks_ipython.checkpoints import parse_reference
from playbooks_ipython.errors import (
    BadName,
    CheckpointNotFound,
    NameInUse,
    NoNumber,
    PlaybookError,
    RunNotFound,
)
from playbooks_ipython.execution.host import PlainHost
from playbooks_ipython.execution.runs import Cell, Runs
from playbooks_ipython.execution.showing import checkpoint_text
from playbooks_ipython.settings import Settings
from tests.execution.place import Place, failing

THREE = "seen = []\n" + "".join(f"seen.append(await tool('{n}'))\n" for n in "abc")


def fork(place: Place, reference: str = "program@1", name: str = "other") -> int:
    return place.runs().fork(parse_reference(reference), name)


def test_a_fork_runs_nothing_until_it_is_resumed(place: Place) -> None:
    place.run(THREE)
    before = place.effects
    assert fork(place) == 1
    assert place.effects == before
    place.resume("other")
    assert place.effects == [*before, "tool b ()", "tool c ()"]


def test_a_fork_is_kept_as_interrupted(place: Place) -> None:
    place.run(THREE)
    fork(place, "program@2")
    run = place.runs().catalogue.summary("other")
    assert run is not None
    assert (run.state, run.awaits) == ("interrupted", 2)


def test_the_run_that_was_forked_stays_as_it_was(place: Place) -> None:
    place.run(THREE)
    fork(place)
    place.resume("other")
    catalogue = place.runs().catalogue
    assert sorted(catalogue.view("program").done) == [1, 2, 3]
    assert catalogue.names() == ["other", "program"]


def test_a_fork_knows_where_it_comes_from(place: Place) -> None:
    place.run(THREE)
    fork(place, "program@2")
    view = place.runs().catalogue.view("other")
    origin = place.runs().catalogue.view("program").reader.header.run_id
    assert view.reader.header.forked_from == {"run_id": origin, "name": "program", "n": 2}
    assert "forked from program@2" in checkpoint_text(view, None)


def test_going_back_keeps_both_lines_and_says_where_the_new_one_began(place: Place) -> None:
    place.run(THREE)
    place.resume("program@1")
    catalogue = place.runs().catalogue
    assert catalogue.names() == ["program", "program~1"]
    header = catalogue.view("program").reader.header
    assert header.forked_from is not None and header.forked_from["n"] == 1
    assert header.forked_from["run_id"] == catalogue.view("program~1").reader.header.run_id


def test_a_fork_of_a_fork_goes_on_too(place: Place) -> None:
    place.run(THREE)
    fork(place)
    fork(place, "other", "third")
    place.resume("third")
    assert place.effects[-2:] == ["tool b ()", "tool c ()"]


def test_without_a_number_an_unfinished_run_is_forked_where_it_stands(place: Place) -> None:
    failing(lambda: place.run(THREE + "raise ValueError\n"))
    assert fork(place, "program") == 3


def test_a_run_is_forked_while_it_is_going_on(place: Place) -> None:
    runs = place.runs()
    place.namespace["fork"] = lambda: runs.fork(parse_reference("program@1"), "other")
    text = "await tool('a')\nawait tool('b')\nfork()\nawait tool('c')\n"
    asyncio.run(runs.run_cell(Cell(text, "program")))
    assert sorted(place.runs().catalogue.view("program").done) == [1, 2, 3]
    assert place.runs().catalogue.view("other").completed == 1


def test_a_fork_stands_inside_the_calls_of_its_checkpoint(place: Place) -> None:
    text = (
        "async def inner(k):\n    kept = [k]\n    kept.append(await tool('in'))\n"
        "    kept.append(await tool('two'))\n    return kept\n"
        "got = await inner(7)\neffect(str(got))"
    )
    place.run(text)
    fork(place)
    place.resume("other")
    assert place.effects == ["tool in ()", "tool two ()", "[7, 2, 3]", "tool two ()", "[7, 2, 3]"]


def test_a_renamed_notebook_adopts_the_run_of_its_cell_and_not_a_fork(place: Place) -> None:
    cell = Cell("await tool('a')\nawait tool('b')\n", None, "resume", "c1")

    def runs(notebook: str) -> Runs:
        place.runs()
        path = str(place.folder / notebook)
        return Runs(place.namespace, PlainHost(), place.provider, Settings(), path)

    asyncio.run(runs("old.ipynb").run_cell(cell))
    (name,) = place.runs().catalogue.names()
    runs("old.ipynb").fork(parse_reference(f"{name}@1"), "zz-fork")
    asyncio.run(runs("new.ipynb").run_cell(cell))
    assert place.effects == ["tool a ()", "tool b ()"]


@pytest.mark.parametrize(
    ("reference", "name", "error"),
    [
        ("program@1", "program", NameInUse),
        ("program@1", "PROGRAM", NameInUse),
        ("program@1", "a b", BadName),
        ("program@1", "other~1", BadName),
        ("program@9", "other", CheckpointNotFound),
        ("program@end", "other", NoNumber),
        ("program", "other", NoNumber),
        ("nobody@1", "other", RunNotFound),
    ],
)
def test_what_cannot_be_forked_leaves_nothing(
    place: Place, reference: str, name: str, error: type[PlaybookError]
) -> None:
    place.run(THREE)
    with pytest.raises(error):
        fork(place, reference, name)
    assert place.runs().catalogue.names() == ["program"]


REGION = """
from tests.support.opaque import retry
async def step(n):
    for k in range(4):
        await tool(str(k), n)
    return n
await tool("before")
got = await retry(step, 7)
del retry
"""


def test_what_is_kept_can_be_gone_on_from_though_its_region_began_before(place: Place) -> None:
    """The await that opened it stays as well; it is no checkpoint that counts."""
    place.run(REGION, keep_last_n=2)
    within, after = place.runs().catalogue.view("program").done
    assert (fork(place, f"program@{after}", "after"), after) == (6, 6)
    assert fork(place, f"program@{within}") == 1
    place.resume("other")
    assert place.namespace["got"] == 7
