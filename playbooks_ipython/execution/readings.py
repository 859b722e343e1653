"""Readings: of clocks that end with their process, told of the statement that they concern."""

from __future__ import annotations

from playbooks_ipython.continuation import Notice
from playbooks_ipython.continuation.clocks import Kept, kept_readings, may_read_clocks
from playbooks_ipython.execution.statements import statements_of
from playbooks_ipython.source import TopStatement


class Readings:
    """What one program keeps of clocks across its awaits, as far as its text is known."""

    def __init__(self) -> None:
        self._text = ""
        self._kept: list[Kept] = []

    def of(self, statement: TopStatement, text: str) -> list[Notice]:
        """Return those that a statement takes, or reads after an await.

        The latter too, since what follows may not be known while a statement runs, and since a
        resume may begin between both.
        """
        if text != self._text:
            self._text = text
            known = statements_of(text) if may_read_clocks(text) else []
            self._kept = kept_readings([one.node for one in known])
        lines = range(statement.line, statement.end_line + 1)
        return [k.notice for k in self._kept if k.notice.line in lines or k.read_at in lines]
