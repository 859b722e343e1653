"""Statements: one top-level statement of a cell made runnable in the notebook's own dictionary."""

from __future__ import annotations
import __future__

import ast
import contextlib
import inspect
from dataclasses import dataclass
from types import CodeType
from typing import Any

from playbooks_ipython.source import StatementStream, TopStatement

_FUTURES = 0
for _name in __future__.all_feature_names:
    _FUTURES |= getattr(__future__, _name).compiler_flag


@dataclass(slots=True)
class Compiler:
    """Compiles the statements of one program in order; `from __future__` lasts to its end."""

    filename: str
    flags: int = 0

    def compile(self, statement: TopStatement) -> CodeType:
        """Return code that gives the value of an expression statement, None for any other."""
        node = statement.node
        tree: ast.Expression | ast.Module
        if isinstance(node, ast.Expr):
            tree, mode = ast.Expression(node.value), "eval"
        else:
            tree, mode = ast.Module([node], type_ignores=[]), "exec"
        flags = self.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code: CodeType = compile(tree, self.filename, mode, flags, dont_inherit=True)
        self.flags |= code.co_flags & _FUTURES
        return code


def start(code: CodeType, namespace: dict[str, Any]) -> Any:
    """Run code to its end, or return its coroutine if it awaits."""
    __tracebackhide__ = True
    return eval(code, namespace)


def awaits(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_COROUTINE)


def is_quiet(statement: TopStatement, text: str) -> bool:
    """Tell whether a semicolon after the statement says that its value is not to be shown."""
    node = statement.node
    line = text.splitlines()[(node.end_lineno or 1) - 1].encode()
    return line[node.end_col_offset :].lstrip().startswith(b";")


def statements_of(program: str) -> list[TopStatement]:
    """Return a program's statements as far as it parses; an error is reported when it runs."""
    stream = StatementStream()
    found = list(stream.feed(program))
    with contextlib.suppress(SyntaxError):
        found += stream.finish()
    return found
