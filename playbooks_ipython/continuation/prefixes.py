"""Prefixes: what of a function has run when its frame stands at a site. Decides nothing by text.

Read off the lowered tree, where every site is a statement of its own and operands stand in the
order in which they are evaluated: everything before the site, headers of what is around it
included, what is awaited or given there, and nothing after it. The numbers of sites and the names
of hidden locals are part of what is read, so where two prefixes are equal, a frame that was kept by
the one function means the same in the other.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import zip_longest
from types import MappingProxyType
from typing import NamedTuple

from playbooks_ipython.continuation.compiling import lower_statement
from playbooks_ipython.continuation.hidden import is_hook
from playbooks_ipython.continuation.scopes import Function
from playbooks_ipython.continuation.sites import MODULE, Place, Site
from playbooks_ipython.continuation.source import Source
from playbooks_ipython.continuation.twins import Lowered

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_PAUSES = (ast.Await, ast.Yield, ast.YieldFrom)


class Key(NamedTuple):
    """Which function of a statement: by its name there, and its number among those of that name."""

    qualname: str
    ordinal: int


class Token(NamedTuple):
    """One thing that was read, and the line where it stands."""

    text: str
    line: int


@lru_cache(maxsize=128)
def functions_of(source: Source, index: int, flags: int) -> Mapping[Key, Lowered]:
    """Return what can pause in a top-level statement: functions, comprehensions, itself."""
    seen: Counter[str] = Counter()
    found: dict[Key, Lowered] = {}
    every = lower_statement(source, index, flags)
    for one in sorted(every, key=lambda one: one.place[:2]):
        name = one.draft.qualname
        found[Key(name, seen[name])] = one
        seen[name] += 1
    return MappingProxyType(found)


def key_at(functions: Mapping[Key, Lowered], place: Place) -> Key | None:
    return next((key for key, one in functions.items() if one.place == place), None)


def site_of(function: Lowered, number: int) -> Site | None:
    """Return a site of a function, None where it has not so many."""
    sites = function.draft.sites
    return sites[number - 1] if 0 < number <= len(sites) else None


def first_change(old: Lowered, new: Lowered, number: int) -> int | None:
    """Return the line, in the new function, of the first thing that had run and is another now.

    None if nothing is: then a frame of the old one that stands at the site can go on as one of the
    new one.
    """
    for was, now in zip_longest(_prefix(old, number), _prefix(new, number)):
        if was is None or now is None or was.text != now.text:
            return now.line if now is not None else new.node.lineno
    return None if _holds_same(old, new, number) else new.node.lineno


def _holds_same(old: Lowered, new: Lowered, number: int) -> bool:
    """Tell whether a frame at the site keeps the same hidden locals: the end of the proof."""
    if not number:
        return True
    was, now = site_of(old, number), site_of(new, number)
    return (
        was is not None
        and now is not None
        and (was.action, was.live, was.operands) == (now.action, now.live, now.operands)
    )


def _prefix(function: Lowered, number: int) -> Iterator[Token]:
    """Read a function up to a site; 0 reads its header only."""
    reader = _Reader(function, number)
    yield from reader.header(function.node)
    if number:
        yield from reader.body()


class _Reader:
    """Reads the lowered tree of one function. `reached` once it came to the pause of the site."""

    def __init__(self, function: Lowered, number: int) -> None:
        self.function, self.reached, self._is_there = function, False, False
        self._goal = function.draft.site_mark(number)
        self._line = function.node.lineno
        self._apart = self._comprehension_at(number)

    def _comprehension_at(self, number: int) -> tuple[int, int] | None:
        """Where the comprehension stands that is awaited at the site: its own frame is read too."""
        site = site_of(self.function, number)
        if site is None or site.action != "inner":
            return None
        for node in ast.walk(self.function.node):
            if isinstance(node, ast.Assign) and _constant(node) == self._goal:
                return node.lineno, node.col_offset
        return None

    def header(self, node: Function) -> Iterator[Token]:
        yield Token(f"{type(node).__name__} {node.name}", node.lineno)
        yield from self._read([node.args, *node.decorator_list, node.returns])

    def body(self) -> Iterator[Token]:
        first, *rest = self.function.node.body
        yield from self._read(rest if _is_text(first) else [first, *rest])

    def _read(self, value: object) -> Iterator[Token]:
        if self.reached:
            return
        if isinstance(value, list):
            for item in value:
                yield from self._read(item)
            if not self.reached:
                yield Token("]", self._line)
        elif isinstance(value, ast.AST):
            self._line = getattr(value, "lineno", self._line)
            yield from self._node(value)
        else:
            yield Token(repr(value), self._line)

    def _node(self, node: ast.AST) -> Iterator[Token]:
        if self._is_there and isinstance(node, ast.Assign) and isinstance(node.value, _PAUSES):
            if not isinstance(node.value, ast.Await):  # a yield: its value was given
                yield from self._read(node.value)
            self.reached = True
        elif isinstance(node, ast.Assign) and (mark := _constant(node)).startswith("\0twin"):
            self._is_there = mark == self._goal
            number = mark.removeprefix("\0twin ").partition(" ")[2]
            yield Token(f"site {number}", self._line)
        elif isinstance(node, _FUNCTIONS):
            yield from self.header(node)
            if not self._is_read_apart(node):
                yield from self._read(node.body)
        elif not self._is_about_the_rest(node):
            yield Token(type(node).__name__, self._line)
            for name in node._fields:
                yield from self._read(_field(node, name))

    def _is_read_apart(self, node: Function) -> bool:
        """Tell whether a body is that of another frame, or of a function that may change."""
        return node.name.isidentifier() or (node.lineno, node.col_offset) == self._apart

    def _is_about_the_rest(self, node: ast.AST) -> bool:
        """Tell whether a node at the top of a statement's frame was made of all of it."""
        if self.function.place.name != MODULE:
            return False
        made = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        annotates = made and is_hook(node.value.func, "setup_annotations")  # type: ignore[attr-defined]  # it was asked
        return annotates or (isinstance(node, ast.Global) and node in self.function.node.body)


def _constant(node: ast.Assign) -> str:
    value = getattr(node.value, "value", None)
    return value if isinstance(value, str) else ""


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)


def _field(node: ast.AST, name: str) -> object:
    value = getattr(node, name, None)
    if name == "args" and isinstance(node, ast.Call) and _begins_with_line(node.func):
        return node.args[1:]  # the first is a line, which is layout
    return value


def _begins_with_line(hook: ast.expr) -> bool:
    return is_hook(hook, "call") or is_hook(hook, "calls")
