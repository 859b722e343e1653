"""Reading: one run's records, made into what can be listed, loaded and continued.

Listing needs no key and never unpickles. Loading takes only records whose seals hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from playbooks_ipython.checkpoints.answers import Pending, under
from playbooks_ipython.checkpoints.graph import Graph, names_in, pieces_in, read_graph
from playbooks_ipython.checkpoints.past import read_shown
from playbooks_ipython.checkpoints.point import Position
from playbooks_ipython.checkpoints.reference import END, Reference
from playbooks_ipython.checkpoints.region import region_of
from playbooks_ipython.errors import CheckpointNotFound, CorruptLog
from playbooks_ipython.records import Record
from playbooks_ipython.snapshot.encoder import CHUNK
from playbooks_ipython.store.pins import Pins
from playbooks_ipython.store.protocol import RunReader, Sealer

# Below so many pieces a checkpoint is small, whatever they are.
_FEW = 8


@dataclass(slots=True)
class RunView:
    """A run's log, read once: its checkpoints by number and what stands beside them."""

    reader: RunReader
    done: dict[int, Record] = field(default_factory=dict)
    marks: list[Record] = field(default_factory=list)
    """Every issued and completed await, in the order of the log."""
    state: Record | None = None
    """The last `state` record, if nothing was issued or completed after it."""
    sources: list[str] = field(default_factory=list)
    pending: Pending = field(default_factory=Pending)
    """What completed before the run went back, and has not been passed again."""
    attempts: dict[str, int] = field(default_factory=dict)
    """How often each operation was issued that is in flight, or stands in a region."""
    whole_sources: set[str] = field(default_factory=set)
    """Those of the sources after which no more text was to come."""
    output: list[tuple[str, str]] = field(default_factory=list)
    first: int = 0
    """The record that the reading began with; what came before it is not in this view."""
    _before: int = 0
    _pins: Pins = field(default_factory=Pins)
    _types: dict[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.reader.name

    @property
    def completed(self) -> int:
        return max(self.done, default=self._before)

    @property
    def pins(self) -> frozenset[int]:
        """The numbers of the checkpoints that are never tidied away."""
        return frozenset(self._pins.numbers)

    @property
    def next_mark(self) -> int:
        """The number that the next mark of this run gets."""
        return _number(self.marks[-1]) + 1 if self.marks else 0

    @property
    def finished(self) -> bool:
        return self.state is not None and self.state.fields["state"] == "finished"

    def checkpoint(self, at: int | None) -> Record:
        """Return the record to go on from: number `at`, or the newest there is.

        The newest may be an await that was issued and not completed: all before it has run.
        Raises CheckpointNotFound.
        """
        if at in (None, END) and self.state is not None and self.finished:
            return self.state
        newest = self._newest_mark() if at is None else None
        if newest is not None:
            return newest
        if at is None:
            raise CheckpointNotFound(f"of {self.name} to go on from", self._kept())
        if at not in self.done:
            raise CheckpointNotFound(str(Reference(self.name, at)), self._kept())
        return self.done[at]

    def holds(self, at: int | None) -> bool:
        """Tell whether a checkpoint is in this view, or would not be in the whole log either."""
        return not self.first or at in (None, END) or at in self.done

    @property
    def can_go_on(self) -> bool:
        """Tell whether there is anything that a resume could begin with."""
        newest = self._newest_mark()
        return self.finished or (newest is not None and self._opening_of(newest) is not None)

    def _newest_mark(self) -> Record | None:
        """Return the last mark that was not made while an error unwound."""
        ended: Any = self.state.fields.get("back") if self.state is not None else None
        unwinds: Any = self.marks[-1].fields.get("unwinds") if self.marks else None
        first = ended if ended is not None else unwinds
        usable = (m for m in reversed(self.marks) if first is None or _number(m) < first)
        return next((m for m in usable if not m.fields.get("passed_over")), None)

    @property
    def progress(self) -> list[int]:
        """The numbers of the checkpoints that were not made while an error unwound, in order."""
        newest = self._newest_mark()
        last = -1 if newest is None else _number(newest)
        return sorted(n for n, record in self.done.items() if _number(record) <= last)

    def base_of(self, record: Record) -> Record:
        """Return the await that opened the region of `record`: where the frames are that go on.

        Beneath code of a library that is the await of the library's call, or a mark that another
        task made while that call was in flight: what others completed is not lost.
        """
        opened = self._opening_of(record)
        if opened is None:
            raise CheckpointNotFound(f"of {self.name} to go on from", self._kept())
        between = range(_number(opened) + 1, _number(record))
        marks = (m for m in reversed(self.marks) if _number(m) in between)
        return next((m for m in marks if _stands_beside(m, opened)), opened)

    def _opening_of(self, record: Record) -> Record | None:
        """Return where the outermost call was issued beneath which a record stands, or itself; None
        if that is not in this view."""
        opened: Record | None = record
        while opened is not None and (call := under(opened)) is not None:
            opened = self.issue_of(call)
        return opened

    def issue_of(self, operation: str) -> Record | None:
        """Return where an operation was issued last; None if that was dropped."""
        issued = (m for m in reversed(self.marks) if m.kind == "issue")
        return next((m for m in issued if m.fields["op"] == operation), None)

    def passed_since(self, base: Record, record: Record) -> list[Record]:
        """Return every await that completed after `base`, up to `record`, and still counts."""
        return _passed(self.marks, _number(base), _number(record)) + self.pending.records

    def types_at(self, record: Record) -> Mapping[str, str]:
        """Return the types of the variables by name, as they were at `record`."""
        return self._types.get(record.seq, {})

    def source_of(self, record: Record) -> str:
        """Return the program's text as it was known at `record`."""
        name = record.fields.get("source")
        return self.reader.blob(str(name)).decode() if name else ""

    def program_of(self, record: Record) -> str:
        """Return the longest text known that begins as the program did at `record`.

        A stream may have brought more of the program after the checkpoint.
        """
        program = self.source_of(record)
        for name in self.sources:
            text = self.reader.blob(name).decode()
            program = text if text.startswith(program) else program
        return program

    def is_whole(self, program: str) -> bool:
        """Tell whether a program is all of its text, or what had come of a stream by then."""
        return any(self.reader.blob(name).decode() == program for name in self.whole_sources)

    def blobs_of(self, record: Record) -> dict[str, bytes]:
        """Return every blob that a checkpoint needs, by name, its program's text too."""
        manifest = str(record.fields["graph"])
        names = [manifest, *names_in(self._blob(manifest), self._blob)]
        if record.fields.get("source"):
            names.append(str(record.fields["source"]))
        return {name: self._blob(name) for name in names}

    def size_of(self, record: Record) -> int:
        """Return about how many bytes a checkpoint is, from its manifest alone: at most 1 MiB out
        for each of its buffers."""
        pieces = pieces_in(self._blob(str(record.fields["graph"])))
        return pieces * CHUNK if pieces > _FEW else 0

    def graph_of(self, record: Record) -> Graph:
        return read_graph(str(record.fields["graph"]), self._blob)

    def _blob(self, name: str) -> bytes:
        try:
            return self.reader.blob(name)
        except KeyError:
            raise CorruptLog(self.name, f"the bytes named {name[:12]}… are missing") from None

    def _kept(self) -> str:
        numbers = sorted(self.done)
        if not numbers:
            return "none"
        return f"{self.name}@{numbers[0]} to {self.name}@{numbers[-1]}"


def read_run(reader: RunReader, sealer: Sealer | None) -> RunView:
    """Read a run's log. With a sealer, only what it vouches for. Cost: one pass over the log."""
    view = RunView(reader)
    _take_all(view, reader.records(sealer))
    return view


def _take_all(view: RunView, records: Iterable[Record]) -> None:
    types: Any = {}
    for record in records:
        types = record.fields.get("vars", types)
        view._types[record.seq] = types
        view._pins.take(record)
        _READ.get(record.kind, _ignore)(view, record)


def read_newest(reader: RunReader, sealer: Sealer | None) -> RunView:
    """Read what going on from the newest checkpoint needs; of those before it few or none.

    The whole log only where that is not enough: an error may have unwound through all that stands
    alone. Cost: one pass over what was written since the newest record that stands alone.
    """
    records = reader.newest(sealer)
    first = next(records, None)
    view = RunView(reader)
    if first is not None:
        view.first = first.seq
        _begin(view, first)
        _take_all(view, chain([first], records))
    return view if view.can_go_on or not view.first else read_run(reader, sealer)


def read_holding(reader: RunReader, sealer: Sealer | None, at: int | None) -> RunView:
    """Read what holds checkpoint `at`: the newest part of the log, or all of it."""
    view = read_newest(reader, sealer)
    return view if view.holds(at) else read_run(reader, sealer)


def _begin(view: RunView, first: Record) -> None:
    """Take from a record that stands alone what else only those before it say."""
    shown = first.fields.get("output")
    if view.first:
        view._pins.begin(first)
    if view.first and isinstance(shown, str):
        view.output.extend(read_shown(view._blob(shown)))


def position_of(record: Record) -> Position:
    fields: Mapping[str, Any] = record.fields
    return Position(next=int(fields["next"]), inside=bool(fields["inside"]))


def _number(record: Record) -> int:
    mark: Any = record.fields["mark"]
    return int(mark)


def _stands_beside(mark: Record, opened: Record) -> bool:
    """Tell whether frames go on at a mark while a call is in flight that was issued at `opened`: no
    task was made meanwhile, which the call might make again."""
    fields = mark.fields
    stands = region_of(fields) is None and fields.get("unwinds") is None
    lost = fields.get("passed_over") or fields.get("made_by")
    return stands and not lost and fields.get("tasks") == opened.fields.get("tasks")


def _passed(marks: list[Record], base: int, last: int) -> list[Record]:
    """Return the awaits that completed between two marks, and those beneath calls that were in
    flight at the first of them."""
    flying, found = set[str](), list[Record]()
    for mark in marks:
        operation, at = str(mark.fields["op"]), _number(mark)
        if at > last:
            break
        if mark.kind == "issue":
            flying.add(operation)
            continue
        if at <= base:
            flying.discard(operation)
            found = [m for m in found if under(m) != operation]
        if at > base or under(mark) in flying:
            found.append(mark)
    return found


def _issue(view: RunView, record: Record) -> None:
    view.marks.append(record)
    view.state = None
    attempt: Any = record.fields["attempt"]
    view.attempts[str(record.fields["op"])] = int(attempt)


def _done(view: RunView, record: Record) -> None:
    view.marks.append(record)
    view.state = None
    number: Any = record.fields["n"]
    view.done[int(number)] = record
    operation = str(record.fields["op"])
    view.pending.complete(operation)
    if region_of(record.fields) is None:
        view.attempts.pop(operation, None)


def _state(view: RunView, record: Record) -> None:
    view.state = record


def _source(view: RunView, record: Record) -> None:
    name = str(record.fields["source"])
    view.sources.append(name)
    if record.fields.get("whole", True):
        view.whole_sources.add(name)


def _output(view: RunView, record: Record) -> None:
    parts: Any = record.fields["parts"]
    view.output.extend((channel, data) for channel, data in parts)


def _resume(view: RunView, record: Record) -> None:
    """The run went on from an earlier record: what came after that one is no part of it."""
    fields: Any = record.fields
    view.state, view._before = None, int(fields["n"])
    view.pending = Pending(_cut_off(view, fields))
    view.done = {n: r for n, r in view.done.items() if n <= fields["n"]}
    view.marks = [mark for mark in view.marks if _number(mark) <= fields["mark"]]


def _cut_off(view: RunView, fields: Any) -> list[Record]:
    """What the run goes through again when it goes back."""
    if "upto" not in fields:
        return view.pending.records
    return _passed(view.marks, fields["mark"], fields["upto"]) + view.pending.records


def _drop(view: RunView, record: Record) -> None:
    number: Any = record.fields["n"]
    gone = view.done.pop(int(number), None)
    if gone is not None:
        view.marks.remove(gone)


def _ignore(view: RunView, record: Record) -> None:
    """`open` records speak of claims; kinds of newer versions speak of what this one cannot use."""


_READ: dict[str, Callable[[RunView, Record], None]] = {
    "issue": _issue,
    "done": _done,
    "state": _state,
    "source": _source,
    "output": _output,
    "drop": _drop,
    "resume": _resume,
}
