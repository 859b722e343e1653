"""Unwinding: which commits were made while an error was on its way out. None is a place to go on.

Whether an error will end the run is known only when it has. So each mark notes the errors that were
being handled, or delivered, when it was made, and the end of the run looks up its own.
"""

from __future__ import annotations

import sys


class Unwinding:
    """The errors on their way out, each with the number of the first mark made after it arose."""

    def __init__(self) -> None:
        self._arose: list[tuple[BaseException, int]] = []

    @property
    def since(self) -> int | None:
        """The first mark made while something unwinds that no handler is expected to stop.

        A kernel that is killed meanwhile cannot say how the run would have ended: for an
        interrupt, a cancellation or an exit, going on from before it is right.
        """
        return next((at for e, at in self._arose if not isinstance(e, Exception)), None)

    def pass_through(self, mark: int, failed: BaseException | None = None) -> None:
        """Note what is being handled, or delivered by a failed await, at a mark."""
        error = failed or sys.exception()
        if error is None:
            self._arose.clear()
        elif all(known is not error for known, _ in self._arose):
            self._arose.append((error, mark))

    def before(self, raised: BaseException | None) -> int | None:
        """Return the first mark of the unwinding of `raised`, None if it made no marks."""
        return next((at for error, at in self._arose if error is raised), None)
