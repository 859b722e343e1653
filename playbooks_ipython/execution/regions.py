"""Regions: stretches of a run that a resume goes through once more, asking before it repeats.

Keeps which operations are in flight, and answers from checkpoints what completed before a restart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from types import FrameType, MethodType
from typing import Any

from playbooks_ipython.checkpoints import Answers, Call, Point, Region, Roots, RunJournal
from playbooks_ipython.continuation import Answer, Outcome, Site, apart_from_outcome, marked_frame
from playbooks_ipython.continuation.fingerprints import fingerprint
from playbooks_ipython.continuation.frames import read_locals
from playbooks_ipython.continuation.strands import Strand
from playbooks_ipython.continuation.task_scopes import current_scope
from playbooks_ipython.errors import OtherCall
from playbooks_ipython.execution.twins import ALWAYS

OPERANDS = "operands"
_DIGEST = 16


@dataclass(slots=True)
class Flight:
    """An operation that was issued and has no outcome yet. `before` is a hash of its reach."""

    operation: str
    frame: FrameType
    line: int
    region: Region | None = None
    operands: Mapping[str, Any] | None = None
    before: str | None = None
    targets: frozenset[str] = frozenset()
    """The globals that the outcome is bound to."""
    repeats: bool = False
    """A step of an iterator, the entry or exit of a manager, or an await within a library: it is
    done for what it changes, which may be out of sight."""
    is_answered: bool = False
    completed: int = 0
    """How many awaits of its strand had completed when it was issued."""
    attempt: int = 1
    scope: Any = None
    """The cancel scope of anyio that it was issued in."""


class Regions:
    """The regions of one run.

    Args:
        answers: what completed before the restart; empty in a run that goes on from its end.
        notice: is told, once for each, what a restart would do again.
    """

    def __init__(
        self,
        journal: RunJournal,
        namespace: dict[str, Any],
        answers: Answers,
        notice: Callable[[str], None],
    ) -> None:
        self._journal, self._namespace = journal, namespace
        self._answers, self._notice = answers, notice

    @staticmethod
    def depth(strand: Strand) -> int:
        """How many calls of libraries are in flight around the mark."""
        return len(_others(strand))

    def issue(
        self, point: Point, site: Site, strand: Strand, is_beneath: bool
    ) -> tuple[Flight, Answer | None]:
        """An await is about to be issued: return what it gave before a restart, if it did.

        Raises: OtherCall, the run has come to another place than before the restart.
        """
        strand.flights = _others(strand)
        flight = Flight(point.operation, marked_frame(), site.line, scope=current_scope())
        flight.completed = strand.completed
        around = strand.flights[-1] if is_beneath and strand.flights else None
        if around:
            self._tell(around)
        if around or self._journal.holds_unstorable or self._answers.next(point.operation):
            flight.operands = operands_of(flight.frame, site)
            flight.repeats = site.action != "await" or _is_of_library(flight.frame)
            flight.targets = frozenset(site.targets).intersection(flight.frame.f_code.co_names)
            call = call_of(flight.operands)
            flight.region = Region(call, around.operation if around else None)
        answer = self._answer(flight)
        flight.is_answered = answer is not None
        strand.flights.append(flight)
        return flight, answer

    def watch(self, flight: Flight, roots: Roots) -> None:
        """Take note of all that an await in a region can reach, to see whether it changes that."""
        if flight.region is not None:
            flight.before = self._digest(flight, roots)

    def complete(
        self, point: Point, roots: Roots, outcome: Outcome, strand: Strand, is_beneath: bool
    ) -> Completion:
        """An await has completed: say how it stands in its region."""
        flight = next((f for f in strand.flights if f.frame is marked_frame()), None)
        strand.flights = _others(strand)
        operation = flight.operation if flight else point.operation
        unasked = self._answers.complete(operation)
        if unasked:
            named = ", ".join(sorted({str(r.fields["line"]) for r in unasked}))
            self._notice(
                f"line {point.line}: this time fewer of your functions were called; what the "
                f"awaits in line {named} gave before the restart was not asked for again"
            )
        if flight is None or flight.region is None:
            around = strand.flights[-1] if is_beneath and strand.flights else None
            under = around.operation if around else None
            within = around or self._answers.next(operation) or self._journal.holds_unstorable
            return Completion(operation, Region(None, under) if within else None)
        same = flight.is_answered or self._is_answer(flight, roots, outcome)
        return Completion(operation, replace(flight.region, is_answer=same))

    # -- within

    def _answer(self, flight: Flight) -> Answer | None:
        expected = self._answers.next(flight.operation)
        if expected is None:
            return None
        found = self._answers.find(flight.operation)
        if found is None:
            if self._journal.was_issued(flight.operation):
                return None
            raise self._other(flight, expected.fields)
        record, region = found
        asked = flight.region.call if flight.region else None
        if region.call is not None and region.call != asked:
            raise self._other(flight, record.fields)
        if not region.is_answer:
            return None
        answer = self._answers.give(record, self._namespace)
        if answer is None:
            self._notice(
                f"line {flight.line}: what this await gave is shared with other variables: it is "
                "issued again"
            )
            return None
        self._journal.skip_to(record)
        if self._journal.refuses(flight.operands):
            self._notice(
                f"line {flight.line}: {asked} completed before the restart and is not repeated; "
                "what it did to an object that could not be stored is lost"
            )
        return answer

    def _other(self, flight: Flight, fields: Mapping[str, Any]) -> OtherCall:
        said: Any = fields.get("region") or {}
        expected = said.get("call")
        before = f"{expected[0]}()" if expected else "another await"
        asked = str(flight.region.call) if flight.region and flight.region.call else "this await"
        where = flight.line, asked, int(fields["line"]), before
        return OtherCall(self._journal.name, *where, self._answers.number)

    def _is_answer(self, flight: Flight, roots: Roots, outcome: Outcome) -> bool:
        """Tell whether the outcome is all that is left of an await, and can be stored."""
        if flight.before is None or flight.repeats:
            return False
        return not self._journal.refuses(outcome) and flight.before == self._digest(flight, roots)

    def _digest(self, flight: Flight, roots: Roots) -> str | None:
        targets = flight.targets
        variables = {name: v for name, v in roots.variables.items() if name not in targets}
        extra = {**roots.extra, OPERANDS: flight.operands}
        with apart_from_outcome():
            return self._journal.digest(replace(roots, variables=variables, extra=extra))

    def _tell(self, around: Flight) -> None:
        self._notice(
            f"line {around.line}: this await calls your functions from code of a library. After a "
            "restart it begins again; awaits beneath it are answered from their checkpoints, plain "
            "code beneath it runs again (with the library's module named by --modules it goes on "
            "exactly)"
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """A completed await: the operation that it was issued as, and how it stands in a region."""

    operation: str
    region: Region | None


def _others(strand: Strand) -> list[Flight]:
    """The flights around the frame of the mark, in its strand; those of other frames have ended."""
    above, frame = set[FrameType](), marked_frame().f_back
    while strand.flights and frame is not None:
        above.add(frame)
        frame = frame.f_back
    return [flight for flight in strand.flights if flight.frame in above]


def _is_of_library(frame: FrameType) -> bool:
    module = str(frame.f_globals.get("__name__", ""))
    return any(fnmatch(module, glob) for glob in ALWAYS)


def operands_of(frame: FrameType, site: Site) -> dict[str, Any]:
    """What an await calls and with what, by the hidden names that hold it: the callee first."""
    values = read_locals(frame)
    return {name: values[name] for name in site.operands if name in values}


def call_of(operands: Mapping[str, Any]) -> Call | None:
    """Who is called, by name, and its arguments by fingerprint."""
    if not operands:
        return None
    callee, *arguments = operands.values()
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for argument in arguments:
        digest.update(fingerprint(argument, _DIGEST))
    return Call(_name_of(callee), digest.hexdigest())


class Asked:
    """Gives bytes that stand for what an await calls, and with what."""

    __slots__ = ("__weakref__", "_frame", "_site")

    def __init__(self, frame: FrameType, site: Site) -> None:
        self._frame, self._site = frame, site

    def __call__(self) -> bytes:
        return repr(call_of(operands_of(self._frame, self._site))).encode()


def _name_of(callee: Any) -> str:
    function = callee.__func__ if isinstance(callee, MethodType) else callee
    name = getattr(function, "__qualname__", None)
    return name if isinstance(name, str) else type(callee).__qualname__
