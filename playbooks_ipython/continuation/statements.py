"""Statements: the simple ones, and what all the compound ones share.

Where a statement without `await` stands, it is left alone. The others are taken apart so that each
await, each yield, is a statement of its own (points.py), and compound statements keep what they
know, iterators, managers, exceptions, pending jumps, in hidden locals.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from playbooks_ipython.continuation.flatten import Flatten
from playbooks_ipython.continuation.hidden import (
    assign,
    call_hook,
    constant,
    load,
    negate,
    place,
    store,
)
from playbooks_ipython.continuation.jumps import Pending, record_jumps
from playbooks_ipython.continuation.points import Draft
from playbooks_ipython.continuation.scopes import any_pauses, pauses
from playbooks_ipython.continuation.sites import Role


class Statements(Flatten):
    """Dispatch, and the statements that hold no others."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft)
        # Enclosing loops (None) and suspending `finally` clauses, outermost first.
        self.around: list[Pending | None] = []

    def body(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        with self.block() as out:
            for statement in statements:
                self.statement(statement)
        return out.finish()

    def statement(self, node: ast.stmt) -> None:
        if getattr(node, "is_hidden", False):
            self.out.always(node, node)
        elif pauses(node):
            lower = getattr(self, f"_{type(node).__name__}", None)
            if lower:
                lower(node)
            else:
                self.simple(node, getattr(self, f"_simple_{type(node).__name__}"))
        else:
            for part in self.with_jumps(node):
                self.emit(node, part)

    def with_jumps(self, node: ast.stmt) -> list[ast.stmt]:
        """A statement that notes each jump out of it for the `finally` clauses that suspend."""
        return record_jumps(node, self.around) if any(self.around) else [node]

    def _hidden_target(self, target: ast.expr) -> tuple[ast.expr, str | None]:
        """The target of a loop or manager, or a hidden local that is stored into it afterwards."""
        item = self.name("x")
        if self.resuming or pauses(target):
            return store(item), item
        return target, None

    def _bind(self, target: ast.expr, item: str | None) -> list[ast.stmt]:
        """The statements that store a hidden local into the user's target."""
        if item is None:
            return []
        take = ast.Assign([target], load(item))
        place(target, take)
        with self.living(item):
            return self.body([take])

    # Simple statements

    def simple(self, origin: ast.AST, emit: Callable[[Any], None], node: Any = None) -> None:
        """Emit one statement and end the temporaries it made."""
        outer = len(self.temps)
        with self.block() as inner:
            emit(node or origin)
        names = self.temps[outer:]
        del self.temps[outer:]
        self.out.paused(origin, self.ending(inner.finish(), names), self.last)

    def evaluate(self, origin: ast.AST, value: ast.expr, into: str) -> None:
        """Emit `into = value`."""
        if pauses(value):
            self.simple(origin, lambda _: self.emit(origin, assign(into, self.rest(value))))
        else:
            self.emit(origin, assign(into, value))

    def _simple_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Await):
            self.awaited(node.value, role="statement")
        else:
            self.emit(node, ast.Expr(self.rest(node.value)))

    def _simple_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if isinstance(node.value, ast.Await):
            if len(node.targets) == 1 and isinstance(target, ast.Name):
                self.awaited(node.value, into=target, role="value")
                return
            value: ast.expr = self.awaited(node.value, role="value")
        else:
            value = self.rest(node.value)
        if any_pauses(node.targets):
            value = self.saved(value)
            for target in node.targets:
                self.store_into(target, value)
        else:
            self.emit(node, ast.Assign(node.targets, value))

    def _simple_AnnAssign(self, node: ast.AnnAssign) -> None:
        # In a function the annotation of a name is never evaluated.
        if node.value:
            whole = ast.Assign([node.target], node.value)
            place(node, whole)
            self._simple_Assign(whole)

    def _simple_AugAssign(self, node: ast.AugAssign) -> None:
        match node.target:
            case ast.Attribute(value=owner, attr=name):
                kept = self.saved(self.rest(owner))
                old: ast.expr = ast.Attribute(kept, name, ast.Load())
                new: ast.expr = ast.Attribute(kept, name, ast.Store())
            case ast.Subscript(value=owner, slice=index):
                kept, key = (self.saved(part) for part in self._both(owner, index))
                old = ast.Subscript(kept, key, ast.Load())
                new = ast.Subscript(kept, key, ast.Store())
            case _:
                old, new = load(node.target.id), node.target
        result = self._keep(old, node.target)
        value = self.rest(node.value)
        self.emit(node, ast.AugAssign(store(result.id), node.op, value))
        self.emit(node, ast.Assign([new], result))

    def _both(self, owner: ast.expr, index: ast.expr) -> list[ast.expr]:
        """The operands of a subscript; a slice becomes an object, since it is used twice."""
        kept = self.saved(self.rest(owner))
        if isinstance(index, ast.Slice):
            parts = [part or constant(None) for part in (index.lower, index.upper, index.step)]
            made = call_hook("slice", *self.in_order(parts))
            place(index, made)
            return [kept, made]
        return [kept, self.rest(index)]

    def _simple_Return(self, node: ast.Return) -> None:
        if isinstance(node.value, ast.Await):
            role: Role = getattr(node, "role", "value")
            value: ast.expr = self.awaited(node.value, role=role)
        else:
            value = self.rest(node.value)
        whole = ast.Return(value)
        place(node, whole)
        for part in self.with_jumps(whole):
            self.emit(node, part)

    def _simple_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.emit(target, ast.Delete([self.target(target)]))

    def _simple_Raise(self, node: ast.Raise) -> None:
        given = [part for part in (node.exc, node.cause) if part]
        self.emit(node, ast.Raise(*self.in_order(given)))

    def _simple_Assert(self, node: ast.Assert) -> None:
        test = self.rest(node.test)
        if node.msg is None or not pauses(node.msg):
            self.emit(node, ast.Assert(test, node.msg))
            return
        message = node.msg
        self.branch(node, negate(test), lambda: self._fail(node, message))

    def _fail(self, node: ast.Assert, message: ast.expr) -> None:
        self.emit(node, ast.Raise(call_hook("AssertionError", self.rest(message))))

    def _simple_FunctionDef(self, node: Any) -> None:
        node.decorator_list, defaults = self._decorated(node), self.defaults(node.args)
        node.args = defaults
        node.returns = node.returns and self.rest(node.returns)
        self.emit(node, node)

    _simple_AsyncFunctionDef = _simple_FunctionDef

    def _simple_ClassDef(self, node: ast.ClassDef) -> None:
        node.decorator_list = self._decorated(node)
        parts = self.in_order([*node.bases, *node.keywords])
        node.bases, node.keywords = parts[: len(node.bases)], parts[len(node.bases) :]
        self.emit(node, node)

    def _decorated(self, node: Any) -> list[ast.expr]:
        """Decorators come first, so that everything after them finds them kept."""
        return [self.saved(self.rest(decorator)) for decorator in node.decorator_list]
