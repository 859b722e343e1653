"""SIGKILL in runs that fail: before their error, while it unwinds, and while they go on from it.

Each program stands before an outage. It is killed after a record, gone on with until its error ends
it, and, when the outage is over, gone on with to its end.
"""

from __future__ import annotations

import random
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.execution.chains import ALL, SEED, Kill, ending, fork, kill_points, prepare, said

OUTAGE = """
from tests.support.outage import is_over, submit

async def call(name):
    await tool(name)
    if name.isupper() and not is_over():
        raise ValueError(name)
    return name

seen = []
"""


@dataclass(frozen=True)
class Failing:
    """`again`: what happens once more when it is gone on with after its error, in order."""

    cell: str
    seen: list[str]
    again: list[str]


PROGRAMS = {
    "caught errors stay as recorded": Failing(
        """
for name in ("a", "B", "c"):
    try:
        seen.append(await call(name))
    except ValueError as error:
        seen.append(f"no {error}")
        await tool("handled")
await call("END")
seen.append("after")
""",
        ["a", "no B", "c", "after"],
        [],
    ),
    "an error from beneath, through cleanup that awaits": Failing(
        """
async def guarded(name):
    try:
        seen.append(await call(name))
    finally:
        await tool("one")
        await tool("two")

await tool("before")
await guarded("END")
""",
        ["END"],
        ["tool one ()", "tool two ()"],
    ),
    "an error raised from the caught one": Failing(
        """
try:
    seen.append(await call("END"))
except ValueError as error:
    await tool("rollback")
    raise RuntimeError("in vain") from error
""",
        ["END"],
        [],
    ),
    "an error that a manager lets through": Failing(
        """
from contextlib import asynccontextmanager

@asynccontextmanager
async def session():
    await tool("open")
    try:
        yield "session"
    finally:
        await tool("close")

async with session() as given:
    seen.append(await call("a"))
    seen.append(await call("END"))
del given
""",
        ["a", "END"],
        ["tool close ()"],
    ),
    "plain code raises": Failing(
        """
seen.append(await call("a"))
effect("plain")
if not is_over():
    raise ValueError("plain")
seen.append(await call("b"))
""",
        ["a", "b"],
        ["plain", "tool b ()"],
    ),
}


def end_outage(folder: Path) -> None:
    (folder / "over").touch()


def go_on(folder: Path) -> tuple[Any, list[str]]:
    """Return the error, and what happened outside meanwhile."""
    before = len(ending(folder)[1]) if (folder / "end.json").exists() else 0
    assert fork(folder, "resume") == 0, said(folder)
    end, outside = ending(folder)
    return end["error"], outside[before:]


def seen(folder: Path) -> list[str]:
    namespace: Any = ending(folder)[0]["namespace"]
    return [text.strip("'") for text in namespace["seen"][1]]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_killed_before_or_within_its_error_a_failed_run_goes_on(
    program: Failing, tmp_path: Path
) -> None:
    """Whenever the process died, what is past stays past, and the failed await comes once more."""
    text = OUTAGE + program.cell
    whole = prepare(tmp_path / "whole", text)
    assert fork(whole, "run") == 0
    points = kill_points(whole)
    some = random.Random(f"{SEED}{program}").sample(points, min(4, len(points)))
    late = points[-1]  # right after the record of the error
    for kind, count in dict.fromkeys([*(points if ALL else some), late]):
        folder = prepare(tmp_path / f"{kind}-{count}", text)
        assert fork(folder, "run", kind, count) == -signal.SIGKILL
        error, _ = go_on(folder)
        assert error == ending(whole)[0]["error"], said(folder)
        end_outage(folder)
        assert go_on(folder) == (None, program.again), f"after {kind} {count}: {said(folder)}"
        assert seen(folder) == program.seen


RETRIED = OUTAGE + "await tool('before')\nseen.append(await submit('END'))\n"


@pytest.mark.parametrize(
    ("kill", "attempts"),
    [(("issue", 1), [1, 3, 4]), (("done", 1), [1, 2, 3]), (None, [1, 2, 3])],
    ids=["in its second attempt", "after its second error", "not killed"],
)
def test_the_await_that_ended_the_run_counts_its_attempts(
    kill: Kill | None, attempts: list[int], tmp_path: Path
) -> None:
    """Also when the process dies while the run goes on from its error."""
    folder = prepare(tmp_path / "failed", RETRIED)
    assert fork(folder, "run") == 0
    if kill is not None:
        assert fork(folder, "resume", *kill) == -signal.SIGKILL
    assert go_on(folder)[0] == "ValueError: END"
    end_outage(folder)
    assert go_on(folder)[0] is None
    assert ending(folder)[1] == ["tool before ()", *(f"END attempt {n}" for n in attempts)]
    assert seen(folder) == ["END"]


def test_code_after_a_repeated_await_is_no_second_attempt(tmp_path: Path) -> None:
    text = "from playbooks_ipython import attempt\nawait tool('x')\neffect(str(attempt()))\n"
    folder = prepare(tmp_path / "killed", text)
    assert fork(folder, "run", "issue", 1) == -signal.SIGKILL
    assert fork(folder, "resume") == 0
    assert ending(folder)[1] == ["tool x ()", "1"]
