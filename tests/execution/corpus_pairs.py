"""Concurrent programs: each program of the lone corpus beside its neighbour, in two tasks.

So all that the language has meets what other tasks do meanwhile.
"""

from __future__ import annotations

import textwrap

from tests.continuation.corpus import PROGRAMS as ALONE

_START = "import asyncio\nfrom tests.support.task_tools import Tools\n"
_START += "TOOLS = {'eff', 'leaf', 'quick', 'Ticks', 'Manager'}\n"
_CHILD = """async def {name}():
    eff, leaf, quick, Ticks, Manager = Tools({name!r})
{body}
    return {{n: v for n, v in sorted(locals().items()) if n not in TOOLS}}
"""
_END = "out = await asyncio.gather({calls}, return_exceptions=True)\n"


def _child(name: str) -> str:
    return _CHILD.format(name=name, body=textwrap.indent(ALONE[name], "    "))


def _is_possible(name: str) -> bool:
    """Tell whether what stands at the top level of a module may stand in a function."""
    try:
        compile(_child(name), name, "exec")
    except SyntaxError:
        return False
    return True


def pair(one: str, other: str) -> str:
    calls = f"{one}(), {other}()"
    return _START + _child(one) + _child(other) + _END.format(calls=calls)


# What `exec` binds in a function can be seen in its `locals()` up to Python 3.12 only.
_POSSIBLE = sorted(filter(_is_possible, ALONE.keys() - {"module_names"}))

PROGRAMS = {
    f"{one}_beside_{other}": pair(one, other)
    for one, other in zip(_POSSIBLE[::2], _POSSIBLE[1::2], strict=False)
}
