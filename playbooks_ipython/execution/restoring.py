"""Restoring: a checkpoint found, verified and decoded, ready to be gone on from or looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from playbooks_ipython.checkpoints import (
    FRAME,
    Answers,
    CheckpointManager,
    Position,
    RunJournal,
    RunView,
    abandon,
    position_of,
)
from playbooks_ipython.checkpoints.bridge import SNAPSHOT_KEY, open_sealed
from playbooks_ipython.checkpoints.graph import Graph
from playbooks_ipython.checkpoints.loading import decode_checkpoint, let_be
from playbooks_ipython.checkpoints.whole import WholeCheckpoint
from playbooks_ipython.errors import NotResumable
from playbooks_ipython.execution.edits import Edits
from playbooks_ipython.execution.needed import needed_operations
from playbooks_ipython.execution.statements import statements_of
from playbooks_ipython.records import Json, Record, Refused
from playbooks_ipython.snapshot import Decoded, StandIn
from playbooks_ipython.snapshot.standin import refused_of
from playbooks_ipython.source import parse_cell, same

OpenJournal = Callable[[dict[str, Any]], RunJournal | None]
EditsTo = Callable[[str], Edits]
"""Gives what was edited since a program was as it is stored."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A checkpoint's objects, and how the run goes on from it."""

    name: str
    n: int
    position: Position
    program: str
    variables: dict[str, Any]
    extra: dict[str, Any]
    stand_ins: tuple[Refused, ...]
    open_journal: OpenJournal
    location: str | None = None
    finished: bool = False
    whole: bool = True
    """The program is all of its text; if not, it ends where a stream was torn off."""
    settles: bool = False
    stack: tuple[str, ...] = ()
    """The functions that stood in one another, outermost first."""
    shown: tuple[tuple[str, str], ...] = ()
    """What the run printed and showed, as channel and data."""
    within: int | None = None
    """The older checkpoint that was asked for, where a fork begins with its region instead."""
    answers: Answers = field(default_factory=Answers)
    """What completed already of the awaits that it will come to once more."""
    edits: Edits | None = None
    """What was edited since; None where everything is as it was stored."""

    def rest_of(self, program: str) -> bool:
        """Tell whether `program` has statements that have not run."""
        return self.position.inside or len(statements_of(program)) > self.position.next

    def at_rest(self) -> Restored:
        """The same for somebody who does not go on: nothing of it waits to be made again."""
        left = let_be(Decoded(self.variables, self.extra, self.stand_ins))
        return replace(self, stand_ins=left.stand_ins)

    def let_go(self) -> None:
        """Hold none of its objects any more: the run has them, and frees what it drops."""
        self.variables.clear()
        self.extra.clear()

    def going_on(self) -> str:
        if self.within is None:
            return f"{self.name} goes on after {awaits(self.n)}"
        return (
            f"{self.name}@{self.within} stands in what a library's call, or an await that gave "
            f"what cannot be stored, began: the new line goes on after {awaits(self.n)}, and those "
            "that follow are issued again"
        )


def awaits(count: int) -> str:
    return "1 await" if count == 1 else f"{count} awaits"


def load_checkpoint(
    manager: CheckpointManager,
    at: int | None,
    home: dict[str, Any],
    *,
    exact: bool = False,
    view: RunView | None = None,
    edits_to: EditsTo | None = None,
) -> Restored:
    """Decode a checkpoint of the run (None: the newest); its functions will run in `home`.

    `view` is what `manager.holding(at)` gave, if the caller has looked at it before. `edits_to`
    leads frames and functions to what they were edited to; who goes on must look at `edits` then.

    To go on from the last checkpoint is to go on from what was recorded after it, too; `exact`
    gives the moment of the checkpoint itself. Takes no claim.
    Raises RunNotFound, CheckpointNotFound, UntrustedRun, CorruptLog.
    """
    view = view or manager.holding(at)
    record = view.checkpoint(at)
    if exact:
        return decoded_at(view, record, home, _forking(manager, view, record), edits_to)
    if at == view.completed:
        # The newest checkpoint, and perhaps an await in flight after it: that is no fork.
        record = view.checkpoint(None)
    return _gone_back(manager, view, record, home, edits_to)


def _gone_back(
    manager: CheckpointManager,
    view: RunView,
    record: Record,
    home: dict[str, Any],
    edits_to: EditsTo | None,
) -> Restored:
    """Make a checkpoint ready to be gone on from: it, or the await that opened its region."""
    base = view.base_of(record)
    restored = decoded_at(view, base, home, no_journal, edits_to)
    while (earlier := needed_before(view, base, restored, home)) is not None:
        abandon(restored.extra)
        base = view.base_of(earlier)
        restored = decoded_at(view, base, home, no_journal, edits_to)
    if record is not view.checkpoint(None):
        within = None if base is record else completed_at(record)
        return replace(restored, open_journal=_forking(manager, view, base), within=within)
    again = None if base is record else base
    passed = view.pending.records if again is None else view.passed_since(base, record)
    return replace(
        restored,
        open_journal=partial(manager.take_over, record=record, base=again),
        answers=Answers(passed, view.graph_of, restored.n),
    )


def needed_before(
    view: RunView, record: Record, restored: Restored, home: dict[str, Any]
) -> Record | None:
    """Return the earliest await whose outcome is lost at `record` and will be used."""
    made_by: Any = record.fields.get("made_by")
    if not made_by:
        return None
    program = restored.edits.new if restored.edits else restored.program
    rest = statements_of(program)[restored.position.next + 1 :]
    decoded = Decoded(restored.variables, restored.extra, ())
    issued = map(view.issue_of, needed_operations(decoded, made_by, home, rest))
    before = [r for r in issued if r is not None and r.seq != record.seq]
    return min(before, key=_mark_of, default=None)


def completed_at(record: Record) -> int:
    """How many awaits had completed when a record was made."""
    n: Any = record.fields["n"]
    return int(n) - (record.kind == "issue")


def _mark_of(record: Record) -> int:
    mark: Any = record.fields["mark"]
    return int(mark)


def restore_whole(
    whole: WholeCheckpoint, manager: CheckpointManager | None, home: dict[str, Any]
) -> Restored:
    """Make a whole checkpoint, as a provider handed it out, ready to be gone on from."""
    metadata = whole["metadata"]
    if manager is not None and manager.log is not None and _is_listed(manager, metadata):
        restored = load_checkpoint(manager, metadata["counter"], home)
        if "given" in restored.extra:  # saved by hand: its place is what it says has run
            return _given(whole, partial(manager.take_over, record=None))
        return restored
    begin = manager.begin if manager is not None else no_journal
    if SNAPSHOT_KEY in metadata:
        record, graph, program = open_sealed(metadata["execution_id"], metadata[SNAPSHOT_KEY])
        return _built(metadata["execution_id"], record, graph, program, home, begin)
    return _given(whole, begin)


def _is_listed(manager: CheckpointManager, metadata: dict[str, Any]) -> bool:
    log = manager.log
    named = metadata.get("execution_id") == manager.execution_id and "counter" in metadata
    return log is not None and named and manager.execution_id in log.store.names()


def lineage_of(view: RunView, record: Record) -> dict[str, Json]:
    """Say of which run, and after how many of its awaits, a new line begins."""
    header = view.reader.header
    return {"run_id": header.run_id, "name": view.name, "n": completed_at(record)}


def decode_alone(
    view: RunView, record: Record, home: dict[str, Any], edits_to: EditsTo
) -> Restored:
    """Decode what a record has, to look at; it is not gone on from."""
    return decoded_at(view, record, home, no_journal, edits_to)


def decoded_at(
    view: RunView,
    record: Record,
    home: dict[str, Any],
    go_on: OpenJournal,
    edits_to: EditsTo | None = None,
) -> Restored:
    graph, program = view.graph_of(record), view.program_of(record)
    edits = edits_to(program) if edits_to else None
    built = _built(view.name, record, graph, program, home, go_on, edits)
    whole = built.whole or view.is_whole(program)
    return replace(built, whole=whole, shown=tuple(view.output))


def _built(
    name: str,
    record: Record,
    graph: Graph,
    program: str,
    home: dict[str, Any],
    go_on: OpenJournal,
    edits: Edits | None = None,
) -> Restored:
    fields: Any = record.fields
    decoded = decode_checkpoint(graph, home, edits)
    _check_frame(name, decoded.extra.get(FRAME))
    return Restored(
        name=name,
        n=completed_at(record),
        position=position_of(record),
        program=program,
        variables=dict(decoded.variables),
        extra=dict(decoded.extra),
        stand_ins=decoded.stand_ins,
        open_journal=go_on,
        location=fields["location"],
        settles=bool(fields["settles"]),
        stack=tuple(function for function, _line in fields.get("stack", [])),
        finished=record.kind == "state",
        whole=bool(fields.get("whole", True)),
        edits=edits,
    )


def _check_frame(name: str, frame: object) -> None:
    """A frame that could not be stored, or not be built here, cannot be gone on from."""
    if isinstance(frame, StandIn):
        refused = refused_of(frame)
        advice = "an older checkpoint may do (%playbook show), or `--fresh` starts over"
        raise NotResumable(name, f"its place is lost ({refused.reason})", advice)


def _forking(manager: CheckpointManager, view: RunView, record: Record) -> OpenJournal:
    """Going on from an older checkpoint: the new line bears the name, the old one is kept.

    Its log begins with that checkpoint, so that it can be gone on from however soon it is killed.
    """
    blobs = view.blobs_of(record)

    def fork(namespace: dict[str, Any]) -> RunJournal:
        journal = manager.begin_fresh(namespace, lineage_of(view, record))
        journal.begin_with(record, view.types_at(record), blobs)
        return journal

    return fork


def _given(whole: WholeCheckpoint, begin: OpenJournal) -> Restored:
    """A checkpoint made by hand: its place is the number of statements that have run."""
    metadata = whole["metadata"]
    name = str(metadata.get("execution_id", "given"))
    program, executed = metadata.get("llm_response") or "", metadata.get("executed_code") or ""
    done, all_of_it = parse_cell(executed), parse_cell(program)
    if not all(same(a.node, b.node) for a, b in zip(done, all_of_it, strict=False)):
        reason = "its executed_code is not the beginning of its llm_response"
        raise NotResumable(name, reason, "run the program again")
    return Restored(
        name=name,
        n=int(metadata.get("counter", 0)),
        position=Position(len(done)),
        program=program,
        variables=dict(whole["namespace"]),
        extra={},
        stand_ins=(),
        open_journal=begin,
    )


def no_journal(_namespace: dict[str, Any]) -> None:
    return None
