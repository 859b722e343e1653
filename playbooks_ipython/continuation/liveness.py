"""Liveness: may code still read a variable before it gives it another value?

Answered from a twin's own bytecode, whose jumps and handlers are all that can happen. Where it
cannot be told the answer is yes.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType

from playbooks_ipython.continuation.hidden import PC
from playbooks_ipython.continuation.sites import Site, Twin

_JUMPS = frozenset([*dis.hasjrel, *dis.hasjabs])
_ENDS = frozenset(["RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"])
_ONWARD = frozenset(["JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"])


def may_read(twin: Twin, number: int, name: str) -> bool:
    """Tell whether a frame that goes on at a site may read a name as it is now.

    Args:
        number: of the site; 0 for a frame that has not begun.
    Cost: one look at the function's bytecode.
    """
    if any(_mentions(inner, name) for inner in _inner(twin.code)):
        return True
    flow = _Flow(twin.code)
    starts = flow.starts(number)
    return not starts or any(flow.reads(start, name) for start in starts)


def may_read_outcome(twin: Twin, number: int) -> bool:
    """Tell whether what an await gave may be read, by a frame that stands right after it.

    It is not where the await is a whole statement, or is bound to one name that nothing reads.
    """
    site = twin.sites[number - 1]
    if site.role == "statement":
        return False
    if site.role != "value" or len(site.targets) != 1:
        return True
    (name,) = site.targets
    if any(_mentions(inner, name) for inner in _inner(twin.code)):
        return True
    flow = _Flow(twin.code)
    bound = [flow.binding(start, name) for start in flow.starts(number)]
    return not bound or any(k is None or flow.reads(k + 1, name) for k in bound)


def mentions(code: CodeType, name: str) -> bool:
    """Tell whether a function, or one defined in it, names a global."""
    return _mentions(code, name) or any(_mentions(inner, name) for inner in _inner(code))


def _mentions(code: CodeType, name: str) -> bool:
    return name in (*code.co_names, *code.co_freevars)


def _inner(code: CodeType) -> Iterator[CodeType]:
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield value
            yield from _inner(value)


class _Flow:
    """The instructions of one code object, and where control may go from each."""

    def __init__(self, code: CodeType) -> None:
        found = dis.Bytecode(code)
        self._all = [i for i in found if i.opname != "CACHE"]
        self._at = {one.offset: k for k, one in enumerate(self._all)}
        self._handlers = [(e.start, e.end, e.target) for e in found.exception_entries]  # type: ignore[attr-defined] # in no stub

    def starts(self, number: int) -> list[int]:
        """Where the frame says that it is at a site; a `finally` may stand there twice."""
        if not number:
            return [0]
        return [k + 1 for k in range(len(self._all)) if self._stands_at(k, number)]

    def _stands_at(self, k: int, number: int) -> bool:
        site = self._all[k].argval
        if type(site) is not Site or site.number != number:
            return False
        after = self._all[k + 1]
        return after.opname.startswith("STORE_FAST") and PC in _names(after.argval)

    def binding(self, start: int, name: str) -> int | None:
        """Where a name is bound first, reading the code downward."""
        after = range(start, len(self._all))
        return next((k for k in after if _use(self._all[k], name) == "bind"), None)

    def reads(self, start: int, name: str) -> bool:
        """Tell whether any path from an instruction reads a name before it binds it."""
        waiting, seen = [start], set[int]()
        while waiting:
            k = waiting.pop()
            if k in seen:
                continue
            seen.add(k)
            use = _use(self._all[k], name)
            if use == "read":
                return True
            waiting += self._handlers_of(k)
            if use is None:
                waiting += self._next(k)
        return False

    def _next(self, k: int) -> Iterator[int]:
        one = self._all[k]
        if one.opcode in _JUMPS:
            yield self._at[one.argval]
        if one.opname not in _ENDS and one.opname not in _ONWARD and k + 1 < len(self._all):
            yield k + 1

    def _handlers_of(self, k: int) -> list[int]:
        offset = self._all[k].offset
        return [self._at[to] for start, end, to in self._handlers if start <= offset < end]


def _use(one: dis.Instruction, name: str) -> str | None:
    """What an instruction does first with a name: "read", "bind", or None."""
    if name not in _names(one.argval):
        return None
    if "FAST" in one.opname:
        return _first_use(one, name)
    if one.opname.startswith(("STORE", "DELETE")):
        # A cell is shared: whoever else has it may read it.
        return "read" if "DEREF" in one.opname else "bind"
    return "read" if one.opname.startswith("LOAD") else None


def _first_use(one: dis.Instruction, name: str) -> str | None:
    """The same for locals, of which one instruction may take two."""
    parts = [p for p in one.opname.split("_") if p in ("LOAD", "STORE", "DELETE")]
    for part, used in zip(parts, _names(one.argval), strict=False):
        if used == name:
            return "read" if part == "LOAD" else "bind"
    return None


def _names(argval: object) -> tuple[object, ...]:
    return argval if isinstance(argval, tuple) else (argval,)
