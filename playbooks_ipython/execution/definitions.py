"""Definitions: the functions of one text, and which of another text each of them is."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from playbooks_ipython.execution.statements import statements_of
from playbooks_ipython.source import same_but_bodies

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Key(NamedTuple):
    """A function by its place in the structure of a text: the top-level statement, its qualified
    name there, and its number among those of that name."""

    statement: int
    qualname: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Defined:
    """One `def` of a text. `line` is that of its first decorator, as code objects have it."""

    key: Key
    node: Function
    line: int


@lru_cache(maxsize=32)
def defined_in(text: str) -> tuple[Defined, ...]:
    """Return every `def` of a text, in its order."""
    seen: Counter[tuple[int, str]] = Counter()
    found = []
    for statement in statements_of(text):
        for qualname, node in _defs(statement.node, ""):
            key = Key(statement.index, qualname, seen[statement.index, qualname])
            seen[statement.index, qualname] += 1
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            found.append(Defined(key, node, first))
    return tuple(found)


def _defs(node: ast.AST, around: str) -> Iterator[tuple[str, Function]]:
    inside = around
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield around + node.name, node
        inside = f"{around}{node.name}.<locals>."
    elif isinstance(node, ast.ClassDef):
        inside = f"{around}{node.name}."
    for child in ast.iter_child_nodes(node):
        yield from _defs(child, inside)


def counterpart(old: str, name: str, line: int, new: str) -> Defined | None:
    """Return what the function of a name that begins at a line of `old` is in `new`.

    None if it is not there any more, or takes other parameters: then it is another function.
    """
    was = next((d for d in defined_in(old) if (d.node.name, d.line) == (name, line)), None)
    now = was and next((d for d in defined_in(new) if d.key == was.key), None)
    if was is None or now is None or not same_but_bodies(was.node, now.node):
        return None
    return now


def text_at(text: str, line: int) -> str:
    """Return the text of the function that begins at a line, as `inspect.getsource` does."""
    return "".join(inspect.getblock(text.splitlines(keepends=True)[line - 1 :]))
