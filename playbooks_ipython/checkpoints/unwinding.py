"""Unwinding: which commits were made while an error was on its way out. None is a place to go on.

Whether an error will end the run is known only when it has. So each mark notes the errors that were
being handled, or delivered, when it was made, and the end of the run looks up its own.
"""

from __future__ import annotations

import sys
from asyncio import CancelledError
from collections.abc import Collection, Iterable, Iterator
from inspect import CO_ASYNC_GENERATOR
from typing import Any

# No handler is expected to stop these. A cancellation is not among them: `asyncio.timeout` makes
# one to say that time is up, and what a program then awaits is progress.
_ENDS = (KeyboardInterrupt, SystemExit, GeneratorExit)


UNWINDING = "unwinding"
"""The key under which a graph holds the errors that are on their way out."""


class Unwinding:
    """The errors on their way out, each with the number of the first mark made after it arose, and
    that of the strand in which it is, and whether it is one that ends a run.

    `alive`: the numbers of the run's tasks that have not ended.
    """

    def __init__(self) -> None:
        self._arose: list[tuple[BaseException, int, int, bool]] = []
        self.alive: Collection[int] = ()
        self.first = 0
        """The first mark of this run's log that can be gone on from."""

    @property
    def kept(self) -> dict[str, object]:
        """What a graph keeps of it, so that a process that goes on within knows when they arose."""
        return {UNWINDING: self._arose} if self._arose else {}

    def go_on(self, kept: Iterable[Any]) -> None:
        """Take up what another process kept. A fork has nothing before its beginning to go to."""
        # Before there were tasks, pairs were kept, and triples at first.
        whole = [(*one, *(0, isinstance(one[0], _ENDS))[len(one) - 2 :]) for one in kept]
        self._arose = [one for one in whole if one[1] > self.first]

    @property
    def since(self) -> int | None:
        """The first mark made while an interrupt or an exit unwinds.

        A kernel that is killed meanwhile cannot say how the run would have ended; for these, going
        on from before it is right.
        """
        return next((at for _, at, _, ends in self._arose if ends), None)

    def clear(self, strand: int = 0) -> None:
        """A strand handles nothing any more; the cell's own nothing of tasks that have ended."""
        others = [one for one in self._arose if one[2] != strand]
        self._arose = others if strand else [one for one in others if one[2] in self.alive]

    def pass_through(self, mark: int, strand: int, failed: BaseException | None = None) -> None:
        """Note what is being handled, or delivered by a failed await, at a mark of a strand."""
        self._forget_cancelled()
        error = failed or sys.exception()
        if error is None:
            if self._arose:
                self.clear(strand)
        elif all(known is not error or at != strand for known, _, at, _ in self._arose):
            ends = isinstance(error, _ENDS) and not _closes_generator(error)
            self._arose.append((error, mark, strand, ends))

    def _forget_cancelled(self) -> None:
        """A task that was cancelled, and has ended, ends no run; there may be thousands."""
        if any(map(self._is_over, self._arose)):
            self._arose = [one for one in self._arose if not self._is_over(one)]

    def _is_over(self, arose: tuple[BaseException, int, int, bool]) -> bool:
        error, _, strand, _ = arose
        return isinstance(error, CancelledError) and bool(strand) and strand not in self.alive

    def before(self, raised: BaseException | None) -> int | None:
        """Return the first mark of the unwinding of `raised`, None if it made no marks.

        An error that was raised from another, or that an await raised in another's place (as the
        end of a `TaskGroup` or a `timeout` does), ends what that one began.
        """
        if raised is None:
            return None
        lines = {id(error) for error in self._line_of(raised)}
        return min((at for error, at, *_ in self._arose if id(error) in lines), default=None)

    def _line_of(self, raised: BaseException) -> Iterator[BaseException]:
        """An error and those that it stands for."""
        pending, seen = [raised], set[int]()
        while pending:
            error = pending.pop()
            if id(error) in seen:
                continue
            seen.add(id(error))
            yield error
            if isinstance(error, BaseExceptionGroup):
                pending += error.exceptions
            if error.__cause__ is not None:
                pending.append(error.__cause__)
            delivered = any(known is error for known, *_ in self._arose)
            if delivered and error.__context__ is not None:
                pending.append(error.__context__)


def _closes_generator(error: BaseException) -> bool:
    """Tell whether an error is what `aclose` raises at a `yield`: the program goes on after it.

    Whoever closes a whole run raises where it waits, beneath its frames.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    closed = trace is not None and trace.tb_frame.f_code.co_flags & CO_ASYNC_GENERATOR
    return isinstance(error, GeneratorExit) and bool(closed)
