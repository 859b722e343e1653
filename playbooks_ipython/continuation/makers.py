"""Makers: the calls of a program that may have made what cannot be stored.

`client = Client(key)` becomes `client = kept(pair(calls(Client, key)))`. What was called with what
is kept, and C code makes the call in the user's own frame: no frame of ours is in a traceback.
A loop without awaits is left as it is: what it makes is not worth what each step would cost.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from playbooks_ipython.continuation.definitions import EXHAUSTING, REFLECTIVE
from playbooks_ipython.continuation.hidden import call_hook, constant, hook, load, place
from playbooks_ipython.continuation.nodes import clone, is_single_star
from playbooks_ipython.continuation.scopes import COMPREHENSIONS, awaits, yields

# They make nothing that could not be stored, or look at the frame that calls them.
_PASSED = EXHAUSTING | REFLECTIVE
_PASSED |= {"super", "len", "int", "str", "float", "bool", "range", "print", "isinstance", "type"}
_PASSED |= {"getattr", "hasattr", "setattr", "globals", "repr", "abs", "round", "input", "open"}
# What they are given lives as long as they do.
_KEEPING = frozenset({"enter_context", "enter_async_context", "closing", "aclosing"})
# Evaluated before or after something else, they are the same.
_QUIET = (ast.Constant, ast.Name, ast.BoolOp, ast.boolop, ast.expr_context)
_LOOPS = (ast.For, ast.While)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_OWN_FRAME = (ast.Lambda, *COMPREHENSIONS)


def keep_makers(node: ast.stmt) -> None:
    """Keep, in place, the calls of a top-level statement and of all functions in it."""
    _Makers(asks=False).statement(node)


class _Makers:
    """One scope. `asks`: its code also runs where nothing is recorded, so it asks first."""

    def __init__(self, asks: bool) -> None:
        self.asks = asks

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, _FUNCTIONS):
            self._function(node)
            return
        if isinstance(node, _LOOPS) and not awaits(node) and not _yields(node):
            _inner_functions(node)
            return
        match node:
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                node.value = self.kept(value, whole=True)
            case ast.Return(value=ast.expr() as value):
                node.value = self.kept(value, whole=True)
            case ast.Expr(value=value):
                node.value = self.kept(value, whole=False)
        for inner in _statements_in(node):
            self.statement(inner)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if isinstance(node, ast.AsyncFunctionDef) or yields(node) or node.name == "__init__":
            inner = _Makers(asks=True)
            for statement in node.body:
                inner.statement(statement)
        else:
            _inner_functions(node)

    def kept(self, node: Any, *, whole: bool) -> Any:
        """An expression in which the calls that may make something are kept.

        `whole`: what it gives is given a name, whatever was called.
        """
        if isinstance(node, _OWN_FRAME) or not isinstance(node, ast.expr | ast.keyword):
            return node
        if isinstance(node, ast.Call):
            return self._call(node, whole)
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            node.value = self._parts(node.value)
            return node
        through = whole and isinstance(node, ast.Tuple | ast.List | ast.Dict | ast.IfExp)
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                value[:] = [self.kept(one, whole=through) for one in value]
            else:
                setattr(node, name, self.kept(value, whole=through))
        return node

    def _call(self, node: ast.Call, whole: bool) -> ast.expr:
        name = name_of(node)
        if name == "next" and isinstance(node.func, ast.Name) and node.args:
            return _with_lines(self._parts(node))
        if name in _PASSED or not (whole or _is_class(name)) or _takes_late(node):
            return self._parts(node)
        if not self.asks or not _is_simple(node):
            return _recorded(self._parts(node, keeping=True))
        plain = clone(node)
        within = _Makers(asks=False)
        choice = ast.IfExp(hook("on"), _recorded(within._parts(node, keeping=True)), plain)
        place(plain, choice)
        return choice

    def _parts(self, node: ast.Call, *, keeping: bool = False) -> ast.Call:
        """`keeping`: what the call gives holds what it is given."""
        keeping = keeping or name_of(node) in _KEEPING
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.kept(node.func.value, whole=False)
        node.args = [self.kept(part, whole=keeping) for part in node.args]
        for keyword in node.keywords:
            keyword.value = self.kept(keyword.value, whole=keeping)
        return node


def name_of(node: ast.Call) -> str:
    """The last part of what a call names, "" if it names nothing."""
    called = node.func
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _is_class(name: str) -> bool:
    """Tell by its name whether a class is called; only those are looked for inside expressions."""
    return name.lstrip("_")[:1].isupper() or name in _KEEPING


def _takes_late(node: ast.Call) -> bool:
    """Tell whether `*part` is gone through, when the call is made, after what else is evaluated."""
    named = (inner for keyword in node.keywords for inner in ast.walk(keyword.value))
    return is_single_star(node) and not all(isinstance(inner, _QUIET) for inner in named)


def _recorded(node: ast.Call) -> ast.expr:
    line = constant(node.lineno)
    calls = ast.Call(hook("calls"), [line, node.func, *node.args], node.keywords)
    made = call_hook("kept", call_hook("pair", calls))
    place(node, made)
    return made


def _with_lines(node: ast.Call) -> ast.Call:
    """`next(file)` forbids to ask for the position; a line of it does not."""
    lines = call_hook("lines", load("next"), node.args[0])
    place(node.args[0], lines)
    node.args[0] = lines
    return node


def _is_simple(node: ast.Call) -> bool:
    """Tell whether an expression may stand in the tree twice."""
    own = (*_OWN_FRAME, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
    return not any(isinstance(inner, own) for inner in ast.walk(node))


def _yields(node: ast.stmt) -> bool:
    wrapped: Any = ast.FunctionDef("", ast.arguments([], [], None, [], [], None, []), [node], [])
    return yields(wrapped)


def _inner_functions(node: ast.stmt) -> None:
    """Go into the functions of a part whose own calls are not kept."""
    for inner in _statements_in(node):
        if isinstance(inner, _FUNCTIONS):
            _Makers(asks=True).statement(inner)
        else:
            _inner_functions(inner)


def _statements_in(node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from child.body
