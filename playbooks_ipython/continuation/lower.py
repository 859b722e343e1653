"""Lowering: the statements of one function become statements that can be entered again.

Where a statement without `await` stands, it is left alone. The others are taken apart so that each
await, each yield, is a statement of its own (points.py), and compound statements keep what they
know, iterators, managers, exceptions, pending jumps, in hidden locals.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from playbooks_ipython.continuation.block import (
    resume_items,
    resume_manager,
    resume_test,
    resume_type,
)
from playbooks_ipython.continuation.flatten import Flatten
from playbooks_ipython.continuation.hidden import (
    assign,
    attempt,
    call_hook,
    catch_all,
    clear,
    constant,
    goal_between,
    hook,
    load,
    negate,
    place,
    store,
    when,
)
from playbooks_ipython.continuation.jumps import Pending, record_jumps, repeat_jump
from playbooks_ipython.continuation.points import Draft
from playbooks_ipython.continuation.scopes import any_pauses, pauses
from playbooks_ipython.continuation.sites import Role
from playbooks_ipython.continuation.star import expand


class Lowering(Flatten):
    """Statements."""

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

    def _simple_Expr(self, node: ast.Expr) -> None:  # noqa: N802  # named for the node
        if isinstance(node.value, ast.Await):
            self.awaited(node.value, role="statement")
        else:
            self.emit(node, ast.Expr(self.rest(node.value)))

    def _simple_Assign(self, node: ast.Assign) -> None:  # noqa: N802
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

    def _simple_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802
        # In a function the annotation of a name is never evaluated.
        if node.value:
            whole = ast.Assign([node.target], node.value)
            place(node, whole)
            self._simple_Assign(whole)

    def _simple_AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802
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

    def _simple_Return(self, node: ast.Return) -> None:  # noqa: N802
        if isinstance(node.value, ast.Await):
            role: Role = getattr(node, "role", "value")
            value: ast.expr = self.awaited(node.value, role=role)
        else:
            value = self.rest(node.value)
        whole = ast.Return(value)
        place(node, whole)
        for part in self.with_jumps(whole):
            self.emit(node, part)

    def _simple_Delete(self, node: ast.Delete) -> None:  # noqa: N802
        for target in node.targets:
            self.emit(target, ast.Delete([self.target(target)]))

    def _simple_Raise(self, node: ast.Raise) -> None:  # noqa: N802
        given = [part for part in (node.exc, node.cause) if part]
        self.emit(node, ast.Raise(*self.in_order(given)))

    def _simple_Assert(self, node: ast.Assert) -> None:  # noqa: N802
        test = self.rest(node.test)
        if node.msg is None or not pauses(node.msg):
            self.emit(node, ast.Assert(test, node.msg))
            return
        message = node.msg
        self.branch(node, negate(test), lambda: self._fail(node, message))

    def _fail(self, node: ast.Assert, message: ast.expr) -> None:
        self.emit(node, ast.Raise(call_hook("AssertionError", self.rest(message))))

    def _simple_FunctionDef(self, node: Any) -> None:  # noqa: N802
        node.decorator_list, defaults = self._decorated(node), self.defaults(node.args)
        node.args = defaults
        node.returns = node.returns and self.rest(node.returns)
        self.emit(node, node)

    _simple_AsyncFunctionDef = _simple_FunctionDef  # noqa: N815

    def _simple_ClassDef(self, node: ast.ClassDef) -> None:  # noqa: N802
        node.decorator_list = self._decorated(node)
        parts = self.in_order([*node.bases, *node.keywords])
        node.bases, node.keywords = parts[: len(node.bases)], parts[len(node.bases) :]
        self.emit(node, node)

    def _decorated(self, node: Any) -> list[ast.expr]:
        """Decorators come first, so that everything after them finds them kept."""
        return [self.saved(self.rest(decorator)) for decorator in node.decorator_list]

    # Branches and loops

    def test(self, node: ast.expr) -> ast.expr:
        """A test without awaits in place of one with them."""
        if not pauses(node):
            return node
        result = self.name("b")
        self.evaluate(node, _truth(node), result)
        return load(result)

    def _If(self, node: ast.If) -> None:  # noqa: N802
        test = self.test(node.test)
        then = self.body(node.body)
        last_of_body = self.last
        rest = self.body(node.orelse) if node.orelse else []
        if self.resuming:
            test = resume_test(test, last_of_body)
        self.out.paused(node, [when(test, then, rest)], self.last)

    def _While(self, node: ast.While) -> None:  # noqa: N802
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
        loop.pauses = True  # type: ignore[attr-defined]
        self.emit(node, assign(more, constant(True)))
        with self.living(more):
            self._While(loop)

    def loop_body(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        self.around.append(None)
        body = self.body(statements)
        self.around.pop()
        return body

    def _For(self, node: ast.For) -> None:  # noqa: N802
        items = self.name("i")
        made = call_hook("iter", node.iter)
        place(node.iter, made)
        self.evaluate(node.iter, made, items)
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

    def _AsyncFor(self, node: ast.AsyncFor) -> None:  # noqa: N802
        items, more, item = self.name("i"), self.name("m"), self.name("x")
        made = call_hook("aiter", node.iter)
        place(node.iter, made)
        self.evaluate(node.iter, made, items)
        step = _operation("step", call_hook("anext", load(items)), load(items))
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

    # Managers

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
        enter = _operation(
            "enter", call_hook("aenter", load(manager)), call_hook("aenter_of", load(manager))
        )
        target = first.optional_vars
        entered = ast.Assign([target], enter) if target else ast.Expr(enter)
        leave_of = call_hook("aexit_of", load(manager))
        fail = _operation("exit", call_hook("aexit_error", load(manager)), leave_of)
        leave = _operation("exit", call_hook("aexit", load(manager)), leave_of)
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

    # Errors

    def _Try(self, node: ast.Try) -> None:  # noqa: N802
        if any_pauses(node.finalbody):
            self._suspending_finally(node)
            return
        error = self.name("e")
        body = self.body(node.body)
        after_body = self.last
        handlers = [self._handler(handler, error) for handler in node.handlers]
        if self.resuming and self.last > after_body:
            enter = when(goal_between(after_body + 1, self.last), [ast.Raise(load(error))])
            place(node, enter)
            body = [enter, *body]
        rest = self.body(node.orelse) if node.orelse else []
        final = [part for stmt in node.finalbody for part in self.with_jumps(stmt)]
        self.out.paused(node, [ast.Try(body, handlers, rest, final)], self.last)

    def _TryStar(self, node: ast.TryStar) -> None:  # noqa: N802
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
                out.always(node, assign(error, call_hook("caught")))
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
        caught = [assign(pending.error, call_hook("caught")), ast.Raise(None, None)]
        noted = attempt(body, [catch_all(caught)])
        whole = attempt([noted], final=self.ending(final, pending.names))
        self.out.paused(node, [whole], self.last)

    # Patterns

    def _Match(self, node: ast.Match) -> None:  # noqa: N802
        """The pattern is matched once; which case it was is kept as a number."""
        subject, chosen = self.name("s"), self.name("k")
        self.evaluate(node.subject, node.subject, subject)
        self.emit(node, assign(chosen, constant(-1)))
        if any_pauses(case.guard for case in node.cases if case.guard):
            self._match_one_by_one(node, subject, chosen)
            return
        cases = [
            ast.match_case(case.pattern, case.guard, [assign(chosen, constant(number))])
            for number, case in enumerate(node.cases)
        ]
        self.emit(node, ast.Match(load(subject), cases))
        self.emit(node, clear([subject]))
        bodies: list[ast.stmt] = []
        for number, case in reversed(list(enumerate(node.cases))):
            bodies = [when(_equals(chosen, number), case.body, bodies)]
            place(node, *bodies)
        self.statement(bodies[0])

    def _match_one_by_one(self, node: ast.Match, subject: str, chosen: str) -> None:
        with self.living(subject, chosen):
            for number, case in enumerate(node.cases):
                found: list[ast.stmt] = [assign(chosen, constant(number))]
                tried = ast.Match(load(subject), [ast.match_case(case.pattern, None, found)])
                inner: list[ast.stmt] = list(case.body)
                if case.guard:
                    missed = [assign(chosen, constant(-1))]
                    inner = [when(case.guard, inner, missed)]
                attempt_case = [
                    when(_equals(chosen, -1), [tried, when(_equals(chosen, number), inner)])
                ]
                place(case.pattern, *attempt_case)
                self.statement(attempt_case[0])
        self.emit(node, clear([subject]))


def _truth(node: ast.expr) -> ast.expr:
    truth = negate(negate(node))
    place(node, truth)
    return truth


def _equals(name: str, number: int) -> ast.Compare:
    return ast.Compare(load(name), [ast.Eq()], [constant(number)])


def _operation(action: str, operand: ast.expr, subject: ast.expr) -> ast.Await:
    node = ast.Await(operand)
    node.action, node.subject = action, subject  # type: ignore[attr-defined]
    return node


def _inner_with(node: ast.With | ast.AsyncWith, items: list[ast.withitem]) -> ast.stmt:
    inner = type(node)(items, node.body)
    place(items[0].context_expr, inner)
    return inner
