"""Keeping: what twins call so that iterators and managers can be made again after a restart."""

from __future__ import annotations

import io
import operator
import sys
from functools import partial
from operator import attrgetter
from types import FrameType
from typing import Any

from playbooks_ipython.continuation import reentry
from playbooks_ipython.continuation.adoption import adopt, is_held, probe
from playbooks_ipython.continuation.calls import Call, lines_of
from playbooks_ipython.continuation.entering import (
    is_made_again,
    is_of_given,
    note_awaited,
    note_made,
    use,
)
from playbooks_ipython.continuation.recorders import judge_of
from playbooks_ipython.continuation.seen import take_seen
from playbooks_ipython.continuation.sites import twin_of
from playbooks_ipython.continuation.taken import is_plain, must_be_made_again, take
from playbooks_ipython.continuation.using import Using

_AGAIN = "after a restart it is made again, and what was taken from it is compared and skipped"
_LOOP = "the iterator of this loop cannot be stored"
_LINE = "{name}() gave an iterator that cannot be stored"


class Maker(partial):  # type: ignore[type-arg]  # of anything
    """A call that C code makes when it is asked for `made`, so that no frame of ours is there."""

    call: Call | None = None
    made = property(operator.call)


class Keeping:
    """The part of the hooks that knows what was made by which call."""

    on: bool
    pair = attrgetter("call", "made")

    # -- a line of its own

    def calls(self, line: int, function: Any, /, *arguments: Any, **keywords: Any) -> Maker:
        """A call that is about to be made, and may give what cannot be stored."""
        if not self.on:
            return Maker(function, *arguments, **keywords)
        call = Call(line, function, arguments, keywords, _home_of(sys._getframe(1)))
        call.prepare()
        maker = Maker(function, *call.arguments, **keywords)
        maker.call = call
        return maker

    def kept(self, pair: tuple[Call | None, Any]) -> Any:
        """What the call gave; an iterator that cannot be stored looks the same and is another."""
        call, made = pair
        if call is None or not self.on or is_plain(made, call.function):
            return made
        if any(made is one for one in call.arguments):
            return made
        if _is_iterator(type(made)) and not is_of_given(call):
            made = adopt(made, "kept")
        if twin_of(made) is None and is_held(made, "kept"):
            return made
        judge = judge_of(sys._getframe(1))
        if judge is None or not must_be_made_again(made, judge.refuses):
            return note_made(call, made)
        judge.will_be_inexact(call.notice(_LINE, _AGAIN))
        call.hold_files()
        owner = getattr(call.function, "__self__", None)
        is_careful = owner is not None and (is_made_again(owner) or judge.refuses(owner))
        return take_seen(call, made, is_careful=is_careful)

    def lines(self, function: Any, iterator: Any) -> Any:
        """What `next` is called with: of a text file its lines, so that it can tell its place."""
        return lines_of(iterator) if self.on and function is next else iterator

    # -- the header of a loop or a manager

    def call(self, line: int, function: Any, arguments: Any, keywords: Any) -> Call:
        """A call in the header of a loop or manager, about to be made."""
        call = Call(line, function, arguments, keywords)
        if self.on:
            call.home = _home_of(sys._getframe(1))
            call.prepare()
        return call

    def made(self, call: Call, made: Any) -> Any:
        """What the call gave; if it cannot be stored, something that can, in its stead."""
        if not self.on or is_plain(made, call.function):
            return made
        if any(made is one for one in call.arguments):
            return made
        if not is_of_given(call):
            made = adopt(made, "made")
        judge = judge_of(sys._getframe(1))
        if judge is None or not must_be_made_again(made, judge.refuses):
            return note_made(call, made)
        judge.will_be_inexact(call.notice(_LOOP, _AGAIN))
        call.hold_files()
        return take_seen(call, made) if hasattr(type(made), "__enter__") else take(call, made)

    def steps(self, iterator: Any) -> Any:
        """What a `for` or a `yield from` with sites in it goes through."""
        return reentry.steps(self.own(iterator))

    def own(self, iterator: Any) -> Any:
        """The iterator itself, or the lines of a file."""
        return lines_of(iterator) if self.on else iterator

    def manages(self, is_made_here: bool, manager: Any) -> Using | None:
        """What knows how a manager was made, where that may be needed."""
        return use(manager, is_made_here) if self.on else None

    @staticmethod
    def note_entered(using: Using | None, value: Any) -> None:
        if using is not None:
            using.entered(value)

    def aenter(self, manager: Any) -> Any:
        return note_awaited(manager, reentry.aenter(manager), enters=True)

    def aexit(self, manager: Any) -> Any:
        return note_awaited(manager, reentry.aexit(manager))

    def aexit_error(self, manager: Any) -> Any:
        return note_awaited(manager, reentry.aexit_error(manager))


def _is_iterator(kind: type) -> bool:
    steps = hasattr(kind, "__next__") or hasattr(kind, "__anext__")
    return steps and not issubclass(kind, io.IOBase)


def _home_of(frame: FrameType) -> str | None:
    """The module whose code a frame runs; None for the program's own."""
    name = frame.f_globals.get("__name__")
    return None if name == "__main__" else name


def measure(hooks: Keeping) -> None:
    """Let `adopt` see what a generator looks like that nobody else holds."""
    hooks.on = True
    made = probe()
    made = hooks.made(Call(0), made)
    hooks.kept(hooks.pair(hooks.calls(0, probe)))
    hooks.on = False
