"""Errors of continuation."""

from __future__ import annotations

from playbooks_ipython.errors import PlaybookError, SnapshotError


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


class ItemChanged(PlaybookError):
    """What a loop goes over is not what it was, so the run cannot go on. The user must act."""

    def __init__(self, line: int, name: str, number: int, reason: str) -> None:
        super().__init__(line, name, number, reason)
        self.line, self.name, self.number, self.reason = line, name, number, reason

    def __str__(self) -> str:
        return (
            f"line {self.line}: item {self.number} of {self.name}() {self.reason}; bring the input "
            "back and resume again, or start over with `--fresh`"
        )


class NotMadeAgain(PlaybookError):
    """An iterator could not be stored, and repeating its call might do something twice. The user
    must act.
    """

    def __init__(self, line: int, name: str, reason: str) -> None:
        super().__init__(line, name, reason)
        self.line, self.name, self.reason = line, name, reason

    def __str__(self) -> str:
        return (
            f"line {self.line}: what {self.name}() gave could not be stored, and was not made "
            f"again after the restart, since {self.reason}; make it again before it is used"
        )
