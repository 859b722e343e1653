"""Errors after a SIGKILL: what they are, what they hold, and where they say that they came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.test_remade import check

LINES = """
import traceback
def lines(error):
    return str([(f.name, f.lineno, f.line) for f in traceback.extract_tb(error.__traceback__)])
def deep(n):
    if n:
        deep(n - 1)
    raise KeyError("deep")
async def fails(n):
    await tool("f")
    deep(n)
"""
TRACES = {
    "kept and raised again": """
try:
    await fails(2)
except KeyError as e:
    kept = e
    await tool("in handler")
    effect(lines(e))
await tool("after")
effect(lines(kept))
try:
    raise kept
except KeyError as e:
    await tool("again")
    effect(lines(e))
    try:
        await fails(1)
    except KeyError as e2:
        await tool("inner")
        effect(lines(e2) + lines(e2.__context__))
""",
    "through finally and from": """
async def cleans():
    try:
        await fails(0)
    finally:
        await tool("clean")
        await tool("cleaned")
async def translates():
    try:
        await cleans()
    except KeyError as e:
        await tool("caught")
        effect(lines(e))
        raise ValueError("no") from e
try:
    await translates()
except ValueError as e:
    effect(lines(e) + lines(e.__cause__))
    await tool("z")
    e.add_note("a note")
    await tool("z")
    effect("".join(traceback.format_exception(e)).partition("direct cause")[2])
""",
    "in a manager": """
class Closes:
    async def __aenter__(self):
        await tool("enter")
    async def __aexit__(self, kind, error, trace):
        await tool("exit")
        effect(lines(error) + str(trace is error.__traceback__))
        await tool("exited")
try:
    async with Closes():
        await fails(0)
except KeyError as e:
    effect(lines(e))
""",
    "groups": """
try:
    await fails(0)
except KeyError as e:
    kept = e
try:
    raise ExceptionGroup("g", [kept, ValueError(1)])
except* KeyError as group:
    await tool("star")
    effect(lines(group) + lines(group.exceptions[0]) + str(group.exceptions[0] is kept))
    await tool("star")
except* ValueError as group:
    await tool("another")
    effect(lines(group))
""",
    "a traceback by itself": """
import sys
try:
    await fails(0)
except KeyError as e:
    kind, error, trace = sys.exc_info()
await tool("a")
effect(str([(f.name, f.lineno, f.line) for f in traceback.extract_tb(trace)]))
effect(f"{trace is error.__traceback__} {trace.tb_frame.f_code.co_qualname}")
del trace
""",
}
MADE = """
class KeywordOnly(Exception):
    def __init__(self, *, code, why="none"):
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why
class Slotted(Exception):
    __slots__ = ("left", "right")
class Failing(Exception):
    def __init__(self, a, b):
        effect("init")
class Fatal(KeywordOnly, ValueError):
    pass
def make(*, kind, **given):
    error = kind(**given)
    error.add_note("noted")
    error.more = [error.args]
    return error
slotted = Slotted(1)
slotted.left = [2]
cause = OSError(2, "gone", "file.txt")
errors = [
    make(kind=KeywordOnly, code=3), make(kind=Fatal, code=4, why="bad"), slotted, Failing(1, 2),
    UnicodeDecodeError("utf-8", b"x", 0, 1, "odd"), SyntaxError("bad", ("f", 1, 2, "x = =")),
    StopIteration(5), SystemExit(6), AttributeError("a", name="n", obj=slotted), cause,
    ImportError("m", name="n", path="p"), NameError("a", name="b"), KeyError(),
]
errors.append(ExceptionGroup("all", [errors[0], ExceptionGroup("inner", [cause, slotted])]))
errors[0].__cause__, errors[1].__context__, errors[1].__suppress_context__ = cause, slotted, True
cause.__context__ = errors[3]
def told(e):
    names = "code why left more errno strerror filename name path obj start reason msg text value"
    names = names.split() + ["offset", "__notes__", "__suppress_context__"]
    chain = [errors.index(o) if o else None for o in (e.__cause__, e.__context__)]
    inner = [errors.index(o) for o in getattr(e, "exceptions", ()) if o in errors]
    seen = {n: str(getattr(e, n)) for n in names if hasattr(e, n)}
    return f"{type(e).__mro__[:-1]} {e.args!r} {e} {seen} {chain} {inner}"
for n in range(2):
    await tool(str(n))
    for e in errors:
        effect(ascii(told(e)))
    effect(str(errors[-1].exceptions[1].exceptions[0] is cause))
del errors, slotted, cause, e
"""
HTTP = """
import httpx
request = httpx.Request("GET", "http://x/1")
error = httpx.HTTPStatusError("teapot", request=request, response=httpx.Response(418))
async def get():
    await tool("get")
    raise error
try:
    await get()
except httpx.HTTPStatusError as e:
    caught = e
    await tool("a")
    effect(f"{caught is error} {e} {e.request.url} {e.response.status_code}")
    await tool("b")
    effect(f"{caught is error} {e} {e.request.url} {e.response.status_code}")
del request, error, caught
"""


@pytest.mark.parametrize("program", TRACES.values(), ids=TRACES)
def test_killed_program_still_knows_where_its_errors_came_from(
    program: str, tmp_path: Path
) -> None:
    """File lines and functions of each step, as if nothing had happened, with no step twice."""
    check(tmp_path, program + "\nkept = e = error = None\n", prelude=LINES)


def test_killed_program_has_its_errors_with_all_they_hold(tmp_path: Path) -> None:
    """Type, arguments, notes, chain, members and attributes; no `__init__` runs again."""
    check(tmp_path, MADE, prelude="")


def test_killed_program_has_an_error_that_pickle_cannot_load(tmp_path: Path) -> None:
    pytest.importorskip("httpx")
    check(tmp_path, HTTP, prelude="")
