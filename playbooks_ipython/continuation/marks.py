"""Marks: what twins call while they run. Outside a recorded run they look at one flag and go on."""

from __future__ import annotations

import asyncio
import builtins
import inspect
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from operator import methodcaller
from types import (
    BuiltinMethodType,
    CodeType,
    FrameType,
    FunctionType,
    MethodType,
    MethodWrapperType,
    TracebackType,
)
from typing import Any, TypeVar

from playbooks_ipython.continuation import reentry, reflection
from playbooks_ipython.continuation.entering import note_done
from playbooks_ipython.continuation.given import note_given
from playbooks_ipython.continuation.keeping import Keeping, measure
from playbooks_ipython.continuation.quiet import is_quiet, is_quiet_function, is_wait
from playbooks_ipython.continuation.recorders import Judge, Recorder, current, recorder_of
from playbooks_ipython.continuation.sites import Site, is_child, twin_of_code
from playbooks_ipython.continuation.sites import twin_of as twin_of
from playbooks_ipython.continuation.sleeping import rest_of_sleep
from playbooks_ipython.continuation.star import Star
from playbooks_ipython.continuation.tracebacks import (
    as_it_was,
    caught_again,
    inlined,
    raise_as_it_was,
)

R = TypeVar("R")


class Outcome:
    """What an await gave. Awaiting an outcome gives it again, at once."""

    __slots__ = ("error", "trace", "value")

    def __init__(self, value: Any = None, error: BaseException | None = None) -> None:
        self.value, self.error = value, error
        self.trace: TracebackType | None = None

    def __await__(self) -> Generator[None, None, Any]:
        if self.error is not None:
            self.trace = self.error.__traceback__
            raise_as_it_was(self.error)
        return self.value
        yield  # a generator function, so that the value is what `await` gives

    def __reduce__(self) -> tuple[Any, ...]:
        return Outcome, (), (None, {"value": self.value, "error": self.error})


class Answer(Outcome):
    """What an await gave in a process that is dead, in place of calling it once more."""

    __slots__ = ()


class Hooks(Keeping):
    """The one object that code of ours reaches through its constants.

    `on` is false unless some run is being recorded. `frame` and `outcome` describe the mark that is
    being taken: the innermost frame, and what its await gave, None at issue. `due` is what frames
    of other tasks, by their ids, will be given when they go on, where that is not what they await.
    """

    def __init__(self) -> None:
        self.on = False
        self.frame: FrameType | None = None
        self.outcome: Outcome | None = None
        self.is_apart = False
        self.due: Mapping[int, Callable[[], Outcome]] = {}
        self.recordings = 0
        self.clock = time.time
        self.since: float | None = None

    def begin_recording(self) -> None:
        self.recordings += 1
        self.on = True

    def end_recording(self) -> None:
        self.recordings -= 1
        self.on = self.recordings > 0

    iter = staticmethod(builtins.iter)
    aiter = methodcaller("__aiter__")  # what it gives is judged after it, as `async for` does
    anext = staticmethod(builtins.anext)
    slice = builtins.slice
    list, set, dict = builtins.list, builtins.set, builtins.dict
    AssertionError = builtins.AssertionError
    BaseException = builtins.BaseException
    StopAsyncIteration = builtins.StopAsyncIteration
    caught = staticmethod(sys.exception)
    caught_again = staticmethod(caught_again)
    raise_as_it_was = staticmethod(raise_as_it_was)
    inlined = staticmethod(inlined)
    reflective = staticmethod(reflection.reflective)
    setup_annotations = staticmethod(reflection.setup_annotations)
    annotate = staticmethod(reflection.annotate)
    import_star = staticmethod(reflection.import_star)
    star = Star
    again = staticmethod(reentry.again)
    rejoin = staticmethod(reentry.rejoin)
    entered = reentry.Entered
    no_manager = staticmethod(reentry.no_manager)
    no_aiter = staticmethod(reentry.no_aiter)
    unawaitable = staticmethod(reentry.unawaitable)
    is_coroutine = staticmethod(inspect.iscoroutine)
    no_anext = staticmethod(reentry.no_anext)
    aenter_of = staticmethod(reentry.aenter_of)
    aexit_of = staticmethod(reentry.aexit_of)

    def left(self, awaited: Any, since: float | None) -> Any:
        """What is awaited; of a sleep that began before a restart only what is left of it."""
        return awaited if since is None else rest_of_sleep(awaited, self.clock() - since)

    def issued(self, site: Site, subject: object) -> Answer | None:
        """Called before an await; `subject` is what will be called or awaited.

        Returns what to await in its place, if it was completed before a restart.
        """
        if leads_to_sites(subject) or is_quiet(sys._getframe(1)):
            return None
        recorder = recorder_of(sys._getframe(1))
        if recorder is None:
            return None
        self.since = self.clock() if subject is asyncio.sleep else None
        try:
            return self._report(recorder.issued, site, None)
        finally:
            self.since = None

    def completed(self, site: Site, awaited: object, value: object) -> None:
        self._done(site, awaited, Outcome(value))

    def failed(self, site: Site, awaited: object) -> None:
        """Called in a handler around the await."""
        error = sys.exception()
        if isinstance(awaited, Outcome) and error is not None:
            as_it_was(error, awaited.trace)
        if not isinstance(error, GeneratorExit):
            self._done(site, awaited, Outcome(error=error))

    def _done(self, site: Site, awaited: object, outcome: Outcome) -> None:
        if type(awaited) is Outcome:
            return  # it was completed before the restart
        # Whoever leaves by raising has left, too.
        if site.action == "exit" or (site.action == "enter" and outcome.error is None):
            note_done(awaited, site.action, outcome.value)
        if is_quiet(sys._getframe(2)):
            return
        if recorder := recorder_of(sys._getframe(2)):
            seen = site.of_child() if is_child(awaited) and not is_wait(awaited) else site
            if seen is site and isinstance(recorder, Judge):
                note_given(site, sys._getframe(2), outcome.value, recorder.refuses)
            self._report(recorder.completed, seen, outcome)

    def _report(self, report: Callable[[Site], R], site: Site, outcome: Outcome | None) -> R:
        outer = self.frame, self.outcome
        self.frame, self.outcome = sys._getframe(2 if outcome is None else 3), outcome
        try:
            return report(site)
        finally:
            self.frame, self.outcome = outer


HOOKS = Hooks()
measure(HOOKS)


@contextmanager
def apart_from_outcome() -> Iterator[None]:
    """Read frames in here without the outcome of the await at the mark, and its targets."""
    outer = HOOKS.outcome, HOOKS.since
    HOOKS.outcome = HOOKS.since = None
    HOOKS.is_apart = True
    try:
        yield
    finally:
        HOOKS.is_apart = False
        HOOKS.outcome, HOOKS.since = outer


def marked_frame() -> FrameType:
    """The frame whose mark is being taken now."""
    assert HOOKS.frame is not None, "called while a mark is being taken"
    return HOOKS.frame


def current_outcome() -> Outcome | None:
    """What the await gave whose completion is being reported now."""
    return HOOKS.outcome


@contextmanager
def recording(recorder: Recorder | None, plain: CodeType | None = None) -> Iterator[None]:
    """Let the statements that are driven in here report their marks.

    `plain`: the code of one that awaits nothing.
    """
    token = current.set((recorder, plain))
    HOOKS.begin_recording()
    try:
        yield
    finally:
        HOOKS.end_recording()
        with suppress(ValueError):  # closed from outside its task: nothing to take back
            current.reset(token)


def leads_to_sites(subject: object) -> bool:
    """Tell whether calling or awaiting an object only makes a frame that has marks of its own."""
    if isinstance(subject, MethodType):
        subject = subject.__func__
    if isinstance(subject, BuiltinMethodType | MethodWrapperType):
        subject = subject.__self__  # `agen.asend` leads to the frame of `agen`
    if not isinstance(subject, FunctionType):
        if is_wait(subject):
            return False
        step = getattr(type(subject), "__anext__", None)
        subject = step if isinstance(step, FunctionType) else subject
    if isinstance(subject, FunctionType):
        twin = None if is_quiet_function(subject) else twin_of_code(subject.__code__)
    else:
        twin = twin_of(subject)
    return twin is not None and twin.kind != "generator" and bool(twin.sites)
