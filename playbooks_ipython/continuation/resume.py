"""Resume twins: compiled at restore, out of the source that the frame came from."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from playbooks_ipython.continuation.hidden import (
    AWAITED,
    CELLS,
    GOAL,
    PC,
    SAVED,
    assign,
    call,
    clear,
    constant,
    is_hidden,
    load,
    place,
    store,
    when,
)
from playbooks_ipython.continuation.scopes import (
    Function,
    every_argument,
    spell_private,
    spell_super,
    walk_scope,
)

SCAFFOLD = ".scaffold"
_OWN = {PC, GOAL, SAVED, CELLS}


def as_resume(
    node: Function,
    entry: int,
    variables: Iterable[str],
    cells: tuple[str, ...],
    class_name: str | None,
) -> ast.Module:
    """Return the module whose innermost function is the resume twin made of a lowered function.

    Its parameters are the goal and a dict of locals. Its cells are free variables, so that the
    very cells of the frame can be handed to it. The class around it is there because private
    names are spelled by it.
    """
    first = next(iter(every_argument(node.args)), None)
    names = [ast.arg(GOAL), ast.arg(SAVED)]
    node.args = ast.arguments([], names, None, [], [], None, [])
    place(node, node.args)
    node.decorator_list, node.returns = [], None
    node.body = _OwnScope(first.arg if first else None).visit_all(node.body)
    hidden = _hidden_names(node.body)
    spelled = {spell_private(name, class_name) for name in variables}
    start = _unpack(sorted(spelled - set(cells)), hidden)
    if cells:
        start.insert(0, ast.Nonlocal(list(cells)))
    for statement in start:
        place(node, statement)
    node.body[entry:entry] = start
    return _scaffold(node, cells, class_name)


def _unpack(variables: list[str], hidden: list[str]) -> list[ast.stmt]:
    """What was unbound stays unbound; hidden locals are None unless saved."""
    start: list[ast.stmt] = []
    for name in variables:
        bound = ast.Compare(constant(name), [ast.In()], [load(SAVED)])
        value = ast.Subscript(load(SAVED), constant(name), ast.Load())
        start.append(when(bound, [ast.Assign([store(name)], value)]))
    for name in hidden:
        get = ast.Attribute(load(SAVED), "get", ast.Load())
        start.append(assign(name, call(get, constant(name))))
    return [*start, clear([SAVED])]


def _hidden_names(body: list[ast.stmt]) -> list[str]:
    names = {n.id for n in walk_scope(body) if isinstance(n, ast.Name) and is_hidden(n.id)}
    return sorted((names | {AWAITED}) - _OWN)


def _scaffold(node: Function, cells: tuple[str, ...], class_name: str | None) -> ast.Module:
    body: list[ast.stmt] = [*([clear(cells)] if cells else []), node]
    if node.name not in cells:
        body.insert(0, ast.Global([node.name]))  # its name is not a local of the scaffold
    no_arguments = ast.arguments([], [], None, [], [], None, [])
    outer: ast.stmt = ast.FunctionDef(SCAFFOLD, no_arguments, body, [])
    if class_name:
        outer = ast.ClassDef(class_name, [], [], [outer], [])
    place(node, outer)
    return ast.Module([outer], [])


class _OwnScope(ast.NodeTransformer):
    """Drops `nonlocal`, which is said for all cells at once, and writes `super()` out in full."""

    def __init__(self, first: str | None) -> None:
        self.first = first

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        spell_super(node, self.first)
        return node

    def visit_all(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [self.visit(statement) for statement in body]

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.stmt:
        empty = ast.Pass()
        place(node, empty)
        return empty

    def _leave(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = _leave  # noqa: N815
