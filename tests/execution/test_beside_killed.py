"""What tasks complete beside a library's call that is in flight, while that calls functions of the
program: the call begins again after a restart, and they do not.
"""

from __future__ import annotations

import random
from pathlib import Path

from tests.execution.chains import (
    ALL,
    SEED,
    Kill,
    ending,
    fork,
    kill_points,
    run_chain,
    some_kills,
)
from tests.execution.happenings import Happenings, happenings
from tests.execution.task_chains import Undisturbed, noting_deaths

BESIDE = """
import asyncio
from tests.support.opaque import retry
from tests.support.task_tools import op
async def beneath(name):
    first = await op(name, 1)
    return first, await op(name, 2, 3)
async def through(name):
    return await retry(beneath, name), await op(name, 3)
async def beside(name):
    return [await op(name, n, 2) for n in range(4)]
out = await asyncio.gather(through("a"), beside("b"), through("c"))
await op("main", out)
del retry
"""
SAMPLE, REACH = 5, 9


def test_what_completed_beside_a_call_that_begins_again_is_not_repeated(tmp_path: Path) -> None:
    program = Undisturbed(tmp_path / "plain", BESIDE)
    assert program.run_through(tmp_path / "whole", []) == 0
    for number, kills in enumerate(chosen(kill_points(tmp_path / "whole"))):
        found = killed(tmp_path / str(number), kills, program)
        for label in ("b", "main"):
            assert found.done[label] == program.happened.done[label], kills
        assert kept_once(found, "b"), kills


def killed(folder: Path, kills: list[Kill], program: Undisturbed) -> Happenings:
    """Run the program through kills to the end that CPython comes to."""
    run_chain(folder, BESIDE, kills, iter([noting_deaths(fork)] * (len(kills) + 1)))
    end, lines = ending(folder)
    assert end == program.end, kills
    return happenings(lines)


def kept_once(found: Happenings, label: str) -> bool:
    """Tell whether nothing began again but what was in flight when a process died."""
    started = {key: count for key, count in found.started.items() if key[0] == label}
    return all(count <= 1 + found.interrupted[key] for key, count in started.items())


def chosen(points: list[Kill]) -> list[list[Kill]]:
    random_ = random.Random(SEED)
    sample = points if ALL else random_.sample(points, SAMPLE)
    return [[point, *some_kills(random_, 1, REACH)] for point in sample]
