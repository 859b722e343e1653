"""SIGKILL beneath code of a library, and while what cannot be stored is in use."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from tests.execution.chains import ALL, SEED, ending, fork, kill_points, prepare

HEAD = "from tests.support.opaque import Loop, collect, get, retry\n"
TAIL = "\ndel Loop, collect, get, retry\n"

PROGRAMS = {
    "a retry": """
calls = []
async def step(n):
    got = await tool("first", n)
    got += await tool("second", n, got)
    calls.append(got)
    if len(calls) < 3:
        raise ValueError(n)
    return got
before = await tool("before")
result = await retry(step, 7)
after = await tool("after", result)
""",
    "a retry over failing awaits": """
async def once(n):
    await tool("tried", n, len(seen))
    seen.append(n)
    if len(seen) < 3:
        raise ValueError(f"not yet {n}")
    return n
async def step(n):
    try:
        return await failing(once, n)
    finally:
        await tool("cleaned", n)
async def failing(function, n):
    return await function(n)
seen = []
result = await retry(step, 7)
await tool("after", result)
""",
    "an agent's loop": """
async def search(question):
    found = await tool("search", question)
    return await tool("read", found)
async def answer(text):
    notes.append(text)
    return (await tool("answer", text), await tool("check", text))
notes = []
loop = Loop(search, answer, search)
result = await loop.run("why?")
""",
    "two loops of libraries, one in the other": """
async def inner(n):
    return await tool("inner", n) + await tool("inner again", n)
async def outer(n):
    one = await retry(inner, n)
    return one + await retry(inner, n + 1)
result = [await retry(outer, n) for n in (1, 20)]
""",
    "a generator that a library goes through": """
async def numbers():
    for n in range(3):
        yield await tool("number", n)
result = await collect(numbers())
""",
    "a queue beneath": """
import asyncio
async def work():
    queue = asyncio.Queue()
    await queue.put(1)
    await queue.put(2)
    first = await queue.get()
    await tool("between", first)
    return [first, await queue.get()]
result = await retry(work)
del asyncio
""",
    "responses": """
texts = []
for n in range(3):
    response = await get(n)
    size = await tool("size", n)
    texts.append((await response.text(), size))
    await tool("saved", n)
response = None
""",
    "a response in a function": """
async def fetch(n):
    response = await get(n)
    await tool("fetched", n)
    text = await response.text()
    await tool("used", text)
    return text
result = [await fetch(n) for n in range(2)]
""",
    "a response that nobody reads": """
async def post(n):
    await tool("posted", n)
    return await get(n)
for n in range(3):
    await post(n)
last = await post(n)
await tool("end")
del last
""",
    "a response that a function reads": """
async def size():
    return len(await response.text()) + await tool("size")
response = await get("first")
one = await size()
response = await get("second, longer")
two = await size()
response = None
""",
    "responses in a list": """
kept = []
for n in range(2):
    kept.append(await get(n))
    await tool("got", n)
texts = [await one.text() for one in kept]
await tool("texts", *texts)
kept.clear()
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_region_is_gone_through_again_without_repeating_a_tool(name: str, tmp_path: Path) -> None:
    """Same variables, and no call of a tool twice but the one that was in flight."""
    cell = HEAD + PROGRAMS[name] + TAIL
    undisturbed = prepare(tmp_path / "undisturbed", cell)
    assert fork(undisturbed, "run") == 0
    expected, effects = ending(undisturbed)
    assert expected["error"] is None
    points = kill_points(undisturbed)
    for kind, count in points if ALL else random.Random(f"{SEED}{name}").sample(points, 6):
        folder = prepare(tmp_path / f"{kind}-{count}", cell)
        assert fork(folder, "run", kind, count) == -signal.SIGKILL
        assert fork(folder, "resume") == 0
        after, again = ending(folder)
        what = f"{name} killed after {kind} {count}, seed {SEED}"
        assert after == expected, what
        assert again == effects, what


def test_a_region_is_left_alone_by_kills_while_it_is_gone_through_again(tmp_path: Path) -> None:
    """What was answered once is answered again after the next kill."""
    cell = HEAD + PROGRAMS["two loops of libraries, one in the other"] + TAIL
    undisturbed = prepare(tmp_path / "undisturbed", cell)
    assert fork(undisturbed, "run") == 0
    folder = prepare(tmp_path / "chain", cell)
    assert fork(folder, "run", "done", 4) == -signal.SIGKILL
    kills = 1
    while fork(folder, "resume", "done", 5 + kills) == -signal.SIGKILL:
        kills += 1
    assert kills >= 3
    assert ending(folder) == ending(undisturbed)


def test_another_call_than_before_the_restart_stops_the_run(tmp_path: Path) -> None:
    """Nothing is called, and the message says which line, what for, and what next."""
    cell = (
        HEAD + "import os\nasync def step():\n    await tool('who', os.getpid())\n"
        "    return await tool('then')\nawait tool('first')\nawait retry(step)\n"
    )
    folder = prepare(tmp_path / "other", cell)
    assert fork(folder, "run", "done", 2) == -signal.SIGKILL
    assert fork(folder, "resume") == 0
    after, effects = ending(folder)
    assert len(effects) == 2
    assert after["error"] == (
        "OtherCall: program cannot go on: line 4 now asks for tool(), and before the restart line "
        "4 asked for tool() here, or with other arguments. `%playbook resume program@1` goes on "
        "from before all that is asked again, or `--fresh` starts over"
    )


SAID = {
    "a retry": "line 12: this await calls your functions from code of a library",
    "responses": "line 5: what this await gave cannot be stored",
}


@pytest.mark.parametrize("name", SAID)
def test_a_region_is_said_once_by_line_when_it_opens(name: str, tmp_path: Path) -> None:
    cell = HEAD + PROGRAMS[name] + TAIL
    folder = prepare(tmp_path / "said", cell)
    assert fork(folder, "run") == 0
    log = (folder / "log.txt").read_text()
    assert log.count(SAID[name]) == 1
    assert "again" in log


def test_a_response_that_is_not_read_any_more_is_not_asked_for_again(tmp_path: Path) -> None:
    """The await that gave it completed, and its outcome is on no path that is left."""
    cell = (
        HEAD + "async def post(n):\n    await tool('posted', n)\n    return Response(n)\n"
        "from tests.support.opaque import Response\n"
        "for n in range(2):\n    response = await post(n)\n    await tool('next', n)\n"
    )
    folder = prepare(tmp_path / "unread", cell)
    assert fork(folder, "run", "done", 6) == -signal.SIGKILL
    assert fork(folder, "resume") == 0
    expected = [f"tool {what} ({n},)" for n in (0, 1) for what in ("posted", "next")]
    assert ending(folder)[1] == expected
