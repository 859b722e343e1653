"""Compare: is a statement still the one that ran? Equal as syntax trees; positions do not count."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from playbooks_ipython.source.stream import TopStatement


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


def first_difference(
    old: Sequence[TopStatement], new: Sequence[TopStatement], upto: int
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


def _diff(old: TopStatement, new: TopStatement | None) -> str:
    lines = difflib.unified_diff(
        old.text.splitlines(),
        new.text.splitlines() if new else [],
        fromfile=f"as it ran, line {old.line}",
        tofile=f"now, line {new.line}" if new else "now gone",
        lineterm="",
    )
    return "\n".join(lines)
