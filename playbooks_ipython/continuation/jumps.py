"""Jumps: `return`, `break` and `continue` that a suspending `finally` clause holds up."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playbooks_ipython.continuation.block import raise_again
from playbooks_ipython.continuation.hidden import assign, constant, load, negate, place, when

_RETURN, _BREAK, _CONTINUE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Pending:
    """The hidden locals of one `finally`: kind of jump, returned value, raised exception."""

    jump: str
    value: str
    error: str

    @property
    def names(self) -> tuple[str, str, str]:
        return self.jump, self.value, self.error


def record_jumps(node: ast.stmt, around: Sequence[Pending | None]) -> list[ast.stmt]:
    """Return a statement, changed in place, that notes its jumps for the clauses they pass."""
    result = _Recorder(around).visit(node)
    return result if isinstance(result, list) else [result]


def repeat_jump(pending: Pending, *, in_loop: bool, has_value: bool) -> list[ast.stmt]:
    """Do again what led into the clause; nothing, if its end was reached."""
    absent = ast.Compare(load(pending.error), [ast.Is()], [constant(None)])
    leave = ast.Return(load(pending.value) if has_value else None)
    jumps: list[tuple[int, ast.stmt]] = [(_RETURN, leave)]
    if in_loop:
        jumps += [(_BREAK, ast.Break()), (_CONTINUE, ast.Continue())]
    return [
        when(negate(absent), [raise_again(pending.error)]),
        *(when(_is_jump(pending, kind), [jump]) for kind, jump in jumps),
    ]


def _is_jump(pending: Pending, kind: int) -> ast.Compare:
    return ast.Compare(load(pending.jump), [ast.Eq()], [constant(kind)])


class _Recorder(ast.NodeTransformer):
    def __init__(self, around: Sequence[Pending | None]) -> None:
        self.every = [p for p in around if p]
        inside = list(around)
        while None in inside:
            del inside[: inside.index(None) + 1]
        self.in_loop: list[Pending | None] = inside
        self.depth = 0

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        noted: list[ast.stmt] = []
        value: ast.expr = node.value or constant(None)
        for pending in self.every:
            noted += [assign(pending.value, value), assign(pending.jump, constant(_RETURN))]
            value = load(pending.value)
        result = ast.Return(load(self.every[0].value) if node.value else None)
        place(node, *noted, result)
        return [*noted, result]

    def visit_Break(self, node: ast.Break) -> list[ast.stmt]:
        return self._leave_loop(node, _BREAK)

    def visit_Continue(self, node: ast.Continue) -> list[ast.stmt]:
        return self._leave_loop(node, _CONTINUE)

    def _leave_loop(self, node: ast.stmt, kind: int) -> list[ast.stmt]:
        if self.depth:
            return [node]
        noted: list[ast.stmt] = [
            assign(pending.jump, constant(kind)) for pending in self.in_loop if pending
        ]
        place(node, *noted)
        return [*noted, node]

    def _loop(self, node: Any) -> ast.AST:
        self.depth += 1
        node.body = [part for stmt in node.body for part in self._parts(stmt)]
        self.depth -= 1
        node.orelse = [part for stmt in node.orelse for part in self._parts(stmt)]
        return node  # type: ignore[no-any-return]  # the node that it got

    visit_For = visit_While = visit_AsyncFor = _loop

    def _parts(self, node: ast.stmt) -> list[ast.stmt]:
        result = self.visit(node)
        return result if isinstance(result, list) else [result]

    def _leave(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = _leave
