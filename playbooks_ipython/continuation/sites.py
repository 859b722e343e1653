"""Sites: the places where a function can be entered again, numbered by its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import AsyncGeneratorType, CodeType, CoroutineType, GeneratorType
from typing import Literal, NamedTuple, TypeAlias

from playbooks_ipython.continuation.source import Source

Kind: TypeAlias = Literal["coroutine", "generator", "async generator"]
Action: TypeAlias = Literal["await", "step", "enter", "exit", "yield", "delegate", "inner"]
MODULE = "<module>"

Role: TypeAlias = Literal["statement", "value", "part"]


class Place(NamedTuple):
    """Where in its source a function begins. No two functions of one source share it."""

    line: int
    column: int
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One place of a function where its frame can stop.

    `number` counts the sites of the function in the order of its tree, from 1. `role` tells
    whether the await is the whole statement, the whole right-hand side of one, or a part.
    `is_bare`: a `yield` of nothing, by which a coroutine only lets others go first.
    `live` and `operands` are hidden locals: what must be kept while the frame is here, and what
    more is needed as long as the operation has to be issued again.
    """

    function: str
    line: int
    number: int
    action: Action
    role: Role
    targets: tuple[str, ...] = ()
    is_leaf: bool = True
    is_bare: bool = False
    live: tuple[str, ...] = field(default=(), repr=False)
    operands: tuple[str, ...] = field(default=(), repr=False)
    call: ast.Call | None = field(default=None, repr=False)
    """What is awaited there, if that is a call; its operands are hidden names."""
    around: list[Site] = field(default_factory=list, repr=False)

    def of_child(self) -> Site:
        """The same site while what is awaited there has sites of its own."""
        if not self.around:
            self.around.append(replace(self, is_leaf=False, around=[]))
        return self.around[0]


@dataclass(slots=True, eq=False, weakref_slot=True)
class Twin:
    """What a code object of ours knows of itself. It is the last constant of the code.

    `cells` are the names that the frame shares with other functions, `variables` its other
    locals. `enter` compiles the resume twin on first use.
    """

    source: Source = field(repr=False)
    place: Place
    qualname: str
    kind: Kind
    flags: int
    sites: tuple[Site, ...]
    cells: tuple[str, ...]
    code: CodeType = field(repr=False)
    compile_resume: Callable[[Twin], CodeType] = field(repr=False)
    _resume: CodeType | None = field(default=None, repr=False)

    @property
    def is_statement(self) -> bool:
        return self.place.name == MODULE

    @property
    def first_line(self) -> int:
        return self.code.co_firstlineno

    @property
    def resume_code(self) -> CodeType:
        if self._resume is None:
            self._resume = self.compile_resume(self)
        return self._resume


def twin_of(awaitable: object) -> Twin | None:
    """The twin whose frame a coroutine or generator holds."""
    # By exact type: asking any other object for an attribute could run the user's code.
    name = _CODES.get(type(awaitable))
    return twin_of_code(getattr(awaitable, name)) if name else None


_CODES: dict[type, str] = {
    CoroutineType: "cr_code",
    GeneratorType: "gi_code",
    AsyncGeneratorType: "ag_code",
}


def is_child(awaitable: object) -> bool:
    """Tell whether an awaitable has a frame of ours, which is continued in its caller's stead.

    A generator that `types.coroutine` made awaitable has none: it is a leaf. But one that stands at
    a bare `yield` is stored, and goes on after it.
    """
    twin = twin_of(awaitable)
    return twin is not None and twin.kind == "coroutine"


def twin_of_code(code: CodeType) -> Twin | None:
    """The twin that a code object belongs to, or None if it is not ours. Constant time."""
    last = code.co_consts[-1] if code.co_consts else None
    return last if type(last) is Twin else None
