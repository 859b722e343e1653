"""Blocks: where the two twins differ. The normal twin holds the user's statements; the resume
twin holds the same ones behind guards that skip to the goal.

While a resume twin is on its way, `.r` is the number of its goal, and 0 ever after. Sites are
numbered in the order of the text, so `.r <= last` is true of a statement that holds the goal, and
of every statement once the goal was reached.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from playbooks_ipython.continuation.hidden import (
    GOAL,
    call_hook,
    constant,
    goal_at_most,
    goal_between,
    hook,
    load,
    negate,
    place,
    when,
)


class Block:
    """The statements of one block of the normal twin, in order."""

    def __init__(self) -> None:
        self.statements: list[ast.stmt] = []

    def plain(self, origin: ast.AST, statement: ast.stmt) -> None:
        """Add a statement without a site. It never runs on the way to a goal."""
        place(origin, statement)
        self.statements.append(statement)

    def always(self, origin: ast.AST, statement: ast.stmt) -> None:
        """Add a statement that has no effect and runs on the way as well."""
        place(origin, statement)
        self.statements.append(statement)

    def paused(self, origin: ast.AST, statements: Iterable[ast.stmt], last: int) -> None:  # noqa: ARG002  # the resume twin needs it
        """Add what one statement with sites became; its last site is number `last`."""
        for statement in statements:
            self.always(origin, statement)

    def finish(self) -> list[ast.stmt]:
        return self.statements or [ast.Pass()]


class ResumeBlock(Block):
    """The same block of the resume twin."""

    def __init__(self) -> None:
        super().__init__()
        self._fresh: list[ast.stmt] | None = None

    def plain(self, origin: ast.AST, statement: ast.stmt) -> None:
        place(origin, statement)
        if isinstance(statement, ast.Global | ast.Nonlocal):
            self.statements.append(statement)
        elif self._fresh is not None:
            self._fresh.append(statement)
        else:
            self._fresh = [statement]
            self._add(origin, ast.If(negate(load(GOAL)), self._fresh, []))

    def always(self, origin: ast.AST, statement: ast.stmt) -> None:
        self._fresh = None
        self._add(origin, statement)

    def paused(self, origin: ast.AST, statements: Iterable[ast.stmt], last: int) -> None:
        self._fresh = None
        inner = list(statements)
        for statement in inner:
            place(origin, statement)
        self._add(origin, when(goal_at_most(last), inner))

    def _add(self, origin: ast.AST, statement: ast.stmt) -> None:
        place(origin, statement)
        self.statements.append(statement)


def resume_test(test: ast.expr, last_of_body: int) -> ast.expr:
    """A test that is not evaluated on the way: the body is entered if it holds the goal."""
    return ast.IfExp(load(GOAL), goal_at_most(last_of_body), test)


def resume_items(iterator: str, item: str, last_of_body: int) -> ast.expr:
    """A `for` over a half-used iterator: the item in hand leads into the body without `next`."""
    again = call_hook("again", load(iterator), load(item), goal_at_most(last_of_body))
    return ast.IfExp(load(GOAL), again, load(iterator))


def resume_manager(manager: str, item: str | None) -> ast.expr:
    """A manager that was entered already: `__exit__` will be called, `__enter__` is not."""
    value = load(item) if item else constant(None)
    return ast.IfExp(load(GOAL), call_hook("entered", load(manager), value), load(manager))


def resume_type(type_: ast.expr | None, first: int, last: int) -> ast.expr | None:
    """A handler's type: on the way only the handler that holds the goal catches, and it does."""
    nothing: ast.expr = ast.Tuple([], ast.Load())
    chosen = nothing
    if first <= last:
        chosen = ast.IfExp(goal_between(first, last), hook("BaseException"), nothing)
    return ast.IfExp(load(GOAL), chosen, type_) if type_ is not None else None


def resume_caught() -> ast.expr:
    """The error that a handler has in hand; on the way it was raised only to come here."""
    return ast.IfExp(load(GOAL), call_hook("caught_again"), call_hook("caught"))


def raise_again(error: str) -> ast.Expr:
    """Raise on the way what the handler that holds the goal has in hand."""
    return ast.Expr(call_hook("raise_as_it_was", load(error)))


def is_absent(name: str) -> ast.Compare:
    return ast.Compare(load(name), [ast.Is()], [constant(None)])
