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


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at a decoded graph. `closed`: the ids of what is not looked into."""

    made_by: Mapping[str, str]
    closed: frozenset[int]
    functions: list[FunctionType] = field(default_factory=list)

    def operations(self, root: object) -> set[str]:
        """The operations whose lost outcome an object leads to."""
        waiting, seen, found = [root], set(self.closed), set[str]()
        while waiting:
            one = waiting.pop()
            if id(one) in seen or isinstance(one, _NOT_ENTERED):
                continue
            seen.add(id(one))
            if type(one) is StandIn:
                found |= {self.made_by.get(refused_of(one).variable, "")} - {""}
                continue
            if isinstance(one, FunctionType):
                self.functions.append(one)
            waiting += gc.get_referents(one)
        return found


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
    Cost: a walk from each variable.
    """
    frames = list(_frames(decoded.extra.get(FRAME)))
    look = _Look(made_by, frozenset([id(namespace), *(id(f.coroutine) for f in frames)]))
    lost = {name: look.operations(value) for name, value in decoded.variables.items()}
    found = set[str]()
    for value in (v for k, v in decoded.extra.items() if k != FRAME):
        found |= look.operations(value)
    uses = _Uses(frames, look.functions, rest)
    for frame in frames:
        for name, value in frame.saved.items():
            operations = look.operations(value)
            if operations and uses.reads_local(frame, name):
                found |= operations
    for name, operations in lost.items():
        if operations and uses.reads(name):
            found |= operations
    return found


def _frames(frame: Any) -> Iterator[_Stored]:
    """The frames of a restored stack, outermost first."""
    while isinstance(frame, CoroutineType) and (standing := read_standing(frame)) is not None:
        if not standing.number:
            return
        yield _Stored(frame, standing.twin, standing.number, standing.variables)
        frame = standing.variables.get(AWAITED)


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

    def reads_local(self, frame: _Stored, name: str) -> bool:
        """Tell whether a local, or what a frame has just been given, may be read."""
        if name == AWAITED and type(frame.saved[name]) is Outcome:
            return self._reads_outcome(frame)
        return is_hidden(name) or may_read(frame.twin, frame.number, name)

    def _reads_outcome(self, frame: _Stored) -> bool:
        if may_read_outcome(frame.twin, frame.number):
            return True
        targets = frame.twin.sites[frame.number - 1].targets
        return any(n in frame.twin.code.co_names and self._elsewhere(n) for n in targets)

    def _elsewhere(self, name: str) -> bool:
        codes = [f.twin.code for f in self.frames[1:]] + [f.__code__ for f in self.functions]
        named = (n for one in self.rest for n in ast.walk(one.node) if isinstance(n, ast.Name))
        return any(mentions(code, name) for code in codes) or any(n.id == name for n in named)
