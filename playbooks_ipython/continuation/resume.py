"""Resume twins: compiled at restore, out of the source that the frame came from."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from typing import Any

from playbooks_ipython.continuation.hidden import (
    ARGUMENT,
    ARRIVAL,
    AWAITED,
    CELLS,
    GOAL,
    PC,
    SAVED,
    assign,
    call,
    call_hook,
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
    bound_names,
    every_argument,
    spell_private,
    spell_super,
    walk_scope,
    walrus_names,
)

SCAFFOLD = ".scaffold"
_OWN = {PC, GOAL, SAVED, CELLS, ARRIVAL}


def as_resume(
    node: Function,
    entry: int,
    variables: Iterable[str],
    cells: tuple[str, ...],
    class_name: str | None,
) -> ast.Module:
    """Return the module whose innermost function is the resume twin made of a lowered function.

    The goal and a dict of locals come to it in a cell. Its own cells are free variables, so that
    the very cells of the frame can be handed to it; of the user's parameters those that are none
    keep their names, which tracebacks show. The class around it is there because private names are
    spelled by it.
    """
    first = next(iter(every_argument(node.args)), None)
    node.args = _named_like(node.args, cells, class_name)
    place(node, node.args)
    node.decorator_list, node.returns = [], None
    own = _OwnScope(first.arg if first else None, frozenset(cells), class_name)
    node.body = own.visit_all(node.body)
    hidden = _hidden_names(node.body)
    spelled = {spell_private(name, class_name) for name in variables}
    given = {argument.arg for argument in every_argument(node.args)}
    start = _unpack(sorted(spelled - set(cells)), hidden, given)
    start.insert(0, ast.Nonlocal([ARRIVAL, *cells]))
    for statement in start:
        place(node, statement)
    node.body[entry:entry] = start
    return _scaffold(node, cells, class_name)


def _named_like(
    given: ast.arguments, cells: tuple[str, ...], class_name: str | None
) -> ast.arguments:
    """Parameters with the user's names; all of them are filled from what was saved."""

    def plain(arguments: Iterable[ast.arg]) -> list[ast.arg]:
        names = (spell_private(a.arg, class_name) for a in arguments)
        return [ast.arg(name) for name in names if name not in cells and not is_hidden(name)]

    rest, more = (next(iter(plain([a] if a else [])), None) for a in (given.vararg, given.kwarg))
    positional, named = plain(given.args), plain(given.kwonlyargs)
    none: list[ast.expr | None] = [None] * len(named)
    return ast.arguments(plain(given.posonlyargs), positional, rest, named, none, more, [])


def _unpack(variables: list[str], hidden: list[str], given: set[str]) -> list[ast.stmt]:
    """What was unbound stays unbound; hidden locals are None unless saved."""
    pair = ast.Tuple([store(GOAL), store(SAVED)], ast.Store())
    start: list[ast.stmt] = [ast.Assign([pair], load(ARRIVAL)), clear([ARRIVAL])]
    for name in variables:
        bound = ast.Compare(constant(name), [ast.In()], [load(SAVED)])
        value = ast.Subscript(load(SAVED), constant(name), ast.Load())
        gone: list[ast.stmt] = [ast.Delete([ast.Name(name, ast.Del())])] if name in given else []
        start.append(when(bound, [ast.Assign([store(name)], value)], gone))
    for name in hidden:
        get = ast.Attribute(load(SAVED), "get", ast.Load())
        start.append(assign(name, call(get, constant(name))))
    return [*start, clear([SAVED])]


def _hidden_names(body: list[ast.stmt]) -> list[str]:
    names = {n.id for n in walk_scope(body) if isinstance(n, ast.Name) and is_hidden(n.id)}
    return sorted((names | {AWAITED}) - _OWN)


def _scaffold(node: Function, cells: tuple[str, ...], class_name: str | None) -> ast.Module:
    body: list[ast.stmt] = [clear([ARRIVAL, *cells]), node]
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

    def __init__(self, first: str | None, cells: frozenset[str], class_name: str | None) -> None:
        self.first, self.cells, self.class_name = first, cells, class_name

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        spell_super(node, self.first)
        return node

    def _comprehension(self, node: Any) -> ast.AST:
        """Keep a comprehension's own variables from the frame's cells of the same names.

        CPython from 3.12 on puts comprehensions into the function around them, and where a name is
        `nonlocal` there and captured here it writes through; so a function stands between.
        """
        self.generic_visit(node)
        targets = bound_names([generator.target for generator in node.generators])
        if sys.version_info < (3, 12) or not targets & self.cells or walrus_names(node):
            return node  # type: ignore[no-any-return]  # the node that it got
        first = node.generators[0]
        iterator, first.iter = call_hook("iter", first.iter), load(ARGUMENT)
        arguments = ast.arguments([], [ast.arg(ARGUMENT)], None, [], [], None, [])
        apart = call(ast.Lambda(arguments, node), iterator)
        place(node, first.iter, apart)
        return apart

    visit_ListComp = visit_SetComp = visit_DictComp = _comprehension

    def visit_all(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [self.visit(statement) for statement in body]

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.stmt:
        empty = ast.Pass()
        place(node, empty)
        return empty

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """What is `nonlocal` cannot be annotated; the annotation of a name is not evaluated."""
        self.generic_visit(node)
        target = node.target
        if not isinstance(target, ast.Name):
            return node
        if spell_private(target.id, self.class_name) not in self.cells:
            return node
        bare = ast.Assign([target], node.value) if node.value else ast.Pass()
        place(node, bare)
        return bare

    def _leave(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = _leave
