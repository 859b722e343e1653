"""Parsing: the text of one segment -> statements with the cell's line numbers, or Python's refusal.

Each segment is parsed once, by itself, and its tree is moved to its lines; that keeps the cost of
a long text linear. Only a refused one is parsed again, beneath as many empty lines as stood above.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import inspect
import re
import warnings

AWAIT_ALLOWED = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
# What the interpreter raises for text that it does not take, besides SyntaxError: null bytes and
# lone surrogates (ValueError), nesting that is too deep (the other two).
REFUSALS = (SyntaxError, ValueError, RecursionError, MemoryError)

_NEWLINE = re.compile(r"\r\n|\r|\n")
# Escapes and number literals that Python warns of while parsing, naming the line.
_WARNED_ABOUT = re.compile(r"\\[^\n\r\\'\"abfnrtv0-3xNuU]|\d(?:and|else|for|if|in|is|not|or)")
# Nodes below which the compiler may find something to warn of.
_DISPLAYS = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.JoinedStr, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)


def count_newlines(text: str) -> int:
    """Count line ends as Python's tokenizer does: CR LF, CR and LF, nothing else."""
    return sum(1 for _ in _NEWLINE.finditer(text))


def line_text(text: str, line: int) -> str:
    """Return one line, counted from 1, without its end; "" if there is none."""
    lines = _NEWLINE.split(text)
    return lines[line - 1] if 0 < line <= len(lines) else ""


def parse(text: str, line: int, filename: str, flags: int) -> list[ast.stmt]:
    """Parse whole statements that begin at `line`. Raises one of REFUSALS, lines not yet right."""
    # A warning names its line when it is raised, so here the lines must be right from the start.
    padding = line - 1 if _WARNED_ABOUT.search(text) else 0
    tree = parse_module("\n" * padding + text, filename, flags)
    if line - 1 - padding:
        ast.increment_lineno(tree, line - 1 - padding)
    return tree.body


def parse_module(text: str, filename: str, flags: int) -> ast.Module:
    """Parse the whole of a text under these future flags. Raises one of REFUSALS."""
    tree = compile(text, filename, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


def check(node: ast.stmt, filename: str, flags: int, first: bool) -> bool:
    """Compile a statement, so that Python can refuse it, and tell whether it awaits by itself.

    `first` says that nothing but a docstring and future imports stand above. Raises one of
    REFUSALS. The compiler's word decides: an await in a nested function, lambda or generator
    expression is none of the statement's own.
    """
    above: list[ast.stmt] = [] if first else [ast.copy_location(ast.Pass(), node)]
    module = ast.Module([*above, node], type_ignores=[])
    # The warnings belong to whoever compiles the statement to run it, or they would come twice.
    # The guard stays away from the others because it makes Python forget which were shown.
    with contextlib.ExitStack() as guard:
        if any(_may_warn(part) for part in ast.walk(node)):
            guard.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore", SyntaxWarning)
        code = compile(module, filename, "exec", flags | AWAIT_ALLOWED, dont_inherit=True)
    return bool(code.co_flags & inspect.CO_COROUTINE)


def _may_warn(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        return any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops) and any(
            isinstance(operand, ast.Constant | ast.Tuple) for operand in operands
        )
    if isinstance(node, ast.Assert):
        return isinstance(node.test, ast.Tuple)
    if isinstance(node, ast.Call):
        return isinstance(node.func, _DISPLAYS + _COMPREHENSIONS)
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, _DISPLAYS + _COMPREHENSIONS)
    return isinstance(node, ast.Try | ast.TryStar) and bool(node.finalbody)


def future_flags(node: ast.stmt) -> int:
    """Return the compiler flags that a `from __future__ import` switches on, else 0."""
    if not is_future(node):
        return 0
    assert isinstance(node, ast.ImportFrom)
    flags = 0
    for alias in node.names:
        flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def is_future(node: ast.stmt) -> bool:
    """Tell whether a statement is a `from __future__ import`."""
    return isinstance(node, ast.ImportFrom) and node.module == "__future__" and not node.level


def is_text(node: ast.stmt) -> bool:
    """Tell whether a statement is nothing but a string, as a docstring is."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
