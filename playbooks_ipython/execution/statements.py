"""Statements: one top-level statement of a cell made runnable in the notebook's own dictionary."""

from __future__ import annotations
import __future__

import ast
import contextlib
from dataclasses import dataclass
from types import CodeType
from typing import Any

from playbooks_ipython.continuation import (
    Source,
    Statement,
    compile_plain,
    compile_statement,
    needs_frame,
)
from playbooks_ipython.source import StatementStream, TopStatement

_FUTURES = 0
for _name in __future__.all_feature_names:
    _FUTURES |= getattr(__future__, _name).compiler_flag
# Not a name that a program can write, so the value of an expression is nobody's variable.
_VALUE = ".value"

Code = Statement | CodeType


@dataclass(slots=True)
class Compiler:
    """Compiles the statements of one program in order; `from __future__` lasts to its end."""

    filename: str
    flags: int = 0

    def compile(self, statement: TopStatement, text: str) -> Code:
        """Compile one statement of the program `text`. The functions in it become twins.

        Raises SyntaxError, CPython's own.
        """
        source, node = Source(text, self.filename), statement.node
        if needs_frame(node):
            return compile_statement(node, source, statement.index, self.flags)
        code = compile_plain(_keeping_value(node), source, self.flags)
        self.flags |= code.co_flags & _FUTURES
        return code

    def pass_over(self, statement: TopStatement, text: str) -> None:
        """Take note of a statement that has run. Only a future import lasts beyond itself."""
        node = statement.node
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            self.compile(statement, text)


def run_plain(code: CodeType, namespace: dict[str, Any]) -> Any:
    """Run a statement that awaits nothing; return its value if it is an expression."""
    __tracebackhide__ = True
    exec(code, namespace)  # noqa: S102 - the user's own cell
    return namespace.pop(_VALUE, None)


def settles(statement: TopStatement) -> bool:
    """Tell whether nothing but binding plain names can follow a whole await of this statement."""
    node = statement.node
    if isinstance(node, ast.Assign):
        return all(map(_is_plain, node.targets))
    return isinstance(node, ast.Expr)


def _is_plain(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(_is_plain, target.elts))
    return isinstance(target.value if isinstance(target, ast.Starred) else target, ast.Name)


def _keeping_value(node: ast.stmt) -> ast.stmt:
    if not isinstance(node, ast.Expr):
        return node
    kept = ast.Assign([ast.Name(_VALUE, ast.Store())], node.value)
    return ast.fix_missing_locations(ast.copy_location(kept, node))


def is_quiet(statement: TopStatement, text: str) -> bool:
    """Tell whether a semicolon after the statement says that its value is not to be shown."""
    node = statement.node
    if not isinstance(node, ast.Expr):
        return False
    line = text.splitlines()[(node.end_lineno or 1) - 1].encode()
    return line[node.end_col_offset :].lstrip().startswith(b";")


def statements_of(program: str) -> list[TopStatement]:
    """Return a program's statements as far as it parses; an error is reported when it runs."""
    stream = StatementStream()
    found = list(stream.feed(program))
    with contextlib.suppress(SyntaxError):
        found += stream.finish()
    return found
