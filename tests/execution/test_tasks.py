"""Tasks of a run that nobody goes on with, and how records name what they do."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from playbooks_ipython.checkpoints import parse_reference
from playbooks_ipython.errors import TasksGoOn, UnstorableValue
from playbooks_ipython.execution.runs import Cell
from tests.execution.place import Place

PROGRAM = """
import asyncio
async def one(n):
    first = await tool("first", n)
    second = await tool("second", n)
    return first + second
task = asyncio.create_task(one(1), name="fetch")
x = await tool("main")
y = await tool("main", 2)
z = await task
"""


def records(place: Place) -> list[Any]:
    view = place.provider.view("program", trusted=False)
    return [one for one in view.reader.records() if one.kind in ("issue", "done")]


def test_a_restore_alone_gives_tasks_that_say_why_nobody_ends_them(place: Place) -> None:
    """No code of theirs runs, and no coroutine is left that Python would warn of."""

    async def look() -> None:
        place.runs().restore(parse_reference("program@1"))
        with pytest.raises(UnstorableValue, match="only a run that goes on"):
            await place.namespace["task"]

    place.run(PROGRAM)
    before = list(place.effects)
    asyncio.run(look())
    gc.collect()
    assert place.effects == before


def test_the_end_of_a_run_brings_back_what_its_tasks_gave(place: Place) -> None:
    place.run(PROGRAM)
    given = place.namespace["z"]
    place.runs().restore(parse_reference("program@end"))
    task = place.namespace["task"]
    assert task.done() and task.result() == given and task.get_name() == "fetch"


def test_records_say_in_which_task_an_await_was(place: Place) -> None:
    """And the name of an operation does not depend on what other tasks did meanwhile."""
    place.run(PROGRAM)
    within = [one.fields for one in records(place) if one.fields.get("task")]
    assert {fields["task"] for fields in within} == {"fetch"}
    issued = [one.fields["op"] for one in records(place) if one.kind == "issue"]
    assert [op for op in issued if op.startswith("t1/")] == ["t1/one:1#1", "t1/one:2#2"]
    assert len(issued) == len(set(issued))


def test_a_second_run_is_refused_while_tasks_go_on_behind_the_first(place: Place) -> None:
    async def both() -> None:
        runs = place.runs()
        await runs.run_cell(Cell(PROGRAM.replace("z = await task", ""), "program"))
        with pytest.raises(TasksGoOn, match="--join"):
            await runs.run_cell(Cell("pass", "other"))
        await runs.run_cell(Cell("w = task.result()", "other", join=True))

    asyncio.run(both())
    assert place.namespace["w"] == place.namespace["task"].result()
