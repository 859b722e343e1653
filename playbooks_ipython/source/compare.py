"""Compare: is a statement still the one that ran? Equal as syntax trees; positions do not count."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playbooks_ipython.source.stream import TopStatement

_NEW_LINES = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Difference:
    """The first statement that is not what it was.

    `index` counts statements from 0; `line` is its line in the new cell, the line after the last
    statement where it is gone; `diff` is a unified diff from the old text of that statement to
    the new one.
    """

    index: int
    line: int
    diff: str


def same(old: ast.AST, new: ast.AST) -> bool:
    """Tell whether two trees are equal but for positions: comments and layout do not count."""
    return ast.dump(old) == ast.dump(new)


def same_but_bodies(old: ast.AST, new: ast.AST) -> bool:
    """Tell whether two trees are equal but for positions and what functions defined in them do.

    A function's name, parameters, defaults, decorators and annotations count.
    """
    return _outline(old) == _outline(new)


def _outline(node: object) -> object:
    if isinstance(node, list):
        return [_outline(item) for item in node]
    if not isinstance(node, ast.AST):
        return type(node), repr(node)
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    names = [name for name in node._fields if not (is_function and name == "body")]
    return type(node), [_outline(getattr(node, name, None)) for name in names]


def first_difference(
    old: Sequence[TopStatement],
    new: Sequence[TopStatement],
    upto: int,
    same: Callable[[ast.AST, ast.AST], bool] = same,
) -> Difference | None:
    """Return the first of the statements 0 to `upto` (inclusive) that was edited, if any.

    That `new` lacks one of them is a difference.
    """
    for index in range(min(upto + 1, len(old))):
        if index >= len(new):
            line = new[-1].end_line + 1 if new else 1
            return Difference(index, line, _diff(old[index], None))
        if not same(old[index].node, new[index].node):
            return Difference(index, new[index].line, _diff(old[index], new[index]))
    return None


def difference_at(line: int, index: int, old: TopStatement, new: TopStatement | None) -> Difference:
    """Return the difference of one statement of which only what stands at a line counts."""
    return Difference(index, line, _around(_diff(old, new), line - new.line + 1 if new else 1))


def _around(diff: str, line: int) -> str:
    """The part of a unified diff that a line of its new text stands in; all if there is none."""
    head, *hunks = re.split(r"^(?=@@ )", diff, flags=re.MULTILINE)
    for hunk in hunks:
        start, count = _NEW_LINES.match(hunk).groups()  # type: ignore[union-attr]  # unified
        if int(start) <= line < int(start) + int(count or 1):
            return (head + hunk).rstrip("\n")
    return diff


def _diff(old: TopStatement, new: TopStatement | None) -> str:
    lines = difflib.unified_diff(
        old.text.splitlines(),
        new.text.splitlines() if new else [],
        fromfile=f"as it ran, line {old.line}",
        tofile=f"now, line {new.line}" if new else "now gone",
        lineterm="",
    )
    return "\n".join(lines)
