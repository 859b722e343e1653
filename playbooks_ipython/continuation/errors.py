"""Errors of continuation."""

from __future__ import annotations

from playbooks_ipython.errors import SnapshotError


class NotAtSite(SnapshotError):
    """A frame runs plain code just now, so it cannot be entered again there. No point is made."""

    def __init__(self, function: str, line: int) -> None:
        super().__init__(function, line)
        self.function, self.line = function, line

    def __str__(self) -> str:
        return (
            f"{self.function} is running at line {self.line}, in a call that runs other awaits; "
            "the run can continue only from its points before and after that call"
        )
