"""Comprehensions that await, and generator expressions, as hidden functions.

That is what they are in CPython 3.11: a function of one argument, the iterator of the first `for`.
"""

from __future__ import annotations

import ast
from typing import Any

from playbooks_ipython.continuation.hidden import (
    ARGUMENT,
    assign,
    call,
    call_hook,
    clear,
    constant,
    load,
    place,
    when,
)
from playbooks_ipython.continuation.scopes import Comprehension, Function, is_awaiting, walrus_names

RESULT = ".o"

_NAMES: dict[type[ast.expr], str] = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}
_EMPTY: dict[type[ast.expr], str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
}


def function_of(node: Comprehension, walrus: type[ast.Global] | type[ast.Nonlocal]) -> Function:
    """Return the function that a comprehension is. It stands where the comprehension stood."""
    inner: ast.stmt = _collect(node)
    for number, generator in reversed(list(enumerate(node.generators))):
        for test in reversed(generator.ifs):
            inner = ast.If(test, [inner], [])
        source: ast.expr = generator.iter if number else load(ARGUMENT)
        loop = ast.AsyncFor if generator.is_async else ast.For
        inner = loop(generator.target, source, [inner], [])
    body: list[ast.stmt] = [inner]
    if names := sorted(walrus_names(node)):
        body.insert(0, walrus(names))
    if not isinstance(node, ast.GeneratorExp):
        made = call_hook(_EMPTY[type(node)])
        body = [assign(RESULT, made), *body, ast.Return(load(RESULT))]
    arguments = ast.arguments([], [ast.arg(ARGUMENT)], None, [], [], None, [])
    maker: Any = ast.AsyncFunctionDef if is_awaiting(node) else ast.FunctionDef
    function: Function = maker(_NAMES[type(node)], arguments, body, [])
    place(node, function)
    return function


def _collect(node: Comprehension) -> ast.stmt:
    if isinstance(node, ast.GeneratorExp):
        return ast.Expr(ast.Yield(node.elt))
    if isinstance(node, ast.DictComp):
        put = ast.Attribute(load(RESULT), "__setitem__", ast.Load())
        return ast.Expr(call(put, node.key, node.value))
    add = "append" if isinstance(node, ast.ListComp) else "add"
    return ast.Expr(call(ast.Attribute(load(RESULT), add, ast.Load()), node.elt))


def call_of(node: Comprehension, function: str, *, awaiting: bool) -> ast.expr:
    """Return the expression that runs the hidden function, which the hidden name holds.

    `awaiting`: what the comprehension was before its parts were lowered.
    """
    first = node.generators[0]
    iterator = call_hook("aiter" if first.is_async else "iter", first.iter)
    iterator.is_header = True  # type: ignore[attr-defined]  # nodes take attributes
    made = call(load(function), iterator)
    result: ast.expr = made
    if awaiting and not isinstance(node, ast.GeneratorExp):
        result = ast.Await(made)
        result.action = "inner"  # type: ignore[attr-defined]  # as above
    place(node, result)
    return result


def hide(function: Function, name: str, walrus: set[str]) -> list[ast.stmt]:
    """The statements that define a hidden function, which have no effect and may run again."""
    statements: list[ast.stmt] = [function, assign(name, load(function.name))]
    if walrus:
        # Never run: it tells the compiler that the names belong to the function around.
        statements.append(when(constant(False), [clear(sorted(walrus))]))
    for statement in statements:
        place(function, statement)
        statement.is_hidden = True  # type: ignore[attr-defined]  # as above
    return statements
