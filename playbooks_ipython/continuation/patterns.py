"""Patterns: a subject is matched once; which case it was is kept as a number."""

from __future__ import annotations

import ast

from playbooks_ipython.continuation.hidden import (
    assign,
    clear,
    constant,
    load,
    place,
    when,
)
from playbooks_ipython.continuation.scopes import any_pauses
from playbooks_ipython.continuation.statements import Statements


class Patterns(Statements):
    """`match`."""

    def _Match(self, node: ast.Match) -> None:
        """The pattern is matched once; which case it was is kept as a number."""
        subject, chosen = self.name("s"), self.name("k")
        self.evaluate(node.subject, node.subject, subject)
        self.emit(node, assign(chosen, constant(-1)))
        if any_pauses(case.guard for case in node.cases if case.guard):
            self._match_one_by_one(node, subject, chosen)
            return
        cases = [
            ast.match_case(case.pattern, case.guard, [assign(chosen, constant(number))])
            for number, case in enumerate(node.cases)
        ]
        self.emit(node, ast.Match(load(subject), cases))
        self.emit(node, clear([subject]))
        bodies: list[ast.stmt] = []
        for number, case in reversed(list(enumerate(node.cases))):
            bodies = [when(_equals(chosen, number), case.body, bodies)]
            place(node, *bodies)
        self.statement(bodies[0])

    def _match_one_by_one(self, node: ast.Match, subject: str, chosen: str) -> None:
        with self.living(subject, chosen):
            for number, case in enumerate(node.cases):
                found: list[ast.stmt] = [assign(chosen, constant(number))]
                tried = ast.Match(load(subject), [ast.match_case(case.pattern, None, found)])
                inner: list[ast.stmt] = list(case.body)
                if case.guard:
                    missed = [assign(chosen, constant(-1))]
                    inner = [when(case.guard, inner, missed)]
                attempt_case = [
                    when(_equals(chosen, -1), [tried, when(_equals(chosen, number), inner)])
                ]
                place(case.pattern, *attempt_case)
                self.statement(attempt_case[0])
        self.emit(node, clear([subject]))


def _equals(name: str, number: int) -> ast.Compare:
    return ast.Compare(load(name), [ast.Eq()], [constant(number)])
