"""SIGKILL beneath the retry libraries that people use, and with a connection from an await."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from tests.execution.chains import ALL, SEED, ending, fork, kill_points, prepare

RETRIED = """
import {library}
tries = []
@{library}.{retry}
async def step(n):
    tries.append(n)
    got = await tool("step", n)
    got += await tool("more", n)
    if len(tries) % 2:
        raise ValueError(n)
    return got
out = [await step(n) for n in range(2)]
del {library}, step
"""

PROGRAMS = {
    "tenacity": """
import tenacity
tries = []
@tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_none())
async def step(n):
    tries.append(n)
    got = await tool("step", n, len(tries))
    if len(tries) % 2:
        raise ValueError(n)
    return got
out = [await step(n) for n in range(2)]
attempts = tenacity.AsyncRetrying(
    stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_none()
)
async for attempt in attempts:
    with attempt:
        out.append(await tool("try", len(tries)))
        tries.append("x")
        if len(tries) < 6:
            raise ValueError
        await tool("last")
del tenacity, step, attempt, attempts
""",
    "backoff": RETRIED.format(
        library="backoff",
        retry="on_exception(backoff.constant, ValueError, interval=0.001, max_tries=3)",
    ),
    "stamina": RETRIED.format(
        library="stamina",
        retry="retry(on=ValueError, attempts=3, wait_initial=0.001, wait_max=0.002)",
    ),
    "aiosqlite": """
import aiosqlite, os
from pathlib import Path
path = str(Path(os.environ["OUTSIDE"]).parent / "x.db")
class Keep: pass
keep = Keep()
db = keep.db = await aiosqlite.connect(path, isolation_level=None)
await db.execute("create table if not exists t (n integer primary key, got)")
seen = []
for n in range(4):
    got = await tool("n", n)
    await keep.db.execute("insert into t values (?, ?)", (n, got))
    seen.append(n)
    cursor = await db.execute("select count(*) from t")
    seen.append((await cursor.fetchone())[0])
assert keep.db is db
await db.close()
del db, cursor, path, Path, os, aiosqlite, keep, Keep
""",
}


@pytest.mark.parametrize("library", PROGRAMS)
def test_a_program_killed_within_a_library_ends_as_if_nothing_had_happened(
    library: str, tmp_path: Path
) -> None:
    """Retries are not begun again, no tool is called twice, no row is inserted twice."""
    cell = PROGRAMS[library]
    undisturbed = prepare(tmp_path / "undisturbed", cell)
    assert fork(undisturbed, "run") == 0
    expected = ending(undisturbed)
    assert expected[0]["error"] is None
    points = kill_points(undisturbed)
    for kind, count in points if ALL else random.Random(f"{SEED}{library}").sample(points, 5):
        folder = prepare(tmp_path / f"{kind}-{count}", cell)
        assert fork(folder, "run", kind, count) == -signal.SIGKILL
        assert fork(folder, "resume") == 0
        assert ending(folder) == expected, f"{library} killed after {kind} {count}, seed {SEED}"
