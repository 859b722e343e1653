"""Inexact: what cannot be continued exactly, found by line before it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from playbooks_ipython.continuation.definitions import EXHAUSTING
from playbooks_ipython.continuation.scopes import (
    COMPREHENSIONS,
    awaits,
    is_awaiting,
    walk_scope,
    yields,
)
from playbooks_ipython.continuation.source import Source


@dataclass(frozen=True, slots=True)
class Notice:
    """One construct by its line: what it is, and what will happen instead.

    `home`: the module whose line it is, if that is none of the program's own.
    """

    line: int
    text: str
    consequence: str
    home: str | None = None

    def __str__(self) -> str:
        where = f"line {self.line} of {self.home}" if self.home else f"line {self.line}"
        return f"{where}: {self.text}: {self.consequence}"


_HANDLER = (
    "an await in the type of an `except`",
    "there is no point inside it; it is evaluated again after a restart",
)
_GENERATOR = (
    "a generator expression {where}",
    "half-used, it cannot be stored; after a restart it is a stand-in that raises when it is used",
)
_LAMBDA = (
    "a lambda that yields",
    "half-used, its generator cannot be stored; after a restart it is a stand-in that raises",
)


_DELETED = (
    "{name} is deleted, and a function or comprehension within captures it",
    "read after a restart it raises NameError in place of UnboundLocalError",
)


def inexact(node: ast.stmt, source: Source) -> list[Notice]:
    """Return what in a statement cannot be continued exactly, in the order of its lines.

    Cost: one walk of the tree; nothing is compiled or run.
    """
    del source  # every line is in the tree; texts are needed for what a later version will say
    return sorted(set(_find(node, None)), key=lambda notice: notice.line)


def _find(node: ast.AST, where: str | None) -> Iterator[Notice]:
    """`where` says why a hidden function cannot stand here, or is None if one can."""
    if isinstance(node, ast.ExceptHandler) and node.type and awaits(node.type):
        yield Notice(node.type.lineno, *_HANDLER)
    if isinstance(node, ast.GeneratorExp) and where:
        yield Notice(node.lineno, _GENERATOR[0].format(where=where), _GENERATOR[1])
    if isinstance(node, ast.Lambda):
        if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in walk_scope([node.body])):
            yield Notice(node.lineno, *_LAMBDA)
        where = "inside a lambda"
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _deleted(node)
        where = None
    elif isinstance(node, ast.ClassDef):
        where = "in the body of a class"
    elif _stays_as_it_is(node, where):
        where = "inside a comprehension"
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.GeneratorExp) and _is_exhausted_by(node)):
            yield from _find(child, where)


def _deleted(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Notice]:
    """Locals of a function that pauses which are cells, and which it deletes."""
    if not (any(map(awaits, function.body)) or yields(function)):
        return
    scope = list(walk_scope(function.body))
    inner = [n for n in scope if isinstance(n, _INNER)]
    read = {n.id for one in inner for n in ast.walk(one) if isinstance(n, ast.Name)}
    for node in scope:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del) and node.id in read:
            yield Notice(node.lineno, _DELETED[0].format(name=node.id), _DELETED[1])


_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, *COMPREHENSIONS)


def _stays_as_it_is(node: ast.AST, where: str | None) -> bool:
    """Tell whether a comprehension is compiled as written, so that nothing can be put into it."""
    if not isinstance(node, COMPREHENSIONS) or is_awaiting(node):
        return False
    return where is not None or not isinstance(node, ast.GeneratorExp)


def _is_exhausted_by(node: ast.AST) -> bool:
    """Tell whether a call uses its argument up before it returns, as `sum` does."""
    called = node.func if isinstance(node, ast.Call) else None
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
    return name in EXHAUSTING
