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
    store,
    when,
)
from playbooks_ipython.continuation.points import operation
from playbooks_ipython.continuation.statements import Statements


class Managers(Statements):
    """`with` and `async with`."""

    def _With(self, node: ast.With) -> None:
        first, *others = node.items
        manager, entry, item = self.name("m"), self.name("q"), self.name("x")
        self.make(first.context_expr, manager, entry)
        body = [_inner_with(node, others)] if others else node.body
        with self.living(manager, entry), self.block() as out:
            note = ast.Expr(call_hook("note_entered", load(entry), load(item)))
            out.plain(first.context_expr, note)
            if first.optional_vars:
                self._take(first.optional_vars, item)
            for statement in body:
                self.statement(statement)
        source = resume_manager(manager, item) if self.resuming else load(manager)
        place(first.context_expr, source)
        whole = ast.With([ast.withitem(source, store(item))], out.finish())
        self.out.paused(node, self.ending([whole], [manager, entry, item]), self.last)

    def make(self, origin: ast.expr, into: str, entry: str) -> None:
        """Emit `into = origin`; `entry` will know how it was made, here or on a line before."""

        def emit(_: ast.expr) -> None:
            self.emit(origin, assign(into, self.recorded(origin)))
            is_made_here = constant(isinstance(origin, ast.Call))
            self.emit(origin, assign(entry, call_hook("manages", is_made_here, load(into))))

        self.simple(origin, emit)

    def _take(self, target: ast.expr, item: str) -> None:
        """Emit the assignment of what entering gave."""
        take = ast.Assign([target], load(item))
        place(target, take)
        with self.living(item):
            self.statement(take)

    def _AsyncWith(self, node: ast.AsyncWith) -> None:
        """PEP 492's own expansion, in terms of `try`, so that jumps and errors are kept there."""
        first, *others = node.items
        manager, fine, entry = self.name("m"), self.name("b"), self.name("q")
        self.make(first.context_expr, manager, entry)
        self.simple(node, lambda _: self.refuse(node, "no_manager", load(manager)))
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
        with self.living(manager, fine, entry), self.block() as inner:
            for part in (entered, start, guarded):
                self.statement(part)
        self.out.paused(node, self.ending(inner.finish(), [manager, entry]), self.last)


def _inner_with(node: ast.With | ast.AsyncWith, items: list[ast.withitem]) -> ast.stmt:
    inner = type(node)(items, node.body)
    place(items[0].context_expr, inner)
    return inner
