"""Hidden names: what a lowered function keeps among its own locals, and the trees that use them.

None of these names is an identifier, so user code can neither write nor shadow one. The compiler
accepts them all the same, and they are as fast as any other local.

    .pc     the site where the frame is, or its twin before the first
    .w      what is being awaited now; None between sites
    .at     in a resume twin: since when an awaited sleep has lasted; None on arrival
    .in     in a resume twin: a cell that brings the two below, so that its arguments can be named
            like those of the function that the user wrote
    .r .s   in a resume twin: the number of the site to go to (0 on arrival), and the saved locals
    .cells  a lambda that closes over every cell of the frame, so that the cells can be read
    .t1     an operand that was evaluated already; ends with its statement
    .i1 .m1 .e1 .j1 .p1 .v1     iterator, manager, handled exception, pending jump and its value
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import lru_cache

PC, AWAITED, GOAL, SAVED, CELLS = ".pc", ".w", ".r", ".s", ".cells"
ARGUMENT, SINCE, ARRIVAL = ".0", ".at", ".in"
ENTRY = ".q"  # and a number: what is known of a manager, for as long as its block lasts

# Constants that the compiler carries through; afterwards objects stand in their place.
HOOKS_MARK = "\0hooks"


@lru_cache(maxsize=4096)  # asked of every local of every frame at every mark
def is_hidden(name: str) -> bool:
    return not name.isidentifier()


def load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def store(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def constant(value: object) -> ast.Constant:
    return ast.Constant(value)  # type: ignore[arg-type]  # the stubs do not know `object`


def assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([store(name)], value)


def clear(names: Iterable[str]) -> ast.Assign:
    """`a = b = None`: the values end here. Unlike `del`, it may be done twice."""
    return ast.Assign([store(name) for name in names], constant(None))


def hook(name: str) -> ast.Attribute:
    """An attribute of the hooks, reached through a constant: no global name is needed for it."""
    return ast.Attribute(constant(HOOKS_MARK), name, ast.Load())


def is_hook(node: ast.expr, name: str) -> bool:
    match node:
        case ast.Attribute(value=ast.Constant(value=mark), attr=attr):
            return bool(mark == HOOKS_MARK) and attr == name
    return False


def call(function: ast.expr, *arguments: ast.expr) -> ast.Call:
    return ast.Call(function, list(arguments), [])


def call_hook(name: str, *arguments: ast.expr) -> ast.Call:
    return call(hook(name), *arguments)


def negate(test: ast.expr) -> ast.UnaryOp:
    return ast.UnaryOp(ast.Not(), test)


def when(test: ast.expr, then: Sequence[ast.stmt], otherwise: Sequence[ast.stmt] = ()) -> ast.If:
    return ast.If(test, list(then), list(otherwise))


def goal_at_most(number: int) -> ast.Compare:
    return ast.Compare(load(GOAL), [ast.LtE()], [constant(number)])


def goal_between(low: int, high: int) -> ast.Compare:
    return ast.Compare(constant(low), [ast.LtE(), ast.LtE()], [load(GOAL), constant(high)])


def attempt(
    body: Sequence[ast.stmt],
    handlers: Sequence[ast.ExceptHandler] = (),
    final: Sequence[ast.stmt] = (),
) -> ast.Try:
    return ast.Try(list(body), list(handlers), [], list(final))


def catch_all(body: Sequence[ast.stmt]) -> ast.ExceptHandler:
    return ast.ExceptHandler(None, None, list(body))


def place(origin: ast.AST, *nodes: ast.AST) -> None:
    """Give every node that stands nowhere yet the place of `origin`; tracebacks depend on it."""
    line, column = origin.lineno, origin.col_offset  # type: ignore[attr-defined]  # all of ours have a place
    end_line, end_column = origin.end_lineno, origin.end_col_offset  # type: ignore[attr-defined]  # as above
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if "lineno" in node._attributes:
            if getattr(node, "lineno", None) is not None:
                continue  # it is the user's own, with all beneath it
            node.lineno, node.col_offset = line, column  # type: ignore[attr-defined]  # as above
            node.end_lineno, node.end_col_offset = end_line, end_column  # type: ignore[attr-defined]  # as above
        pending.extend(ast.iter_child_nodes(node))
