"""Handlers: an error in hand is raised again on the way in, so that handling it is native."""

from __future__ import annotations

import ast

from playbooks_ipython.continuation.block import raise_again, resume_caught, resume_type
from playbooks_ipython.continuation.hidden import (
    assign,
    attempt,
    call_hook,
    catch_all,
    clear,
    constant,
    goal_between,
    place,
    store,
    when,
)
from playbooks_ipython.continuation.jumps import Pending, repeat_jump
from playbooks_ipython.continuation.scopes import any_pauses
from playbooks_ipython.continuation.star import expand
from playbooks_ipython.continuation.statements import Statements


class Handlers(Statements):
    """`try` in all its forms."""

    def _Try(self, node: ast.Try) -> None:
        if any_pauses(node.finalbody):
            self._suspending_finally(node)
            return
        error = self.name("e")
        body = self.body(node.body)
        after_body = self.last
        handlers = [self._handler(handler, error) for handler in node.handlers]
        if self.resuming and self.last > after_body:
            enter = when(goal_between(after_body + 1, self.last), [raise_again(error)])
            place(node, enter)
            body = [enter, *body]
        rest = self.body(node.orelse) if node.orelse else []
        final = [part for stmt in node.finalbody for part in self.with_jumps(stmt)]
        self.out.paused(node, [ast.Try(body, handlers, rest, final)], self.last)

    def _TryStar(self, node: ast.TryStar) -> None:
        star = self.name("star")
        with self.living(star, f"{star}e"), self.block() as inner:
            statements = expand(node, star)
            if node.finalbody:
                statements = [attempt(statements, final=node.finalbody)]
                place(node, *statements)
            for statement in statements:
                self.statement(statement)
        self.out.paused(node, self.ending(inner.finish(), [star, f"{star}e"]), self.last)

    def _handler(self, node: ast.ExceptHandler, error: str) -> ast.ExceptHandler:
        first = self.last + 1
        names: list[str] = []
        with self.living(error), self.block() as out:
            if any_pauses(node.body):
                out.always(node, assign(error, self._caught()))
                names = [error]
            if self.resuming and node.name:
                out.plain(node, ast.Assign([store(node.name)], call_hook("caught")))
            for statement in node.body:
                self.statement(statement)
        body = self.ending(out.finish(), names)
        type_, name = node.type, node.name
        if self.resuming:
            type_ = resume_type(type_, first, self.last)
            if name:
                # The name may have been bound anew since: it is restored, not bound again.
                gone: list[ast.stmt] = [clear([name]), ast.Delete([ast.Name(name, ast.Del())])]
                body, name = [attempt(body, final=gone)], None
        handler = ast.ExceptHandler(type_, name, body)
        place(node, handler)
        return handler

    def _caught(self) -> ast.expr:
        return resume_caught() if self.resuming else call_hook("caught")

    def _suspending_finally(self, node: ast.Try) -> None:
        """What leads into the clause is noted before, so that it can be repeated on the way in."""
        pending = Pending(self.name("j"), self.name("v"), self.name("p"))
        self.emit(node, assign(pending.jump, constant(0)))
        with self.block() as inner:
            self.around.append(pending)
            if node.handlers:
                guarded = ast.Try(node.body, node.handlers, node.orelse, [])
                place(node, guarded)
                self.statement(guarded)
            else:
                for statement in node.body:
                    self.statement(statement)
            self.around.pop()
        after_body = self.last
        # A return may be on its way through the outer clauses too, which have noted it already.
        outer = [n for p in self.around if p for n in (p.jump, p.value)]
        with self.living(*pending.names, *outer):
            final = self.body(node.finalbody)
        body = inner.finish()
        if self.resuming:
            has_value = self.draft.kind != "async generator"
            again = repeat_jump(pending, in_loop=None in self.around, has_value=has_value)
            enter = when(goal_between(after_body + 1, self.last), again)
            place(node, enter)
            body = [enter, *body]
        caught = [assign(pending.error, self._caught()), ast.Raise(None, None)]
        noted = attempt(body, [catch_all(caught)])
        whole = attempt([noted], final=self.ending(final, pending.names))
        self.out.paused(node, [whole], self.last)
