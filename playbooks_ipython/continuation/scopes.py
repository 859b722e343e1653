"""Scopes: which nodes and names belong to one function, as Python's own rules say."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_AWAITS = (ast.Await, ast.AsyncFor, ast.AsyncWith)
_PAUSES = (*_AWAITS, ast.Yield, ast.YieldFrom)


def parts_in_scope(node: ast.AST) -> Iterable[ast.AST]:
    """The children of a node that are evaluated in the scope the node itself stands in."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [*node.decorator_list, *_header(node.args), *filter(None, [node.returns])]
    if isinstance(node, ast.Lambda):
        return _header(node.args)
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    if isinstance(node, COMPREHENSIONS):
        return [node.generators[0].iter]
    return ast.iter_child_nodes(node)


def _header(arguments: ast.arguments) -> list[ast.expr]:
    defaults = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    return defaults + [a.annotation for a in every_argument(arguments) if a.annotation]


def every_argument(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters of a function, the first one first."""
    plain = [*arguments.posonlyargs, *arguments.args]
    rest = [arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return plain + [argument for argument in rest if argument]


def walk_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node of a scope; nested functions, lambdas and classes are seen but not entered."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        pending.extend(parts_in_scope(node))


def pauses(node: ast.AST) -> bool:
    """Tell whether a node has a site in its own scope. The answer is kept on the node."""
    known: bool | None = getattr(node, "pauses", None)
    if known is None:
        known = isinstance(node, _PAUSES) or any(map(pauses, parts_in_scope(node)))
        node.pauses = known  # type: ignore[attr-defined]  # nodes take attributes
    return known


def any_pauses(nodes: Iterable[ast.AST]) -> bool:
    return any(map(pauses, nodes))


def yields(function: Function) -> bool:
    return any(isinstance(n, ast.Yield | ast.YieldFrom) for n in walk_scope(function.body))


def is_awaiting(node: Comprehension) -> bool:
    """Tell whether a comprehension awaits once it runs; its first iterable is evaluated before."""
    first, *rest = node.generators
    if any(g.is_async for g in node.generators):
        return True
    results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    inner: list[ast.expr] = [*results, *first.ifs]
    for generator in rest:
        inner += [generator.iter, *generator.ifs]
    return any(map(awaits, inner))


def awaits(node: ast.AST) -> bool:
    """Tell whether a node, as the user wrote it, awaits in its own scope."""
    if isinstance(node, _AWAITS):
        return True
    if isinstance(node, COMPREHENSIONS) and not isinstance(node, ast.GeneratorExp):
        return is_awaiting(node) or awaits(node.generators[0].iter)
    return any(map(awaits, parts_in_scope(node)))


def bound_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Every name that a scope binds or deletes, declared elsewhere or not."""
    names: set[str] = set()
    for node in walk_scope(nodes):
        names.update(_bound_by(node))
        if isinstance(node, COMPREHENSIONS):
            names.update(walrus_names(node))
    return names


def _bound_by(node: ast.AST) -> Iterable[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return (name,)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            return (name,)
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return (name,)
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return [(a.asname or a.name).partition(".")[0] for a in aliases if a.name != "*"]
    return ()


def walrus_names(node: Comprehension) -> set[str]:
    """Names that `:=` inside a comprehension binds in the scope around it."""
    return {inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)}


def spell_private(name: str, class_name: str | None) -> str:
    """The name that `__name` has inside a class."""
    owner = (class_name or "").lstrip("_")
    private = name.startswith("__") and not name.endswith("__")
    return f"_{owner}{name}" if owner and private else name


def spell_super(node: ast.Call, first: str | None) -> None:
    """Change `super()` into what it means in a method whose first parameter is `first`."""
    is_super = isinstance(node.func, ast.Name) and node.func.id == "super"
    if is_super and first and not node.args and not node.keywords:
        node.args = [ast.Name("__class__", ast.Load()), ast.Name(first, ast.Load())]
        for name in node.args:
            ast.copy_location(name, node)


def declared_names(
    nodes: Iterable[ast.AST], kind: type[ast.Global] | type[ast.Nonlocal]
) -> set[str]:
    return {name for n in walk_scope(nodes) if isinstance(n, kind) for name in n.names}


def local_names(function: Function) -> set[str]:
    """Parameters and bound names of a function, whether cells or not."""
    names = bound_names(function.body)
    names |= {argument.arg for argument in every_argument(function.args)}
    names -= declared_names(function.body, ast.Global)
    return names - declared_names(function.body, ast.Nonlocal)
