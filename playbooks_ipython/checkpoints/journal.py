"""Journal: commits one await. The only code that knows what a record of a run holds.

Two commits an await: at issue (what plain code changed, and that the call may have been made), and
at completion (the outcome and everything that changed while it ran, in one graph).
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from playbooks_ipython.checkpoints.frames import ProgramEncoder
from playbooks_ipython.checkpoints.graph import GraphPacker, digest_of
from playbooks_ipython.checkpoints.origins import Origins
from playbooks_ipython.checkpoints.past import Past
from playbooks_ipython.checkpoints.point import Point, Position, Roots, described
from playbooks_ipython.checkpoints.region import Region
from playbooks_ipython.checkpoints.telling import Telling
from playbooks_ipython.checkpoints.unwinding import Unwinding
from playbooks_ipython.continuation import NotAtSite, Outcome
from playbooks_ipython.continuation.strands import Strand
from playbooks_ipython.errors import ClaimLost, StoreFull
from playbooks_ipython.records import Json, Record, State
from playbooks_ipython.snapshot import Encoding
from playbooks_ipython.store.protocol import Bytes, RunWriter


class RunJournal:
    """Commits of one run, while this process holds its claim.

    A store that is full does not stop the run: that is told once, the run goes on without
    being durable, and the next commit tries again. ClaimLost goes up: nothing more may be done.
    A child that the program forks goes on as plain code: nothing that it does is committed.
    """

    def __init__(
        self,
        writer: RunWriter,
        encoder: ProgramEncoder,
        *,
        run_id: str = "",
        completed: int = 0,
        marks: int = 0,
        left_as: Mapping[str, Json] | None = None,
        past: Past | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.run_id, self.completed = run_id, completed
        self.durable = True
        self._telling = Telling()
        self.limit_bytes: int | None = None
        self._writer, self._encoder, self._clock = writer, encoder, clock
        self._pid = os.getpid()
        self._attempts: dict[str, int] = {}
        self._origins = Origins()
        self._packer = GraphPacker()
        self._marks = marks
        self._unwinding = Unwinding()
        self._left_as, self._ended, self.is_open = left_as, False, True
        self._source: tuple[str, str] | None = None
        self._whole = True
        self._past = past or Past()

    @property
    def name(self) -> str:
        return self._writer.name

    def tell_to(self, tell: Callable[[str], None]) -> None:
        """Say to `tell` what the user should know: a sentence each, once for each matter."""
        self._telling.tell = tell

    def go_on_from(
        self, record: Record, attempts: Mapping[str, int], upto: int | None = None
    ) -> None:
        """Say that the run goes on from `record`, and count on from there.

        Args:
            attempts: how often each await was issued that is going to be issued again.
            upto: the mark that was reached, where the run goes from `record` to it once more.
        """
        fields: Any = record.fields
        self._left_as = None
        self.completed = int(fields["n"]) - (record.kind == "issue")
        self._marks = int(fields["mark"]) + 1
        self._attempts = dict(attempts)
        if record.kind == "issue":
            self._attempts[str(fields["op"])] = int(fields["attempt"])
        self._past.pins.numbers -= {n for n in self._past.pins.numbers if n > self.completed}
        came = {"n": self.completed, "mark": int(fields["mark"])}
        self._append("resume", came if upto is None else came | {"upto": upto})

    def go_on_unwinding(self, kept: Iterable[tuple[BaseException, int]]) -> None:
        """Say which errors were on their way out where the run goes on."""
        self._unwinding.go_on(kept)

    def begin_with(
        self, record: Record, types: Mapping[str, str], blobs: Mapping[str, bytes]
    ) -> None:
        """Begin a new line of a run with a checkpoint of the old one, and what it needs."""
        fields: Any = {**record.fields, "vars": dict(types)}
        for key in ("output", "pins"):  # those of the old line
            fields.pop(key, None)
        source = fields.get("source")
        if source:
            at = len(blobs[source].decode())
            self._append("source", {"source": source, "at": at}, {source: blobs[source]})
        issued = record.kind == "issue"
        self.completed, self._marks = int(fields["n"]) - issued, int(fields["mark"]) + 1
        self._unwinding.first = self._marks - 1
        if issued:
            self._attempts = {str(fields["op"]): int(fields["attempt"])}
        self._append(record.kind, fields, blobs)

    def refuses(self, obj: object) -> bool:
        """Tell whether anything that an object consists of cannot be stored. Cost: encoding it."""
        return self._encoder.refuses(obj)

    @property
    def holds_unstorable(self) -> bool:
        """Tell whether what an await gave, and nothing can store, was in use at the last mark."""
        return self._origins.are_open

    def digest(self, roots: Roots) -> str | None:
        """Return a name for all that can be reached now; None where that cannot be told.

        Equal names, within this process, mean that nothing in the graph has changed.
        Cost: encoding it.
        """
        try:
            whole = roots.whole()
            return digest_of(self._encoder.encode(whole.variables, whole.extra))
        except NotAtSite:
            return None

    def skip_to(self, record: Record) -> None:
        """Count on as if all up to a completed await had just run: its outcome is known.

        What other tasks completed after it may be counted already.
        """
        n: Any = record.fields["n"]
        self.completed = max(self.completed, int(n) - 1)

    def was_issued(self, operation: str) -> bool:
        """Tell whether an operation was in flight, or has to be issued again, since a restart."""
        return operation in self._attempts

    def keep_source(self, text: str, *, whole: bool = True) -> None:
        """Keep the program's text so far. Not `whole`: more may come, in mid-statement too."""
        if self._source is None or self._source[0] != text or self._whole != whole:
            name, blobs = self._packer.pack_text(text)
            self._append("source", {"source": name, "at": len(text), "whole": whole}, blobs)
            self._source, self._whole = (text, name), whole

    def next_attempt(self, operation: str, known: int = 0) -> int:
        """Return which attempt of an operation comes next; its strand knows of some before."""
        return max(self._attempts.pop(operation, 0), known) + 1

    def note_raised(self, strand: Strand, error: Exception) -> None:
        """An error came out of a task: if it ends the run, this is where it arose."""
        self._unwinding.pass_through(self._marks, strand.number, error)

    def watch_tasks(self, alive: Collection[int]) -> None:
        """Learn the numbers of the run's tasks that have not ended, from a view that stays true."""
        self._unwinding.alive = alive

    def issue(
        self,
        point: Point,
        roots: Roots,
        attempt: int,
        region: Region | None = None,
        operands: Callable[[], Mapping[str, object]] = dict,
    ) -> None:
        """Commit that the await is about to be issued for the `attempt`-th time.

        `operands`: what it calls and with what. If that cannot be stored (a task), a resume goes on
        from the await before, and the plain code between makes it again.
        Raises ClaimLost before anything is done.
        """
        if self._is_forked():
            return
        self._writer.check_claim()
        self._unwinding.pass_through(self._marks, point.strand)
        fields: dict[str, Json] = {"n": self.completed + 1, "attempt": attempt}
        self._commit("issue", point, roots, fields | _told(region), operands=operands)

    def complete(
        self,
        point: Point,
        roots: Roots,
        outcome: Outcome | None = None,
        region: Region | None = None,
    ) -> int:
        """Commit that the await completed, before user code goes on. Returns its number."""
        if self._is_forked():
            return self.completed
        error = outcome.error if outcome else None
        self._unwinding.pass_through(self._marks, point.strand, error)
        self.completed += 1
        self._commit("done", point, roots, {"n": self.completed} | _told(region), outcome)
        return self.completed

    def statement_ended(self) -> None:
        """A top-level statement has ended: what its handlers caught is on its way out no more."""
        self._unwinding.clear()

    def keep_output(self, parts: Sequence[tuple[str, str]]) -> None:
        """Keep what the cell printed and showed: (channel, data) in order."""
        if parts:
            self._past.shown += parts
            self._append("output", {"parts": [[channel, data] for channel, data in parts]})

    def end(
        self,
        state: State,
        error: Mapping[str, Json] | None,
        point: Point | None,
        roots: Roots,
        raised: BaseException | None = None,
    ) -> None:
        """Record how the run ended; with a point, also the namespace as it is then.

        `raised`: the error that ended it. What was committed while it unwound is no place to go on
        from, so the record says how far back that is.
        """
        if self._is_forked():
            return
        fields: dict[str, Json] = {"state": state, "n": self.completed}
        fields["back"] = self._unwinding.before(raised)
        self._ended = True
        fields["error"] = dict(error) if error else None
        if point is not None:
            self._commit("state", point, roots, fields)
        else:
            self._append("state", fields | {"time": self._clock()})

    def save(self, roots: Roots) -> None:
        """Keep a namespace as the end of a run that never ran."""
        self._ended = True
        fields: dict[str, Json] = {"state": "finished", "saved": True, "n": 0}
        fields |= {"back": None, "error": None}
        self._commit("state", Point(Position(0), "saved", 0, 0, "", 0), roots, fields)

    def pin(self, n: int, *, pinned: bool) -> None:
        """Keep one checkpoint whatever is tidied up, or no longer. Raises StoreFull, ClaimLost."""
        self._past.add(self._writer.append("pin", {"n": n, "pinned": pinned}))

    def drop(self, n: int, kept: frozenset[int]) -> None:
        """Forget one checkpoint; `kept` are the others. What only it needed is gone from disk."""
        self._append("drop", {"n": n})
        self._writer.keep_only(kept)
        self._packer.forget()

    def keep_last(self, count: int) -> None:
        """Drop all checkpoints but the newest `count` and those pinned."""
        kept = range(max(1, self.completed - count + 1), self.completed + 1)
        if kept.start > 1 and not self._is_forked():
            self._writer.keep_only(frozenset(kept))
            self._packer.forget()

    def close(self) -> None:
        """Give the run back. One that has not ended here is left as it was, or as interrupted.

        Without a last word it would count as running for as long as this process lives.
        """
        self.is_open = False
        with contextlib.suppress(ClaimLost, StoreFull), contextlib.closing(self._writer):
            if not self._ended and not self._is_forked():
                self._writer.append("state", self._left_as or self._interrupted())

    def _interrupted(self) -> dict[str, Json]:
        left: dict[str, Json] = {"state": "interrupted", "n": self.completed, "error": None}
        return left | {"back": None, "time": self._clock()}

    def _commit(
        self,
        kind: str,
        point: Point,
        roots: Roots,
        fields: dict[str, Json],
        outcome: Outcome | None = None,
        operands: Callable[[], Mapping[str, object]] = dict,
    ) -> None:
        try:
            extra = {**roots.extra, **self._unwinding.kept}
            encoding = self._encoder.encode(roots.variables, extra, roots.parked)
        except NotAtSite as missed:
            self._telling.once(str(missed))
            return
        for notice in self._encoder.notices:
            self._telling.once(notice)
        self._encoder.notices.clear()
        made_by = self._origins.note(encoding.unstorable, self._maker(encoding, point, outcome))
        if made_by:
            fields["made_by"] = dict(made_by)
        if encoding.unstorable and self._are_lost(operands(), encoding):
            fields["passed_over"] = True
        packed = self._packer.pack(encoding)
        fields |= described(point) | {
            "time": self._clock(),
            "mark": self._marks,
            "unwinds": self._unwinding.since,
            "graph": packed.manifest,
            "bytes": sum(memoryview(data).nbytes for data in packed.blobs.values()),
            "source": self._source[1] if self._source else None,
            "whole": self._whole,
        }
        if self._is_too_large(fields):
            return
        needs = None
        if kind == "done" and self._past.is_long and self._stands_alone(fields):
            source = self._source[0] if self._source else None
            needs = self._past.tell(fields, packed, self._packer, source)
            self._telling.forget_types()
        self._telling.variables(fields, roots.variables, encoding.refused, made_by)
        self._telling.made_again(fields, self._encoder.made_again(roots.variables))
        self._append(kind, fields, packed.blobs, needs)
        self._marks += 1

    def _stands_alone(self, fields: Mapping[str, Json]) -> bool:
        """Tell whether a resume from here needs nothing that was recorded before.

        One made while an interrupt unwinds is no place to go on from, so none to begin with; in a
        region a resume goes back.
        """
        return self._unwinding.since is None and "region" not in fields and "made_by" not in fields

    def _are_lost(self, operands: Mapping[str, object], encoding: Encoding) -> bool:
        """Tell whether any operand was not stored. One may be done meanwhile, in its thread."""
        lost = {id(obj) for _, obj in encoding.unstorable}
        return any(id(one) in lost for one in operands.values()) or self.refuses(operands)

    def _maker(self, encoding: Encoding, point: Point, outcome: Outcome | None) -> str | None:
        """The operation that is completing, if what it gave cannot be stored."""
        if outcome is None or not encoding.unstorable or not self.refuses(outcome):
            return None
        return point.operation

    def _is_too_large(self, fields: Mapping[str, Json]) -> bool:
        size: Any = fields["bytes"]
        if self.limit_bytes is None or size <= self.limit_bytes:
            return False
        self._packer.forget()
        self._telling.once(
            f"an await had {size:,} new bytes to save, over max_checkpoint_size_mb: not saved; "
            "the run can be gone on from the await before it"
        )
        return True

    def _is_forked(self) -> bool:
        """Tell whether this is a child's copy of the journal: the claim is the parent's alone."""
        return os.getpid() != self._pid

    def _append(
        self,
        kind: str,
        fields: Mapping[str, Json],
        blobs: Mapping[str, Bytes] | None = None,
        needs: tuple[str, ...] | None = None,
    ) -> None:
        if self._is_forked():
            return
        try:
            self._past.add(self._writer.append(kind, fields, blobs, needs=needs))
        except StoreFull as full:
            self._packer.forget()
            self._telling.forget_types()
            if self.durable:
                self._telling.tell(f"{full}. The cell goes on, but it is not durable from here")
            self.durable = False
        else:
            if needs is not None:
                self._past.end()
                self._packer.forget_all_but(needs)
            # Output and the like is small: that it fits says nothing of the next checkpoint.
            if not self.durable and "graph" in fields:
                self._telling.tell(
                    f"the store can be written again: durable from await {self.completed}"
                )
                self.durable = True


def _told(region: Region | None) -> dict[str, Json]:
    return {} if region is None else {"region": region.as_json()}
