"""Saving and restoring by hand: a namespace under a name, and how much of one comes back."""

from __future__ import annotations

import asyncio

import pytest

from playbooks_ipython.checkpoints import parse_reference
from playbooks_ipython.errors import BadName, NameInUse, NoFrame
from playbooks_ipython.execution.runs import Cell
from playbooks_ipython.execution.showing import checkpoint_text, runs_text
from tests.execution.place import Place, failing

INSIDE = """
k = 'cell'
async def inner(k):
    own = [k]
    read = lambda: (own, k)
    await tool('in')
    own.append(2)
    await tool('two')
async def outer(v):
    await inner(v + 1)
await tool('first')
await outer(1)
"""


def save(place: Place, name: str, **variables: object) -> None:
    runs = place.runs()
    place.namespace |= variables
    runs.save(name)


def test_a_saved_namespace_is_restored(place: Place) -> None:
    shared = [1]
    save(place, "before", one=shared, two=shared)
    place.runs().restore(parse_reference("before"))
    assert place.namespace["one"] == [1]
    assert place.namespace["one"] is place.namespace["two"]


def test_a_saved_namespace_is_listed_as_such(place: Place) -> None:
    save(place, "before", a=1)
    (run,) = place.runs().catalogue.summaries()
    assert (run.state, run.saved, run.awaits) == ("finished", True, 0)
    assert "before  saved" in runs_text([run])
    text = checkpoint_text(place.runs().catalogue.view("before"), None)
    assert text.startswith("before (saved)")
    assert "a: int" in text


def test_saving_again_keeps_what_was_saved_before(place: Place) -> None:
    for a in (1, 2):
        save(place, "before", a=a)
    for name, a in (("before", 2), ("before~1", 1)):
        place.runs().restore(parse_reference(name))
        assert place.namespace["a"] == a


def test_the_name_of_a_run_is_not_taken_for_a_saved_namespace(place: Place) -> None:
    failing(lambda: place.run("await tool('a')\nraise ValueError\n"))
    with pytest.raises(NameInUse, match="'program' is the name of a run already"):
        save(place, "Program", a=1)
    with pytest.raises(BadName):
        save(place, "a b", a=1)
    assert place.runs().catalogue.names() == ["program"]


@pytest.mark.parametrize("policy", ["ask", "resume", "fresh"])
def test_a_cell_does_not_take_the_name_of_a_saved_namespace(place: Place, policy: str) -> None:
    save(place, "program", a=1)
    cell = Cell("await tool('a')\n", "program", policy)
    with pytest.raises(NameInUse, match="saved namespace"):
        asyncio.run(place.runs().run_cell(cell))
    assert place.effects == []


def test_resuming_a_saved_namespace_runs_nothing(place: Place) -> None:
    save(place, "before", a=1)
    place.resume("before")
    assert place.namespace["a"] == 1


def test_undo_takes_back_what_an_await_bound(place: Place) -> None:
    place.run("x = await tool('a')\nawait tool('b')\n")
    runs = place.runs()
    runs.restore(parse_reference("program@1"))
    assert place.namespace["x"] == 1
    runs.replacer.undo()
    assert "x" not in place.namespace


def test_the_variables_of_a_function_come_over_those_of_the_cell(place: Place) -> None:
    place.run(INSIDE)
    place.runs().restore(parse_reference("program@2"), frame="inner")
    space = place.namespace
    assert (space["k"], space["own"]) == (2, [2])
    assert space["read"]()[0] is space["own"]
    assert "v" not in space


def test_undo_takes_back_the_variables_of_a_function_too(place: Place) -> None:
    place.run(INSIDE)
    runs = place.runs()
    place.namespace["k"] = "mine"
    runs.restore(parse_reference("program@2"), frame="inner")
    runs.replacer.undo()
    assert place.namespace["k"] == "mine"
    assert "own" not in place.namespace


def test_main_is_the_cell_itself(place: Place) -> None:
    place.run(INSIDE)
    place.runs().restore(parse_reference("program@2"), frame="main")
    assert place.namespace["k"] == "cell"
    assert "own" not in place.namespace


def test_of_a_function_that_stands_in_itself_the_innermost_is_meant(place: Place) -> None:
    place.run("async def down(n):\n    await (down(n - 1) if n else tool('a'))\nawait down(3)\n")
    place.runs().restore(parse_reference("program@1"), frame="down")
    assert place.namespace["n"] == 0


# A restored generator that nobody goes on with complains when it goes, with or without `frame`.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_generator_that_is_being_stepped_is_a_frame_too(place: Place) -> None:
    place.run(
        "async def items():\n    at = 'here'\n    await tool('g')\n    yield 1\n"
        "async def use():\n    other = items()\n    async for i in items():\n        pass\n"
        "    async for i in other:\n        pass\nawait use()\n"
    )
    place.runs().restore(parse_reference("program@1"), frame="items")
    assert place.namespace["at"] == "here"


def test_a_function_that_did_not_run_there_is_answered_with_the_stack(place: Place) -> None:
    place.run(INSIDE)
    runs = place.runs()
    before = dict(place.namespace)
    with pytest.raises(NoFrame, match="'score'; its stack: main, outer, inner"):
        runs.restore(parse_reference("program@2"), frame="score")
    with pytest.raises(NoFrame, match="its stack: main"):
        runs.restore(parse_reference("program@end"), frame="inner")
    assert place.namespace == before
