"""Flattening: an expression with awaits becomes statements, every operand in Python's own order.

What is evaluated before an await is kept in a temporary; what comes after the last one stays an
expression, the *rest*, so that nothing is evaluated earlier or later than CPython would.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from playbooks_ipython.continuation.block import resume_test
from playbooks_ipython.continuation.hidden import (
    assign,
    call_hook,
    constant,
    hook,
    is_hook,
    load,
    negate,
    place,
    store,
    when,
)
from playbooks_ipython.continuation.nodes import (
    Node,
    call_parts,
    is_kept,
    is_single_star,
    like,
    operands,
    spread,
    star,
    with_parts,
)
from playbooks_ipython.continuation.points import Points
from playbooks_ipython.continuation.scopes import any_pauses, every_argument, pauses
from playbooks_ipython.continuation.sites import Action, Role


class Flatten(Points):
    """Expressions."""

    def emit(self, origin: ast.AST, statement: ast.stmt) -> None:
        self.out.plain(origin, statement)

    def branch(
        self,
        origin: ast.AST,
        test: ast.expr,
        then: Callable[[], None],
        otherwise: Callable[[], None] = lambda: None,
    ) -> None:
        """Emit an `if` whose two sides are emitted by the functions given."""
        with self.block() as body:
            then()
        last_of_body = self.last
        with self.block() as rest:
            otherwise()
        if self.resuming:
            test = resume_test(test, last_of_body)
        self.out.paused(origin, [when(test, body.finish(), rest.statements)], self.last)

    # Operands

    def rest(self, node: Any) -> Any:
        """Emit everything up to the last await of an expression; return what is left of it."""
        if getattr(node, "is_header", False):
            return self.recorded(node)
        if not pauses(node):
            return node
        flatten = getattr(self, f"_{type(node).__name__}", None)
        left = flatten(node) if flatten else self._in_fields(node)
        place(node, left)
        return left

    def in_order(self, parts: Sequence[Any]) -> list[Any]:
        """The same for operands that are evaluated one after the other."""
        last = max((i for i, part in enumerate(parts) if pauses(part)), default=-1)
        return [
            self.saved(self.rest(part)) if i < last else self.rest(part)
            for i, part in enumerate(parts)
        ]

    def saved(self, node: Any) -> Any:
        """Emit the evaluation of an operand into a temporary and return what reads it."""
        if is_kept(node):
            return node
        match node:
            case ast.Starred(value=value):
                # The items are taken now, not when the call or the display is made.
                return like(node, value=self._keep(ast.List([node], ast.Load()), node))
            case ast.keyword(arg=None, value=value):
                return like(node, value=self._keep(ast.Dict([None], [value]), value))
            case ast.keyword(value=value):
                return like(node, value=self.saved(value))
            case ast.FormattedValue():
                text = self._keep(ast.JoinedStr([node]), node)
                return like(node, value=text, conversion=-1, format_spec=None)
            case ast.Slice(lower=lower, upper=upper, step=step):
                kept = [part and self.saved(part) for part in (lower, upper, step)]
                return like(node, lower=kept[0], upper=kept[1], step=kept[2])
            case ast.Tuple(elts=items) if any(isinstance(i, ast.Slice) for i in items):
                return like(node, elts=[self.saved(item) for item in items])
        return self._keep(node, node)

    def _keep(self, value: ast.expr, origin: ast.AST) -> ast.Name:
        name = self.temp()
        self.emit(origin, assign(name, value))
        kept = load(name)
        place(origin, kept)
        return kept

    def _in_fields(self, node: Node) -> Node:
        """The rule: the fields of a node are evaluated in the order of its grammar."""
        spots = list(operands(node))
        new = like(node)
        for (field, index, _), value in zip(
            spots, self.in_order([part for _, _, part in spots]), strict=True
        ):
            place(node, value)
            if index is None:
                setattr(new, field, value)
            else:
                items = list(getattr(new, field))
                items[index] = value
                setattr(new, field, items)
        return new

    # Calls that may be made again

    def recorded(self, node: Any) -> Any:
        """Emit an expression whose calls are kept with their operands; return what is left of it.

        Calls among the operands of a call are kept too: what `enumerate(finditer(p, s))` goes over
        cannot be stored, and `enumerate` can.
        """
        if isinstance(node, ast.Starred | ast.keyword):
            return self.saved(like(node, value=self.recorded(node.value)))
        if not isinstance(node, ast.Call):
            return self.rest(node)
        function = self.saved(self.rest(node.func))
        arguments: list[ast.expr]
        if is_single_star(node):
            # Python takes its items only when the call is made.
            items: Any = node.args[0]
            arguments = [star(self.saved(self.recorded(items.value)))]
        else:
            arguments = [self.saved(self.recorded(part)) for part in node.args]
        keywords = [self.recorded(part) for part in node.keywords]
        return self.made_by(node, function, arguments, keywords)

    def made_by(
        self,
        origin: ast.expr,
        function: ast.expr,
        arguments: list[ast.expr],
        keywords: list[ast.keyword],
    ) -> ast.expr:
        """Emit a call that is kept with its operands; return what reads its result."""
        loops = is_hook(function, "aiter")
        if loops:
            self.refuse(origin, "no_aiter", arguments[0])
        operands = ast.Tuple(arguments, ast.Load())
        named: ast.expr = ast.Dict([constant(k.arg) for k in keywords], [k.value for k in keywords])
        if any(part.arg is None for part in keywords):
            named = ast.Call(hook("dict"), [], keywords)  # it refuses what is there twice
        call = self._keep(
            call_hook("call", constant(origin.lineno), function, operands, named), origin
        )
        parts = [ast.Attribute(call, n, ast.Load()) for n in ("function", "arguments", "keywords")]
        again = ast.Call(parts[0], [star(parts[1])], [ast.keyword(None, parts[2])])
        result = self._keep(again, origin)
        if loops:
            self.refuse(origin, "no_anext", result)
        self.emit(origin, assign(result.id, call_hook("made", call, result)))
        return result

    def refuse(self, origin: ast.AST, check: str, value: ast.expr) -> None:
        """Emit the raising of the error that a hook finds, in the user's own frame."""
        wrong = self.temp()
        self.emit(origin, assign(wrong, call_hook(check, value)))
        self.emit(origin, when(load(wrong), [ast.Raise(load(wrong), None)]))

    # The exceptions to the rule

    def _Call(self, node: ast.Call) -> ast.Call:
        function, *parts = self.in_order([node.func, *call_parts(node)])
        return with_parts(node, function, parts)

    def _Await(self, node: ast.Await) -> ast.expr:
        return self.awaited(node)

    def awaited(
        self, node: ast.Await, into: ast.Name | None = None, role: Role = "part"
    ) -> ast.Name:
        """Emit an await whose operands are all kept, since the operation may be issued again."""
        operand = node.value
        action: Action = getattr(node, "action", "await")
        if not isinstance(operand, ast.Call):
            kept = self.saved(self.rest(operand))
            return self.await_point(node, kept, kept, action, into, role)
        function, *parts = [
            self.saved(self.rest(part)) for part in (operand.func, *call_parts(operand))
        ]
        if is_single_star(operand) and isinstance(parts[0], ast.Name):
            self.emit(operand, assign(parts[0].id, ast.Tuple([star(parts[0])], ast.Load())))
        awaitable = with_parts(operand, function, parts)
        subject = getattr(node, "subject", function)
        return self.await_point(node, awaitable, subject, action, into, role)

    def _Yield(self, node: ast.Yield) -> ast.expr:
        value = self.rest(node.value) if node.value else None
        return self.yield_point(node, value)

    def _YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        source, iterator = self.saved(self.recorded(node.value)), self.temp()

        def ask() -> None:
            made = self.made_by(node.value, hook("iter"), [source], [])
            self.emit(node, assign(iterator, call_hook("steps", made)))

        # A coroutine is delegated to as it is, where CPython allows it.
        given = call_hook("is_coroutine", source)
        self.branch(node, given, lambda: self.emit(node, assign(iterator, source)), ask)
        return self.delegate_point(node, load(iterator))

    def _BoolOp(self, node: ast.BoolOp) -> ast.expr:
        result = self.temp()

        def evaluate(values: Sequence[ast.expr]) -> None:
            self.emit(values[0], assign(result, self.rest(values[0])))
            if len(values) > 1:
                test: ast.expr = load(result)
                test = test if isinstance(node.op, ast.And) else negate(test)
                self.branch(node, test, lambda: evaluate(values[1:]))

        evaluate(node.values)
        return load(result)

    def _IfExp(self, node: ast.IfExp) -> ast.expr:
        result = self.temp()
        self.branch(
            node,
            self.rest(node.test),
            lambda: self.emit(node.body, assign(result, self.rest(node.body))),
            lambda: self.emit(node.orelse, assign(result, self.rest(node.orelse))),
        )
        return load(result)

    def _Compare(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) == 1:
            return self._in_fields(node)
        result = self.temp()

        def compare(left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> None:
            right = self.rest(others[0])
            if len(ops) > 1:
                right = self.saved(right)
            self.emit(node, assign(result, ast.Compare(left, [ops[0]], [right])))
            if len(ops) > 1:
                self.branch(node, load(result), lambda: compare(right, ops[1:], others[1:]))

        compare(self.saved(self.rest(node.left)), node.ops, node.comparators)
        return load(result)

    def _Dict(self, node: ast.Dict) -> ast.expr:
        parts: list[Any] = []
        for key, value in zip(node.keys, node.values, strict=True):
            parts += [key, value] if key is not None else [spread(value)]
        kept = iter(self.in_order(parts))
        keys, values = [], []
        for key in node.keys:
            keys.append(next(kept) if key is not None else None)
            values.append(next(kept) if key is not None else next(kept).value)
        return like(node, keys=keys, values=values)

    def _Lambda(self, node: ast.Lambda) -> ast.expr:
        return like(node, args=self.defaults(node.args))

    def defaults(self, arguments: ast.arguments) -> ast.arguments:
        """Emit a function's defaults and annotations as far as they await."""
        annotated = [a for a in every_argument(arguments) if a.annotation]
        given = [default for default in arguments.kw_defaults if default]
        kept = iter(
            self.in_order([*arguments.defaults, *given, *(a.annotation for a in annotated)])
        )
        arguments.defaults = [next(kept) for _ in arguments.defaults]
        arguments.kw_defaults = [d and next(kept) for d in arguments.kw_defaults]
        for argument in annotated:
            argument.annotation = next(kept)
        return arguments

    def _first_iterable(self, node: Any) -> ast.expr:
        generator = node.generators[0]
        generator.iter = self.rest(generator.iter)
        node.pauses = False
        return node  # type: ignore[no-any-return]  # the node that it got

    _ListComp = _SetComp = _DictComp = _GeneratorExp = _first_iterable

    # Targets

    def store_into(self, target: ast.expr, value: ast.expr) -> None:
        """Emit one assignment whose target awaits."""
        match target:
            case ast.Tuple(elts=items) | ast.List(elts=items):
                names = [self.temp() for _ in items]
                slots = [
                    ast.Starred(store(name), ast.Store())
                    if isinstance(item, ast.Starred)
                    else store(name)
                    for name, item in zip(names, items, strict=True)
                ]
                self.emit(target, ast.Assign([ast.Tuple(list(slots), ast.Store())], value))
                for name, item in zip(names, items, strict=True):
                    inner = item.value if isinstance(item, ast.Starred) else item
                    self.store_into(inner, load(name))
            case _:
                self.emit(target, ast.Assign([self.target(target)], value))

    def target(self, target: ast.expr) -> ast.expr:
        """A target whose operands are evaluated as far as they await."""
        if isinstance(target, ast.Name) or not any_pauses([target]):
            return target
        return self._in_fields(target)
