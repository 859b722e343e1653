"""nest_asyncio (H18): awaits run by plain code while a frame of the cell stands below them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.execution.chains import fork, kill_points, prepare, said
from tests.execution.place import Place
from tests.execution.test_remade import check

PROGRAM = """
import nest_asyncio, asyncio
nest_asyncio.apply()
loop = asyncio.get_running_loop()
async def inner(n):
    await tool("in", n)
    effect(f"plain {n}")
    await tool("in again", n)
    return n
def nested(n):
    return asyncio.get_event_loop().run_until_complete(inner(n))
async def outer():
    got = []
    for n in range(2):
        got.append(await tool("before", n))
        got.append(nested(n))
        got.append(await tool("after", n))
    return got
got = await outer()
x = nested(5)
await tool("between")
y = loop.run_until_complete(inner(7))
await tool("end")
del loop
"""


def test_killed_program_with_nested_loops_repeats_only_the_nested_call(tmp_path: Path) -> None:
    """In another process the loop can be run again, and `loop` is the loop that runs there."""
    pytest.importorskip("nest_asyncio")
    check(tmp_path, PROGRAM, prelude="")


def test_nested_awaits_make_no_checkpoint_and_this_is_said_once(tmp_path: Path) -> None:
    pytest.importorskip("nest_asyncio")
    folder = prepare(tmp_path / "whole", PROGRAM)
    assert fork(folder, "run") == 0
    assert kill_points(folder)[-1] == ("done", 7)  # twice before and after, outer itself, two more
    assert said(folder).count("outer is running at line 16, in a call that runs other awaits") == 1


LOOP = """
import asyncio
loop = asyncio.get_running_loop()
other = asyncio.new_event_loop()
other.close()
await tool("a")
effect(str(loop is asyncio.get_running_loop()))
raise ValueError
"""


def test_a_variable_with_the_running_loop_has_it_after_a_resume(
    place: Place,
    capsys: pytest.CaptureFixture[Any],
) -> None:
    """A loop that does not run is a stand-in, and said."""
    with pytest.raises(ValueError):
        place.run(LOOP)
    with pytest.raises(ValueError):
        place.resume()
    assert place.effects == ["tool a ()", "True", "True"]
    assert "other (_UnixSelectorEventLoop) is not stored" in capsys.readouterr().err
