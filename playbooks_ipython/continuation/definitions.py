"""Definitions: finds every function of a tree that can pause, and puts its twin in its place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from playbooks_ipython.continuation.comprehend import call_of, function_of, hide
from playbooks_ipython.continuation.hidden import call_hook, load, place
from playbooks_ipython.continuation.scopes import (
    Comprehension,
    Function,
    declared_names,
    every_argument,
    is_awaiting,
    spell_super,
    walrus_names,
    yields,
)
from playbooks_ipython.continuation.sites import Kind

# Functions that would show the hidden locals of the frame that calls them.
REFLECTIVE = frozenset({"locals", "vars", "dir", "eval", "exec"})
# Calls that use a generator expression up before they return: it can never be found half-used.
EXHAUSTING = frozenset(
    {"all", "any", "bytes", "dict", "frozenset", "join", "list", "max", "min", "set"}
    | {"sorted", "sum", "tuple", "update", "extend"}
)

Lower: TypeAlias = "Callable[[Function, Scope], Function]"


@dataclass(slots=True)
class Scope:
    """What is known of the function, class or module around a node."""

    qualname: tuple[str, ...] = ()
    class_name: str | None = None
    is_function: bool = False
    is_twin: bool = False
    kind: Kind | None = None
    globals: frozenset[str] = frozenset()
    first_argument: str | None = None
    names: list[int] = field(default_factory=lambda: [0])

    @property
    def is_hidden(self) -> bool:
        """Tell whether this is the scope of a comprehension."""
        return self.is_twin and self.qualname[-2][0] == "<"

    def fresh_name(self) -> str:
        self.names[0] += 1
        return f".g{self.names[0]}"

    def of_function(self, node: Function) -> Scope:
        kind = kind_of(node)
        return Scope(
            (*self.qualname, node.name, "<locals>"),
            self.class_name,
            is_function=True,
            is_twin=kind is not None,
            kind=kind,
            globals=frozenset(declared_names(node.body, ast.Global)),
            first_argument=self._first_argument(node),
        )

    def _first_argument(self, node: Function) -> str | None:
        """What `super()` means by its object; inside a comprehension the method's, as from 3.12."""
        if not node.name.isidentifier():
            return self.first_argument
        return next((argument.arg for argument in every_argument(node.args)), None)

    def of_class(self, node: ast.ClassDef) -> Scope:
        return Scope((*self.qualname, node.name), node.name)


def kind_of(node: Function) -> Kind | None:
    """Which kind of twin a function has; None if it can never pause."""
    if isinstance(node, ast.FunctionDef):
        return "generator" if yields(node) else None
    return "async generator" if yields(node) else "coroutine"


class Definitions(ast.NodeTransformer):
    """Changes a tree in place. `lower` makes the twin of one function, the inner ones first."""

    def __init__(self, lower: Lower, scope: Scope) -> None:
        self.lower = lower
        self.scope = scope
        # Where hidden functions go: before the statement being visited. None inside a lambda or a
        # comprehension, whose variables they could not see from there.
        self.before: list[ast.stmt] | None = None

    def statements(self, nodes: Sequence[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for node in nodes:
            outer, self.before = self.before, []
            new = self.visit(node)
            result += [*self.before, *(new if isinstance(new, list) else [new])]
            self.before = outer
        return result

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, name, self.statements(value))
            elif isinstance(value, list):
                value[:] = [self.visit(v) if isinstance(v, ast.AST) else v for v in value]
            elif isinstance(value, ast.AST):
                setattr(node, name, self.visit(value))
        return node

    @contextmanager
    def inside(self, scope: Scope | None = None) -> Iterator[None]:
        """Visit what hidden functions cannot be put before, or another scope."""
        outer = self.scope, self.before
        self.scope, self.before = scope or self.scope, None
        yield
        self.scope, self.before = outer

    def _function(self, node: Any) -> ast.AST:
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        node.args = self.generic_visit(node.args)
        node.returns = node.returns and self.visit(node.returns)
        return self.twin_of(node)

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def twin_of(self, node: Function) -> Function:
        """Visit a function's body in its own scope, then lower it if it can pause."""
        scope = self.scope.of_function(node)
        with self.inside(scope):
            node.body = self.statements(node.body)
        return self.lower(node, scope) if scope.is_twin else node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        body, node.body = node.body, []
        self.generic_visit(node)
        with self.inside(self.scope.of_class(node)):
            node.body = self.statements(body)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        node.args = self.generic_visit(node.args)  # type: ignore[assignment]  # it gives back what it got
        with self.inside():
            node.body = self.visit(node.body)
        return node

    def _comprehension(self, node: Comprehension) -> ast.AST:
        if self.before is not None and (is_awaiting(node) or self._may_outlive(node)):
            return self._hidden(node, self.before)
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        kept, first.iter = first.iter, ast.Constant(None)
        with self.inside():
            self.generic_visit(node)
        first.iter = kept
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _may_outlive(self, node: Comprehension) -> bool:
        """Tell whether a generator expression can be alive, half-used, at an await."""
        exhausted = getattr(node, "is_exhausted", False)
        return isinstance(node, ast.GeneratorExp) and self.scope.is_function and not exhausted

    def _hidden(self, node: Comprehension, before: list[ast.stmt]) -> ast.expr:
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        names, awaiting = walrus_names(node), is_awaiting(node)
        at_module = self.scope.qualname == () or names <= self.scope.globals
        function = function_of(node, ast.Global if at_module else ast.Nonlocal)
        outer, self.before = self.before, None
        function = self.twin_of(function)
        self.before = outer
        name = self.scope.fresh_name()
        before += hide(function, name, names)
        return call_of(node, name, awaiting=awaiting)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = node.func
        name = getattr(called, "id", None) or getattr(called, "attr", "")
        if name in EXHAUSTING:
            for argument in node.args:
                argument.is_exhausted = True  # type: ignore[attr-defined]  # nodes take attributes
        self.generic_visit(node)
        if self.scope.is_hidden:
            spell_super(node, self.scope.first_argument)
        if isinstance(called, ast.Name) and called.id in REFLECTIVE and self.scope.is_function:
            node.func = call_hook("reflective", load(called.id))
            place(called, node.func)
        return node
