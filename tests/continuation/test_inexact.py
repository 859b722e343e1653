"""What cannot be continued exactly is named before it runs."""

import ast

import pytest

from playbooks_ipython.continuation import Source, inexact


def notices(text: str) -> list[tuple[int, str]]:
    source = Source(text, "<cell>")
    found = [notice for node in ast.parse(text).body for notice in inexact(node, source)]
    return [(notice.line, notice.text) for notice in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "rows = [(x for x in y) for y in z]",
            [(1, "a generator expression inside a comprehension")],
        ),
        ("f = lambda: (x for x in y)", [(1, "a generator expression inside a lambda")]),
        ("f = lambda: (yield)", [(1, "a lambda that yields")]),
        (
            "class C:\n    rows = (x for x in y)",
            [(2, "a generator expression in the body of a class")],
        ),
        (
            "try:\n    pass\nexcept await f():\n    pass",
            [(3, "an await in the type of an `except`")],
        ),
    ],
)
def test_construct_is_named_with_its_line(text: str, expected: list[tuple[int, str]]) -> None:
    assert notices(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "total = sum(x for x in y)",
        "lines = (x for x in y)",
        "text = ','.join(str(x) for x in y)",
        "def f():\n    return (x for x in y)",
        "async def f():\n    rows = (await g(x) for x in y)\n    return [r async for r in rows]",
        "rows = [await f(x) for x in (y for y in z)]",
        "for x in await f():\n    async with x as y:\n        await y",
    ],
)
def test_exact_constructs_are_not_named(text: str) -> None:
    assert notices(text) == []


def test_notice_says_what_will_happen() -> None:
    node = ast.parse("f = lambda: (x for x in y)").body[0]
    assert "after a restart it is a stand-in that raises" in str(
        inexact(node, Source("", "<cell>"))[0]
    )


def test_a_deleted_cell_is_named() -> None:
    """Its error after a restart is NameError, of which CPython's own is a special case."""
    text = "async def f():\n    c = 1\n    g = lambda: c\n    await x\n    del c\n    return c\n"
    (notice,) = inexact(ast.parse(text).body[0], Source(text, "<cell>"))
    assert str(notice).startswith("line 5: c is deleted")
    plain = text.replace("    await x\n", "").replace("async ", "")
    assert not inexact(ast.parse(plain).body[0], Source(plain, "<cell>"))
