"""Modules named by `modules`: awaits inside their functions are points to continue from."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.execution.place import Place

LIBRARY = """
import functools
from tests.support.outside import effect, tool


def logged(f):
    @functools.wraps(f)
    async def wrapper(*args, **kwargs):
        effect(f"call {f.__name__}")
        result = await f(*args, **kwargs)
        await tool("logged")
        return result
    return wrapper


class Agent:
    def __init__(self, name):
        self.name, self.seen = name, []

    @logged
    async def step(self, n):
        self.seen.append(n)
        await tool(self.name, n)
        effect(f"between {n}")
        if n == stop_at():
            raise ValueError(n)
        self.seen.append(await tool(self.name, n + 1))
        return len(self.seen)

    @classmethod
    async def made(cls, name):
        await tool("made")
        return cls(name)

    async def items(self, n):
        for i in range(n):
            await tool("item", i)
            yield i


class Quiet(Agent):
    async def step(self, n):
        return await super().step(n)


def stop_at():
    return 1


async def pipeline(agent):
    total = 0
    async for i in agent.items(2):
        total += await agent.step(i)
        effect(f"total {total}")
    return total
"""
PROGRAM = """
import agentlib
agent = await agentlib.Quiet.made("bob")
out = await agentlib.pipeline(agent)
effect(f"{out} {agent.seen}")
"""
GOES_ON = LIBRARY.replace("return 1\n", "return None\n")


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file `agentlib.py` that can be imported, and is forgotten again."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = tmp_path / "agentlib.py"
    path.write_text(LIBRARY)
    yield path
    sys.modules.pop("agentlib", None)


def restart() -> None:
    """What a new process would have: nothing imported, no lines remembered."""
    sys.modules.pop("agentlib", None)
    importlib.invalidate_caches()


def run_and_fix(where: Place, library: Path, program: str, **settings: Any) -> list[str]:
    with pytest.raises(ValueError):
        where.run(program, **settings)
    before = len(where.effects)
    library.write_text(GOES_ON)
    restart()
    where.resume(**settings)
    return where.effects[before:]


def test_a_run_goes_on_inside_functions_of_a_module(place: Place, library: Path) -> None:
    """Through a method, `super()`, a decorator and an async generator, imported by the cell."""
    done = run_and_fix(place, library, PROGRAM, modules=("agentlib",))
    assert done == [
        "between 1",
        "tool bob (2,)",
        "tool logged ()",
        "total 6",
        "6 [0, 4, 1, 4]",
    ]


def test_other_modules_are_one_operation(place: Place, library: Path) -> None:
    """Not gone into, the whole call is issued again: the same program, without the setting."""
    done = run_and_fix(place, library, PROGRAM)
    assert done[0] == "tool item (0,)"


def test_a_module_that_was_edited_meanwhile_is_named(
    place: Place,
    library: Path,
    capsys: pytest.CaptureFixture[Any],
) -> None:
    """Running frames go on as written, calls from now on are new; an equal text is not named."""
    run_and_fix(place, library, PROGRAM, modules=("agent*",))
    said = capsys.readouterr().err
    assert said.count("agentlib has changed since: functions of it that were running") == 1


@pytest.mark.usefixtures("library")
def test_an_unchanged_module_is_not_named(
    place: Place,
    capsys: pytest.CaptureFixture[Any],
) -> None:
    for go in (lambda: place.run(PROGRAM, modules=("agentlib",)), place.resume):
        with pytest.raises(ValueError):
            go()
        restart()
    assert "has changed" not in capsys.readouterr().err
    assert place.effects.count("tool item (1,)") == 1


def test_the_globs_of_a_run_hold_where_it_goes_on(place: Place, library: Path) -> None:
    with pytest.raises(ValueError):
        place.run(PROGRAM, modules=("agentlib",))
    library.write_text(GOES_ON)
    restart()
    place.resume()
    assert place.effects[-5] == "between 1"
    assert place.runs().catalogue.view("program").completed > 10


def test_a_file_that_is_newer_than_its_module_changes_nothing(place: Place, library: Path) -> None:
    """What runs is what was imported, though only the new text is there to be read."""
    importlib.import_module("agentlib")
    library.write_text(LIBRARY.replace('tool("made")', 'tool("mode")'))
    with pytest.raises(ValueError):
        place.run(PROGRAM, modules=("agentlib",))
    assert place.effects[0] == "tool made ()"
