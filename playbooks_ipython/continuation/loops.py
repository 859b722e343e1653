"""Loops and branches: their tests and iterators are kept, so that their bodies can be entered."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from playbooks_ipython.continuation.block import (
    resume_items,
    resume_test,
)
from playbooks_ipython.continuation.hidden import (
    assign,
    attempt,
    call_hook,
    constant,
    hook,
    load,
    negate,
    place,
    store,
    when,
)
from playbooks_ipython.continuation.points import operation
from playbooks_ipython.continuation.scopes import pauses
from playbooks_ipython.continuation.statements import Statements


class Loops(Statements):
    """`if`, `while`, `for` and `async for`."""

    def test(self, node: ast.expr) -> ast.expr:
        """A test without awaits in place of one with them."""
        if not pauses(node):
            return node
        result = self.name("b")
        self.evaluate(node, _truth(node), result)
        return load(result)

    def _If(self, node: ast.If) -> None:
        test = self.test(node.test)
        then = self.body(node.body)
        last_of_body = self.last
        rest = self.body(node.orelse) if node.orelse else []
        if self.resuming:
            test = resume_test(test, last_of_body)
        self.out.paused(node, [when(test, then, rest)], self.last)

    def _While(self, node: ast.While) -> None:
        if pauses(node.test):
            self._tested_loop(node)
            return
        body = self.loop_body(node.body)
        last_of_body = self.last
        rest = self.body(node.orelse) if node.orelse else []
        test = resume_test(node.test, last_of_body) if self.resuming else node.test
        self.out.paused(node, [ast.While(test, body, rest)], self.last)

    def _tested_loop(self, node: ast.While) -> None:
        """`while await test()`: the test moves into the body, a flag tells whether to go on."""
        more = self.name("m")
        stop = when(negate(node.test), [assign(more, constant(False)), ast.Continue()])
        place(node.test, stop)
        loop = ast.While(load(more), [stop, *node.body], node.orelse)
        place(node, loop)
        loop.pauses = True  # type: ignore[attr-defined]  # nodes take attributes
        self.emit(node, assign(more, constant(True)))
        with self.living(more):
            self._While(loop)

    def loop_body(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        self.around.append(None)
        body = self.body(statements)
        self.around.pop()
        return body

    def iterate(self, origin: ast.expr, kind: str, into: str) -> None:
        """Emit `into = iter(origin)`, so that what cannot be stored can be made again."""

        def emit(_: ast.expr) -> None:
            made = self.made_by(origin, hook(kind), [self.recorded(origin)], [])
            self.emit(origin, assign(into, made))

        self.simple(origin, emit)

    def _For(self, node: ast.For) -> None:
        items = self.name("i")
        self.iterate(node.iter, "iter", items)
        self.emit(node.iter, assign(items, call_hook("steps", load(items))))
        target, item = self._hidden_target(node.target)
        with self.living(items):
            body = [*self._bind(node.target, item), *self.loop_body(node.body)]
            last_of_body = self.last
            rest = self.body(node.orelse) if node.orelse else []
        source = load(items)
        place(node.iter, source)
        if self.resuming and item:
            loop = ast.For(target, resume_items(items, item, last_of_body), body, rest)
        else:
            loop = ast.For(target, source, body, rest)
        names = [items, item] if item else [items]
        self.out.paused(node, self.ending([loop], names), self.last)

    def _AsyncFor(self, node: ast.AsyncFor) -> None:
        items, more, item = self.name("i"), self.name("m"), self.name("x")
        self.iterate(node.iter, "aiter", items)
        self.emit(node.iter, assign(items, call_hook("own", load(items))))
        step = operation("step", call_hook("anext", load(items)), load(items))
        plain = isinstance(node.target, ast.Name)
        take = ast.Assign([node.target if plain else store(item)], step)
        spent = ast.ExceptHandler(
            hook("StopAsyncIteration"), None, [assign(more, constant(False)), ast.Continue()]
        )
        bind: list[ast.stmt] = [] if plain else [ast.Assign([node.target], load(item))]
        body: list[ast.stmt] = [attempt([take], [spent]), *bind]
        place(node, *body)
        loop = ast.While(load(more), [*body, *node.body], node.orelse)
        place(node, loop)
        self.emit(node, assign(more, constant(True)))
        held = [item] if pauses(node.target) else []
        with self.living(items, more, *held), self.block() as inner:
            self._While(loop)
        self.out.paused(node, self.ending(inner.finish(), [items, item]), self.last)


def _truth(node: ast.expr) -> ast.expr:
    truth = negate(negate(node))
    place(node, truth)
    return truth
