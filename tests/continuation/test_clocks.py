"""Values of clocks that end with their process, kept across an await, are named before they run."""

from __future__ import annotations

import ast

import pytest

from playbooks_ipython.continuation.clocks import kept_readings

KEPT = {
    "statements": ("t = time.perf_counter()\nawait f()\nprint(time.perf_counter() - t)", (1, 3)),
    "function": (
        "async def g():\n    t = monotonic()\n    await f()\n    return monotonic() - t",
        (2, 4),
    ),
    "deadline": (
        "end = loop.time() + 5\nwhile loop.time() < end:\n    await f()",
        (1, 2),
    ),
    "running loop": ("end = 5 + asyncio.get_running_loop().time()\nawait f()\nend", (1, 3)),
    "next round": (
        "t = perf_counter()\nfor x in y:\n    print(perf_counter() - t)\n    await f()",
        (1, 3),
    ),
    "set in the loop": (
        "for x in y:\n    if x:\n        print(t)\n    t = perf_counter()\n    await f()",
        (4, 3),
    ),
    "one branch": ("t = perf_counter()\nif x:\n    await f()\nprint(t)", (1, 4)),
    "after break": (
        "while True:\n    t = perf_counter()\n    await f()\n    if x:\n        break\nprint(t)",
        (2, 6),
    ),
    "handler": (
        "t = perf_counter()\ntry:\n    x = await f()\n    t = 0\nexcept OSError:\n    print(t)",
        (1, 6),
    ),
    "finally": (
        "async def g():\n    t = perf_counter()\n    try:\n        return await f()\n"
        "    finally:\n        print(t)",
        (2, 6),
    ),
    "async with": ("t = perf_counter()\nasync with x:\n    print(t)", (1, 3)),
    "async for": ("t = perf_counter()\nasync for x in y:\n    print(t)", (1, 3)),
    "alias": ("t = perf_counter_ns()\nu = t\nawait f()\nprint(u)", (1, 4)),
    "walrus": ("print(t := perf_counter())\nawait f()\nprint(t)", (1, 3)),
    "unpacked": ("t, n = perf_counter(), 0\nawait f()\nprint(t)", (1, 3)),
    "annotated": ("t: float = process_time()\nawait f()\nprint(t)", (1, 3)),
    "closure": (
        "t = perf_counter()\ndef spent():\n    return perf_counter() - t\nawait f()",
        (1, 4),
    ),
    "comprehension": ("t = perf_counter()\n[(await f(x), print(t)) for x in y]", (1, 2)),
    "match": (
        "t = perf_counter()\nmatch x:\n    case 1:\n        await f()\nprint(t)",
        (1, 5),
    ),
    "async generator": (
        "async def g():\n    t = perf_counter()\n    yield 1\n    print(t)\n    await f()",
        (2, 4),
    ),
}
EXACT = [
    "t = perf_counter()\nwork()\nprint(perf_counter() - t)\nawait f()",
    "t = time.time()\nawait f()\nprint(time.time() - t)",
    "for x in y:\n    t = perf_counter()\n    work()\n    print(perf_counter() - t)\n    await f()",
    "t = perf_counter()\nspent = perf_counter() - t\nawait f()\nprint(spent)",
    "t = perf_counter()\nawait f(t)",
    "t = perf_counter()\nawait f()\nt = perf_counter()\nprint(t)",
    "t = perf_counter()\nawait f()",
    "async def g():\n    t = perf_counter()\n    if x:\n        return await f()\n    print(t)",
    "t = perf_counter()\ndef g():\n    t = 1\n    return t\nawait f()",
    "def g():\n    t = perf_counter()\n    return perf_counter() - t\nawait f()",
    "async def g():\n    t = perf_counter()\n    return t\nawait g()",
    "t = datetime.time()\nawait f()\nprint(t)",
    "await f()\nt = perf_counter()\nprint(perf_counter() - t)",
]


def kept(text: str) -> list[tuple[int, int]]:
    return [(one.notice.line, one.read_at) for one in kept_readings(ast.parse(text).body)]


@pytest.mark.parametrize(("text", "lines"), KEPT.values(), ids=KEPT)
def test_what_is_read_after_an_await_is_named(text: str, lines: tuple[int, int]) -> None:
    """By the line of the reading; and the line that uses it is known."""
    assert kept(text) == [lines]


@pytest.mark.parametrize("text", EXACT)
def test_what_is_not_read_after_an_await_is_not_named(text: str) -> None:
    assert kept(text) == []


def test_the_notice_says_what_to_use() -> None:
    (one,) = kept_readings(ast.parse(KEPT["statements"][0]).body)
    said = "line 1: a value of perf_counter() is kept in `t` across an await: after a restart"
    assert str(one.notice).startswith(said)
    assert str(one.notice).endswith("use time.time()")
