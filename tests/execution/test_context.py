"""Context variables after a SIGKILL: values, tokens, and what libraries keep in theirs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.execution.place import Place
from tests.execution.test_remade import check
from tests.support import scopes

PROGRAMS = {
    "values across statements": """
import contextvars
who = contextvars.ContextVar("who", default="nobody")
effect(who.get())
before = who.set(["ana"])
await tool("a")
effect(str(who.get()))
kept = who.get()
await tool("b")
effect(str(who.get() is kept))
who.reset(before)
await tool("c")
effect(who.get())
del before
""",
    "tokens in functions": """
import contextvars
depth = contextvars.ContextVar("depth")
async def inside(n):
    token = depth.set(n)
    await tool("in", n)
    if n < 3:
        await inside(n + 1)
    effect(f"{n} {depth.get()}")
    depth.reset(token)
    await tool("out", n)
    effect(f"{n} {depth.get('unset')}")
await inside(1)
""",
    "several tokens": """
import contextvars
v = contextvars.ContextVar("v")
a = v.set(1); b = v.set(2); c = v.set(3)
await tool("set")
for token in (b, c, a):
    v.reset(token)
    effect(str(v.get("unset")))
    await tool("reset")
    effect(f"{token.var is v} {v.get('unset')}")
try:
    v.reset(a)
except RuntimeError:
    effect("used")
del a, b, c, token
""",
    "a context": """
import contextvars
v = contextvars.ContextVar("v", default=0)
aside = contextvars.copy_context()
aside.run(v.set, [1])
await tool("a")
effect(f"{v.get()} {aside.run(v.get)} {aside[v]}")
aside.run(v.get).append(2)
await tool("b")
effect(str(aside[v]))
del aside
""",
    "a library's": """
from tests.support import scopes
from tests.support.scopes import current
with scopes.Bound(a=1):
    await tool("x")
    effect(str(current.get()))
    async def nested():
        with scopes.Bound(b=2):
            await tool("y")
            effect(f"{current.get()} {current is scopes.current}")
        await tool("y")
        effect(str(current.get()))
    await nested()
effect(str(current.get(None)))
await tool("x")
effect(str(current.get(None)))
""",
    "decimal": """
import decimal
from decimal import Decimal
decimal.getcontext().prec = 9
with decimal.localcontext() as local:
    local.prec = 5
    await tool("a")
    effect(str(Decimal(1) / 3))
    local.prec = 6
    async def nested():
        with decimal.localcontext(prec=3):
            await tool("b")
            effect(str(Decimal(1) / 3))
        await tool("c")
        effect(str(Decimal(1) / 3))
    await nested()
effect(str(Decimal(1) / 3))
await tool("d")
effect(str(Decimal(1) / 3))
del local
""",
}
NUMPY = """
import numpy as np
with np.errstate(divide="raise"):
    await tool("x")
    with np.errstate(over="ignore"):
        await tool("y")
        effect(str(np.geterr()))
    await tool("z")
    effect(str(np.geterr()))
effect(str(np.geterr()))
"""


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_killed_program_finds_its_context(program: str, tmp_path: Path) -> None:
    check(tmp_path, program, prelude="")


def test_killed_program_finds_the_error_handling_of_numpy(tmp_path: Path) -> None:
    pytest.importorskip("numpy", minversion="2")
    check(tmp_path, NUMPY, prelude="")


def test_looking_at_a_checkpoint_sets_no_variable_here(place: Place) -> None:
    place.run("from tests.support import scopes\nscopes.current.set({'a': 1})\nawait tool('a')\n")
    place.provider.file_of("program", 1).unlink(missing_ok=True)

    async def look() -> object:
        await place.provider.load_checkpoint("program_ckpt_1")
        return scopes.current.get(None)

    assert asyncio.run(look()) is None
