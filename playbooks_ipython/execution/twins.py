"""Twins for what is there already: functions of earlier cells, of chosen modules, just restored."""

from __future__ import annotations

import contextlib
import dis
import gc
import inspect
import linecache
import sys
from collections.abc import Iterable
from fnmatch import fnmatch
from types import CodeType, FunctionType
from typing import Any

from playbooks_ipython.continuation import instrument
from playbooks_ipython.continuation.plain import code_in
from playbooks_ipython.continuation.quiet import is_restored_inner, waiting_functions
from playbooks_ipython.continuation.sites import twin_of_code
from playbooks_ipython.continuation.twins import every_code

ALWAYS = ("contextlib", "functools", "tenacity", "tenacity.*", "backoff", "backoff.*")
"""Modules whose frames stand between frames of the user's own so often that they are gone into."""

# How a call is prepared, not what is called.
_HOW = frozenset(["CACHE", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL"])
_SUSPENDS = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


def give_twins(
    namespace: dict[str, Any], modules: Iterable[str] = (), *, with_anyio: bool = False
) -> None:
    """Give every function that runs in this namespace, or in a module chosen, its twin.

    Found by asking the garbage collector, since a function may be held by anything: a class, a
    closure, a registry. Functions that have theirs are left alone. Functions whose text is not
    known keep their code; their awaits are then no points.

    Args:
        modules: globs of module names, beside those that are always gone into.
        with_anyio: what of anyio waits is gone into too, as that of asyncio always is.
    Cost: one look at every object of the process, some 20 ms, and the compilation of what is new;
    of anyio that is 0.7 s, once.
    """
    homes = {id(namespace), *_homes((*ALWAYS, *modules))}
    found = [f for f in gc.get_objects() if type(f) is FunctionType]
    chosen = [f for f in found if id(f.__globals__) in homes or is_restored_inner(f)]
    for function in (*chosen, *waiting_functions(with_anyio=with_anyio)):
        if _needs_one(function.__code__):
            lines = linecache.getlines(function.__code__.co_filename)
            if lines:
                _give(function, "".join(lines))


def _give(function: FunctionType, text: str) -> None:
    """Give one function its twin, unless its text is one that cannot be lowered.

    A file may have changed since it was imported, and an expression may nest deeper than Python's
    own stack: such a function keeps its code, and its awaits are no points.
    """
    if _is_stale(function.__code__, text):
        return
    with contextlib.suppress(SyntaxError, RecursionError, ValueError):
        instrument(function, text)


def _is_stale(code: CodeType, text: str) -> bool:
    """Tell whether a text has another function where this one stands; no twin may be of that."""
    same = code_in(text, code)
    if same is None or same.replace(co_flags=code.co_flags) == code:
        return False
    return _steps_of(same) != _steps_of(code)


def _steps_of(code: CodeType) -> list[object]:
    """What code does, in order, whatever else its text imports: that alone changes how a method of
    a module is called."""
    steps: list[object] = [code.co_varnames, code.co_firstlineno]
    for one in dis.get_instructions(code):
        if one.opname in _HOW:
            continue
        jumps = one.opcode in dis.hasjrel or one.opcode in dis.hasjabs
        value = _steps_of(one.argval) if isinstance(one.argval, CodeType) else one.argval
        steps.append((one.opname.replace("METHOD", "ATTR"), None if jumps else value))
    return steps


def _homes(globs: Iterable[str]) -> set[int]:
    chosen = tuple(globs)
    return {
        id(vars(module))
        for name, module in list(sys.modules.items())
        if any(fnmatch(name, glob) for glob in chosen) and hasattr(module, "__dict__")
    }


def _needs_one(code: CodeType) -> bool:
    """Tell whether code can pause, or defines what can, and is not ours yet."""
    return _makes_frames(code) and not any(map(twin_of_code, every_code(code)))


def _makes_frames(code: CodeType) -> bool:
    """Tell whether calling the function, or one defined in it, makes a frame that can suspend."""
    inner = (c for c in code.co_consts if isinstance(c, CodeType))
    return bool(code.co_flags & _SUSPENDS) or any(map(_makes_frames, inner))
