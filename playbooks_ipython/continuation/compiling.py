"""Compiling: from the statements of a source to code whose functions are twins."""

from __future__ import annotations
import __future__

import ast
import contextlib
import warnings
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import lru_cache
from inspect import CO_ITERABLE_COROUTINE
from types import CodeType, FunctionType
from typing import Any

from playbooks_ipython.continuation.definitions import Definitions, Scope
from playbooks_ipython.continuation.makers import keep_makers
from playbooks_ipython.continuation.module_level import wrap
from playbooks_ipython.continuation.nodes import clone
from playbooks_ipython.continuation.resume import as_resume
from playbooks_ipython.continuation.scopes import awaits, walk_scope
from playbooks_ipython.continuation.sites import MODULE, Place, Twin, twin_of_code
from playbooks_ipython.continuation.source import Source
from playbooks_ipython.continuation.twins import (
    Compilation,
    Lowered,
    every_code,
    find_code,
    known_twins,
)
from playbooks_ipython.source import StatementStream

_LAZY_ANNOTATIONS = __future__.annotations.compiler_flag


@dataclass(frozen=True, slots=True)
class Statement:
    """One top-level statement with an await. Its names are the globals of the namespace given."""

    source: Source
    index: int
    code: CodeType

    def start(self, namespace: dict[str, Any]) -> Coroutine[Any, Any, Any]:
        """Return the coroutine that runs the statement; nothing has run yet.

        Its result is the value of an expression statement, and None for any other.
        """
        function = FunctionType(self.code, namespace)
        return function()  # type: ignore[no-any-return]  # a coroutine: the code is one


def compile_statement(node: ast.stmt, source: Source, index: int, flags: int = 0) -> Statement:
    """Compile the statement at a position of a cell; `node` stays as it is.

    Raises: SyntaxError, CPython's own for this statement.
    Cost: one walk of its tree and up to three compilations of it.
    """
    _check(node, source, flags)
    code = _compile([node], source, flags, framed=True)
    twin_code = find_code(code, _place_of(node))
    assert twin_code is not None, "the statement was wrapped as its place says"
    return Statement(source, index, twin_code)


def compile_plain(nodes: ast.stmt | Sequence[ast.stmt], source: Source, flags: int = 0) -> CodeType:
    """Compile statements that await nothing at their top level, for `exec` in a namespace.

    The functions that they define are twins.
    Raises: SyntaxError.
    """
    nodes = [nodes] if isinstance(nodes, ast.stmt) else list(nodes)
    for node in nodes:
        _check(node, source, flags)
    return _compile(nodes, source, flags)


def instrument(function: FunctionType, source_text: str) -> bool:
    """Give an existing function its twin, in place. Returns False where there is none to give.

    Args:
        source_text: the whole text of the file that the function was compiled from.
    """
    code = code_of_twin(function, source_text)
    if code is not None:
        function.__code__ = code
    return code is not None


def code_of_twin(function: FunctionType, source_text: str) -> CodeType | None:
    """The code of a function's twin; None if the text has no such function, or it cannot pause.

    One that only defines what can pause, as a decorator does, gets code that defines twins.
    """
    code = function.__code__
    source = Source(source_text, code.co_filename)
    flags = code.co_flags & ALL_FUTURES
    for inner in every_code(_compile_at(source, code.co_firstlineno, flags)):
        same = inner.co_qualname == code.co_qualname and inner.co_firstlineno == code.co_firstlineno
        if same and inner.co_freevars == code.co_freevars and _has_twins(inner):
            return inner.replace(co_flags=inner.co_flags | code.co_flags & CO_ITERABLE_COROUTINE)
    return None


def _has_twins(code: CodeType) -> bool:
    return any(twin_of_code(inner) for inner in every_code(code))


def _compile_at(source: Source, line: int, flags: int) -> CodeType:
    """Compile what stands at a line, and nothing else: of a library few functions can pause."""
    return _compile_some(source, statements_at(source, line), flags)


def statements_at(source: Source, line: int) -> tuple[int, ...]:
    """The numbers of the top-level statements of a text that stand at a line."""
    nodes = enumerate(_parse(source.text))
    return tuple(n for n, node in nodes if _first_place(node)[0] <= line <= (node.end_lineno or 0))


@lru_cache(maxsize=256)
def compile_as_python(source: Source, numbers: tuple[int, ...], flags: int) -> CodeType | None:
    """Compile statements of a text as CPython does by itself; None where it does not."""
    every = _parse(source.text)
    nodes = ast.Module([every[number] for number in numbers], [])
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with contextlib.suppress(SyntaxError, RecursionError, ValueError):
        code: CodeType = compile(nodes, source.filename, "exec", flags, dont_inherit=True)
        return code
    return None


@lru_cache(maxsize=256)
def _compile_some(source: Source, numbers: tuple[int, ...], flags: int) -> CodeType:
    every = _parse(source.text)
    return _compile([every[number] for number in numbers], source, flags)


def find_twin(source: Source, place: Place, flags: int) -> Twin:
    """Return the twin that stands at a place of a source, compiled if it is not there already.

    Raises: KeyError, the source has no function there.
    """
    twin = known_twins.get((source.id, place))
    if twin is None:
        code = find_code(_compile_around(source, place, flags), place)
        if code is None:
            raise KeyError(place)
        twin = twin_of_code(code)
        assert twin is not None, "find_code returns twins only"
    return twin


@lru_cache(maxsize=256)
def _compile_around(source: Source, place: Place, flags: int) -> CodeType:
    return _compile([_statement_around(source, place)], source, flags, framed=True)


def _statement_around(source: Source, place: Place) -> ast.stmt:
    body = _parse(source.text)
    return max(
        (node for node in body if _first_place(node) <= (place.line, place.column)),
        key=lambda node: (node.lineno, node.col_offset),
    )


def _first_place(node: ast.stmt) -> tuple[int, int]:
    """Where a statement begins, with its decorators; several may stand on one line."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(d.lineno for d in decorators)])
    return first, 0 if decorators else node.col_offset


@lru_cache(maxsize=16)
def _parse(text: str) -> list[ast.stmt]:
    """The statements of a text, as far as it parses: what stands before an error has run."""
    with contextlib.suppress(SyntaxError, ValueError), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # who ran the text has seen them
        return ast.parse(text).body  # four times faster than as a stream
    stream = StatementStream()
    found = stream.feed(text)
    with contextlib.suppress(SyntaxError):
        found += stream.finish()
    return [statement.node for statement in found]


def _compile(
    nodes: Sequence[ast.stmt], source: Source, flags: int, *, framed: bool = False
) -> CodeType:
    """`framed`: statements that need a frame of their own are put into one."""
    for lean in (False, True):
        compilation = Compilation(source, flags, compile_resume, lean=lean)
        body = _define(compilation, nodes, framed=framed)
        try:
            return compilation.compile(ast.Module(body, []))
        except SyntaxError as error:
            if lean or "nested" not in str(error):
                raise
    raise AssertionError("the second attempt returns or raises")


def compile_resume(twin: Twin) -> CodeType:
    """Compile the resume twin. Cost: as for the statement that its function stands in."""
    for lean in (False, True):
        compilation = Compilation(twin.source, twin.flags, compile_resume, goal=twin, lean=lean)
        _define(compilation, [_statement_around(twin.source, twin.place)], framed=True)
        goal = next(found for found in compilation.lowered.values() if found.twin is twin)
        tree = as_resume(goal.node, goal.entry, goal.variables, twin.cells, goal.class_name)
        try:
            code = find_code(compilation.compile(tree), twin.place)
        except SyntaxError as error:
            if lean or "nested" not in str(error):
                raise
        else:
            assert code is not None, "the goal is in the tree"
            return code
    raise AssertionError("the second attempt returns or raises")


def lower_statement(source: Source, index: int, flags: int) -> list[Lowered]:
    """Lower one top-level statement of a text, and compile nothing; return what can pause in it."""
    compilation = Compilation(source, flags, compile_resume)
    _define(compilation, [_parse(source.text)[index]], framed=True)
    return list(compilation.lowered.values())


def statement_number(source: Source, place: Place) -> int:
    """The number of the top-level statement around a place of a text."""
    return _parse(source.text).index(_statement_around(source, place))


def _define(compilation: Compilation, nodes: Sequence[ast.stmt], *, framed: bool) -> list[ast.stmt]:
    body: list[ast.stmt] = []
    lazy = bool(compilation.flags & _LAZY_ANNOTATIONS)
    for node in map(clone, nodes):
        keep_makers(node)
        if awaits(node) or (framed and needs_frame(node)):
            function = wrap(node, lazy_annotations=lazy)
            body.append(Definitions(compilation.lower, Scope()).twin_of(function))
        else:
            body += compilation.define([node], Scope())
    return body


def needs_frame(node: ast.stmt) -> bool:
    """Tell whether a top-level statement must be compiled by `compile_statement`.

    One that awaits must, and one that makes a generator expression: it may be alive, half-used, at
    a later await, and only in a function of ours does it have a frame that can be read.
    """
    return awaits(node) or any(isinstance(n, ast.GeneratorExp) for n in walk_scope([node]))


def _place_of(node: ast.stmt) -> Place:
    return Place(node.lineno, node.col_offset, MODULE)


def _check(node: ast.stmt, source: Source, flags: int) -> None:
    """Let CPython itself judge the statement as the user wrote it."""
    flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    compile(ast.Module([node], []), source.filename, "exec", flags, dont_inherit=True)


ALL_FUTURES = 0
for _name in __future__.all_feature_names:
    ALL_FUTURES |= getattr(__future__, _name).compiler_flag
