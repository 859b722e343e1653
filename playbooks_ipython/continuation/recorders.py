"""Recorders: who keeps the run that a frame works for."""

from __future__ import annotations

from contextvars import ContextVar
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from playbooks_ipython.continuation.inexact import Notice
from playbooks_ipython.continuation.sites import Site, twin_of_code
from playbooks_ipython.continuation.tasks import task_frame

if TYPE_CHECKING:
    from playbooks_ipython.continuation.marks import Answer


class Recorder(Protocol):
    """Whoever keeps a run. Called while the user's frames run, so that they can be read.

    Both may raise; the error then leaves through the user's frames, and the recorder should take
    no further marks: what unwinds is not progress.
    """

    def issued(self, site: Site) -> Answer | None:
        """A leaf is about to be awaited; its callee and its arguments are evaluated.

        Return what it gave before a restart, if that is known: then it is not called.
        """
        ...

    def completed(self, site: Site) -> None:
        """An await has a value or an error (`current_outcome()`), and no user code ran since."""
        ...


@runtime_checkable
class Judge(Protocol):
    """A recorder that knows what can be stored. Without it everything counts as storable."""

    def refuses(self, obj: object) -> bool:
        """Tell whether anything that an object consists of cannot be stored."""
        ...

    def will_be_inexact(self, notice: Notice) -> None:
        """Something was met that a restart makes again; called before the next point."""
        ...


current: ContextVar[tuple[Recorder | None, CodeType | None]] = ContextVar(
    "recorder", default=(None, None)
)
"""The recorder, and the code of the statement that is run if that awaits nothing."""


def recorder_of(frame: FrameType | None) -> Recorder | None:
    """The recorder of the statement, or of the task of a run, that a frame works for; else None.

    Context variables are inherited by threads and by tasks of libraries, so the outermost frame of
    ours must be on the stack.
    """
    recorder, _ = current.get()
    first = task_frame() if recorder is not None else None
    while recorder is not None and frame is not None:
        twin = twin_of_code(frame.f_code)
        if frame is first or (twin and twin.is_statement):
            return recorder
        frame = frame.f_back
    return None


def judge_of(frame: FrameType | None) -> Judge | None:
    """The judge of the statement that a frame works for, which need not have an await."""
    recorder, plain = current.get()
    if not isinstance(recorder, Judge):
        return None
    first = task_frame()
    while frame is not None:
        twin = twin_of_code(frame.f_code)
        if frame is first or frame.f_code is plain or (twin and twin.is_statement):
            return recorder
        frame = frame.f_back
    return None
