"""Module level: a statement of a cell that awaits, as a function that behaves like a module."""

from __future__ import annotations

import ast
import sys
from typing import Any

from playbooks_ipython.continuation.hidden import call_hook, constant, place
from playbooks_ipython.continuation.scopes import Function, bound_names
from playbooks_ipython.continuation.sites import MODULE

# From 3.14 on no annotation is evaluated where it stands. Those of a statement that awaits are not
# in the namespace's `__annotate__` either.
_DEFERRED = sys.version_info >= (3, 14)


def wrap(node: ast.stmt, *, lazy_annotations: bool) -> Function:
    """Return an async function that runs a statement, all of whose names are globals.

    The value of an expression statement is what the function returns.
    """
    rewriting = _ModuleLevel(lazy_annotations)
    node = rewriting.visit(node)
    names = sorted(bound_names([node]))
    body: list[ast.stmt] = [ast.Global(names)] if names else []
    if rewriting.annotates:
        body.append(ast.Expr(call_hook("setup_annotations")))
    body.append(_result(node) if isinstance(node, ast.Expr) else node)
    arguments = ast.arguments([], [], None, [], [], None, [])
    maker: Any = ast.AsyncFunctionDef
    function: Function = maker(MODULE, arguments, body, [])
    place(node, *body, function)
    return function


def _result(node: ast.Expr) -> ast.Return:
    result = ast.Return(node.value)
    result.role = "statement"  # type: ignore[attr-defined]  # as the user wrote it
    return result


class _ModuleLevel(ast.NodeTransformer):
    """Rewrites what a function may not hold: annotations of globals, star imports, `global`."""

    def __init__(self, lazy_annotations: bool) -> None:
        self.lazy = lazy_annotations
        self.annotates = False

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        parts: list[ast.stmt] = []
        if node.value:
            parts.append(ast.Assign([node.target], node.value))
        if self.lazy or not _DEFERRED:
            self.annotates = True
            parts += self._annotation(node)
        place(node, *parts)
        if len(parts) == 1:
            return parts[0]
        whole = ast.If(constant(True), parts or [ast.Pass()], [])
        place(node, whole)
        return whole

    def _annotation(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if isinstance(node.target, ast.Name) and node.simple:
            shown = constant(ast.unparse(node.annotation)) if self.lazy else node.annotation
            return [ast.Expr(call_hook("annotate", constant(node.target.id), shown))]
        return [] if self.lazy else [ast.Expr(node.annotation)]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        if node.names[0].name != "*":
            return node
        again = ast.Expr(call_hook("import_star", constant(ast.unparse(node))))
        place(node, again)
        return again

    def visit_Global(self, node: ast.Global) -> Any:
        empty = ast.Pass()
        place(node, empty)
        return empty

    def _leave(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = _leave
