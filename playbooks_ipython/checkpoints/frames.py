"""Frames in a graph: the encoder that knows them, and what is done with them once decoded."""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterable, Mapping
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from playbooks_ipython.continuation import NotAtSite, reduce_frame, reduce_method
from playbooks_ipython.continuation.bars import is_bar, reduce_bar
from playbooks_ipython.continuation.calls import position_before
from playbooks_ipython.continuation.cancel_scopes import is_scope, reduce_scope
from playbooks_ipython.continuation.deadlines import (
    OwnTimeouts,
    is_clock,
    is_timeout,
    reduce_clock,
    reduce_timeout,
)
from playbooks_ipython.continuation.entering import changes, judge, reduce_entered
from playbooks_ipython.continuation.entries import all_in_use, in_use
from playbooks_ipython.continuation.frames import saved_of
from playbooks_ipython.continuation.futures import (
    StillFutures,
    gathered_by,
    is_future,
    reduce_future,
)
from playbooks_ipython.continuation.methods import METHODS
from playbooks_ipython.continuation.parts import apart_from_shared_cells
from playbooks_ipython.continuation.sites import twin_of
from playbooks_ipython.continuation.tasks import RunTask
from playbooks_ipython.continuation.unstarted import reduce_unstarted
from playbooks_ipython.records import Refused
from playbooks_ipython.snapshot import Encoder, Encoding, Parked
from playbooks_ipython.snapshot.exclusive import frames_of
from playbooks_ipython.snapshot.files import file_args
from playbooks_ipython.snapshot.seeds import SEED

FRAME = "frame"
"""The key under which a graph holds the frame of the statement that was begun and not ended."""

CHILDREN = "children"
"""The key under which a graph holds the tasks of a run, and what its loop was about to do."""

PARKED = "parked"
"""The key under which a decoded graph holds what was parked."""

_SUSPENDED = (CoroutineType, GeneratorType, AsyncGeneratorType)


class ProgramEncoder:
    """Encodes variables and live frames as one graph, with the texts that both come from."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._encoder = Encoder(namespace, (self._reduce,), StillFutures(), OwnTimeouts())
        self._kinds: dict[type, Callable[[Any], Any] | None] = {}
        self._missed: NotAtSite | None = None
        self._probing = False
        self._judged: tuple[object, ...] = ()
        self.notices: list[str] = []

    def encode(
        self,
        variables: Mapping[str, object],
        extra: Mapping[str, object],
        parked: Iterable[Parked] | None = None,
    ) -> Encoding:
        """Encode one graph; what is parked, and was not stepped since, is not encoded again.

        With None, what was parked before stays as it is, and is no part of the graph.
        Raises NotAtSite if a frame in it is running somewhere else than at an await: such a graph
        cannot be gone on from. KeyboardInterrupt goes up.
        """
        encoding = self._encode(variables, extra, parked)
        if encoding.refused and not self._probing:
            found = encoding.refused, in_use()
            if found != self._judged:
                self._judged = found
                self.notices += map(str, judge(self.refuses))
                self._encoder.forget_units()  # a frame may enter anew what it was to find entered
                encoding = self._encode(variables, extra, parked)
        if not self._probing:
            self.notices += map(str, changes())
        if self._missed is not None and FRAME in extra:
            raise self._missed
        return encoding

    def _encode(
        self,
        variables: Mapping[str, object],
        extra: Mapping[str, object],
        parked: Iterable[Parked] | None,
    ) -> Encoding:
        self._missed = None
        return self._encoder.encode(variables, extra, parked)

    @staticmethod
    def made_again(variables: Mapping[str, object]) -> list[Refused]:
        """Return what is not stored because a run that goes on makes it again."""
        found = [entry for entry in all_in_use() if entry.is_remade]
        names = {id(value): name for name, value in variables.items()} if found else {}
        return [
            Refused(
                names.get(id(entry.manager), f"{entry.call.name}()"),
                entry.kind,
                f"{entry.call.said} makes it again when the run goes on",
            )
            for entry in found
        ]

    def refuses(self, obj: object) -> bool:
        """Tell whether anything that an object consists of cannot be stored."""
        self._probing = True
        try:
            return bool(self.encode({}, {"obj": obj}).refused)
        finally:
            self._probing = False

    def _reduce(self, obj: Any) -> object:
        cls = type(obj)
        try:
            reduce = self._kinds[cls]
        except KeyError:
            reduce = self._kinds[cls] = self._kind_of(cls)
        if reduce is reduce_method:
            return reduce(obj)
        if (entered := reduce_entered(obj)) is not NotImplemented:  # known one by one
            return entered
        if reduce is reduce_future and (many := gathered_by(obj)) is not None:
            self._encoder.writing.meet_list(many, obj)
        return NotImplemented if reduce is None else reduce(obj)

    def _kind_of(self, cls: type) -> Callable[[Any], Any] | None:
        """How instances of a class are reduced that are no plain data; None for all others."""
        if issubclass(cls, _SUSPENDED):
            return self._reduce_suspended
        return next((reduce for is_one, reduce in _KINDS if is_one(cls)), None)

    def _reduce_suspended(self, obj: object) -> object:
        writing = self._encoder.writing
        writing.meet(obj)
        try:
            reduced = reduce_frame(obj)
        except NotAtSite as missed:
            if not writing.shared:
                self._missed = missed
            raise
        if reduced is NotImplemented:
            # A library's generator within an iterator is about to begin.
            about_to_begin = self._probing and isinstance(obj, GeneratorType)
            return NotImplemented if about_to_begin else reduce_unstarted(obj)
        twin = twin_of(obj)
        assert twin is not None, "it was reduced"
        writing.sources[twin.source.id] = twin.source.text
        return apart_from_shared_cells(reduced, writing.shared) if writing.shared else reduced


def _is_method(cls: type) -> bool:
    return issubclass(cls, METHODS)


def _is_text_file(cls: type) -> bool:
    return issubclass(cls, io.TextIOWrapper)


def _reduce_text_file(file: Any) -> Any:
    position = position_before(file)
    return NotImplemented if position is None else (SEED["open_file"], file_args(file, position))


_KINDS: tuple[tuple[Callable[[type], bool], Callable[[Any], Any]], ...] = (
    (_is_method, reduce_method),
    (is_bar, reduce_bar),
    (is_timeout, reduce_timeout),
    (is_clock, reduce_clock),
    (is_scope, reduce_scope),
    (is_future, reduce_future),
    (_is_text_file, _reduce_text_file),
)


def settle(frame: Any) -> None:
    """Let the last await's outcome reach its names, where that is all that the frame has left.

    An outcome that does not fit them stays pending; the program will see the error when it goes on.
    """
    try:
        frame.send(None)
    except (StopIteration, TypeError, ValueError):
        return
    frame.close()


def marked_strand(extra: Mapping[str, Any]) -> Any:
    """The outermost frame of the task that a checkpoint is of, or of its cell; None without one."""
    task = (extra.get(CHILDREN) or {}).get("marked")
    return extra.get(FRAME) if task is None else task.coroutine


def abandon(extra: Mapping[str, Any]) -> None:
    """Close the restored frames of a graph that nobody will go on with, and those they wait for.

    None of them has been entered, so none of their code runs; Python would otherwise warn of each.
    """
    parked = [frame for thing in extra.get(PARKED, ()) for frame in frames_of(thing)]
    waiting, seen = [extra.get(FRAME), extra.get(CHILDREN), parked], set()
    while waiting:
        obj = waiting.pop()
        if id(obj) in seen:
            continue
        seen.add(id(obj))
        if isinstance(obj, (*_SUSPENDED, dict, list, tuple)):
            waiting += gc.get_referents(obj)
        if isinstance(obj, _SUSPENDED):
            waiting.append(saved_of(obj))
        if isinstance(obj, RunTask) and obj.is_shell:
            waiting.append(obj.coroutine)
        if isinstance(obj, CoroutineType):
            obj.close()
