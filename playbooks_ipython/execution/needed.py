"""Needed: which awaits gave what is lost and will be used; a resume must issue them again."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CoroutineType, FunctionType, ModuleType
from typing import Any

from playbooks_ipython.checkpoints import FRAME
from playbooks_ipython.continuation import Outcome
from playbooks_ipython.continuation.frames import read_standing
from playbooks_ipython.continuation.hidden import AWAITED, is_hidden
from playbooks_ipython.continuation.liveness import may_read, may_read_outcome, mentions
from playbooks_ipython.continuation.sites import Twin
from playbooks_ipython.snapshot import Decoded, StandIn
from playbooks_ipython.snapshot.standin import refused_of
from playbooks_ipython.source import TopStatement

_NOT_ENTERED = (type, ModuleType, str, bytes)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A frame that waits to be gone on with."""

    coroutine: object
    twin: Twin
    number: int
    saved: Mapping[str, Any]


@dataclass(slots=True)
class _Look:
    """One look at a decoded graph."""

    made_by: Mapping[str, str]
    found: set[str] = field(default_factory=set)
    functions: list[FunctionType] = field(default_factory=list)

    def walk(self, roots: Sequence[object], seen: set[int]) -> None:
        waiting = list(roots)
        while waiting:
            one = waiting.pop()
            if id(one) in seen or isinstance(one, _NOT_ENTERED):
                continue
            seen.add(id(one))
            if type(one) is StandIn:
                self.find(one)
                continue
            if isinstance(one, FunctionType):
                self.functions.append(one)
            waiting += gc.get_referents(one)

    def find(self, stand_in: StandIn) -> None:
        operation = self.made_by.get(refused_of(stand_in).variable)
        if operation is not None:
            self.found.add(operation)


def needed_operations(
    decoded: Decoded,
    made_by: Mapping[str, str],
    namespace: Mapping[str, Any],
    rest: Sequence[TopStatement],
) -> set[str]:
    """Return the operations whose outcome is a stand-in in a graph that the program may still use.

    Args:
        made_by: the operation by the variable that a stand-in bears.
        namespace: of the functions; it is not looked into.
        rest: the statements after the one whose frame is in the graph.
    A variable that is given another value before it is read is not needed. In doubt it is.
    """
    look = _Look(made_by)
    frames = list(_frames(decoded.extra.get(FRAME)))
    seen = {id(namespace), *(id(f.coroutine) for f in frames)}
    look.walk([v for v in decoded.variables.values() if type(v) is not StandIn], seen)
    look.walk([v for k, v in decoded.extra.items() if k != FRAME], seen)
    for frame in frames:
        look.walk([v for n, v in frame.saved.items() if not _is_dead(frame, n, v)], seen)
    uses = _Uses(frames, look.functions, rest)
    for name, value in decoded.variables.items():
        if type(value) is StandIn and uses.reads(name):
            look.find(value)
    outcome = frames[-1].saved.get(AWAITED) if frames else None
    if type(outcome) is Outcome and type(outcome.value) is StandIn and uses.reads_outcome():
        look.find(outcome.value)
    return look.found


def _frames(frame: Any) -> Iterator[_Stored]:
    """The frames of a restored stack, outermost first."""
    while isinstance(frame, CoroutineType) and (standing := read_standing(frame)) is not None:
        if not standing.number:
            return
        yield _Stored(frame, standing.twin, standing.number, standing.variables)
        frame = standing.variables.get(AWAITED)


def _is_dead(frame: _Stored, name: str, value: object) -> bool:
    """Tell whether a local is surely not read as it is now; of an outcome that is asked apart."""
    if type(value) is Outcome:
        return type(value.value) is StandIn
    named = type(value) is StandIn and not is_hidden(name)
    return named and not may_read(frame.twin, frame.number, name)


@dataclass(frozen=True, slots=True)
class _Uses:
    """Where a global may be read: in the frames, in any function, in the statements to come."""

    frames: Sequence[_Stored]
    functions: Sequence[FunctionType]
    rest: Sequence[TopStatement]

    def reads(self, name: str) -> bool:
        """Tell whether a global may be read as it is now."""
        if not self.frames or may_read(self.frames[0].twin, self.frames[0].number, name):
            return True
        return self._elsewhere(name)

    def reads_outcome(self) -> bool:
        """Tell whether what the innermost frame has just been given may be read."""
        frame = self.frames[-1]
        if may_read_outcome(frame.twin, frame.number):
            return True
        targets = frame.twin.sites[frame.number - 1].targets
        return any(n in frame.twin.code.co_names and self._elsewhere(n) for n in targets)

    def _elsewhere(self, name: str) -> bool:
        codes = [f.twin.code for f in self.frames[1:]] + [f.__code__ for f in self.functions]
        named = (n for one in self.rest for n in ast.walk(one.node) if isinstance(n, ast.Name))
        return any(mentions(code, name) for code in codes) or any(n.id == name for n in named)
