"""Managers: `with` and `async with`, entered once however often the frame is."""

from __future__ import annotations

import ast

from playbooks_ipython.continuation.block import (
    resume_manager,
)
from playbooks_ipython.continuation.hidden import (
    assign,
    attempt,
    call_hook,
    catch_all,
    constant,
    load,
    negate,
    place,
    when,
)
from playbooks_ipython.continuation.points import operation
from playbooks_ipython.continuation.statements import Statements


class Managers(Statements):
    """`with` and `async with`."""

    def _With(self, node: ast.With) -> None:  # noqa: N802
        first, *others = node.items
        manager = self.name("m")
        self.evaluate(first.context_expr, first.context_expr, manager)
        body = [_inner_with(node, others)] if others else node.body
        given = first.optional_vars
        target, item = self._hidden_target(given) if given else (None, None)
        with self.living(manager):
            start = self._bind(given, item) if given else []
            inner = [*start, *self.body(body)]
        source = resume_manager(manager, item) if self.resuming else load(manager)
        place(first.context_expr, source)
        whole = ast.With([ast.withitem(source, target)], inner)
        names = [manager, item] if item else [manager]
        self.out.paused(node, self.ending([whole], names), self.last)

    def _AsyncWith(self, node: ast.AsyncWith) -> None:  # noqa: N802
        """PEP 492's own expansion, in terms of `try`, so that jumps and errors are kept there."""
        first, *others = node.items
        manager, fine = self.name("m"), self.name("b")
        self.evaluate(first.context_expr, first.context_expr, manager)
        self.emit(node, ast.Expr(call_hook("check_manager", load(manager))))
        enter = operation(
            "enter", call_hook("aenter", load(manager)), call_hook("aenter_of", load(manager))
        )
        target = first.optional_vars
        entered = ast.Assign([target], enter) if target else ast.Expr(enter)
        leave_of = call_hook("aexit_of", load(manager))
        fail = operation("exit", call_hook("aexit_error", load(manager)), leave_of)
        leave = operation("exit", call_hook("aexit", load(manager)), leave_of)
        failed: list[ast.stmt] = [
            assign(fine, constant(False)),
            when(negate(fail), [ast.Raise(None, None)]),
        ]
        body = [_inner_with(node, others)] if others else node.body
        guarded = attempt(
            [attempt(body, [catch_all(failed)])],
            final=[when(load(fine), [ast.Expr(leave)])],
        )
        start = assign(fine, constant(True))
        place(node, entered, start, guarded)
        with self.living(manager, fine), self.block() as inner:
            for part in (entered, start, guarded):
                self.statement(part)
        self.out.paused(node, self.ending(inner.finish(), [manager]), self.last)


def _inner_with(node: ast.With | ast.AsyncWith, items: list[ast.withitem]) -> ast.stmt:
    inner = type(node)(items, node.body)
    place(items[0].context_expr, inner)
    return inner
