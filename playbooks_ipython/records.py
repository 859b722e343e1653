"""Records: the frozen data that the parts hand to each other and that the log keeps. No behaviour.

A run's log is a chain of records. `kind` says what one is; `fields` is plain JSON, so that a
listing never unpickles; bulk bytes stand beside it as blobs, named by their SHA-256.

    kind        fields
    open        epoch, owner, header, seals (None or epoch, length and mac of the log before)
    source      source (blob name of the text), at (characters known so far; a stream grows), whole
                (no more of it was to come)
    issue       attempt, and all fields of `done`: the await that is about to be issued
    done        n, op, line, index, statement, source, executed (characters of the source that have
                run), next, inside (the statement to go on with, and whether in its middle), time,
                graph (blob name of the manifest), bytes (of new blobs), vars (name -> type; absent
                where equal to the record before), refused ([variable, type, reason]), stack
                ([function, line] outermost first), task (the name of the task whose stack that is;
                absent for the cell's own), locals (name -> type, for each of the stack),
                location ("Main:03" or None), pending, settles (only targets are left to bind), mark
                (number among issue and done), unwinds (the first mark since an interrupt began to
                unwind, or None), whole (as of the source); in one that stands alone also output
                (blob name of all parts shown before, if there are any), pins (the numbers pinned,
                if any are) and always vars; in a
                region: region (call, under, answers), and made_by (variable -> op whose outcome it
                is, if nothing can store it); in an issue passed_over (what it calls, or calls it
                with, cannot be stored, so that nothing can go on from there)
    output      parts ([[channel, data], ...])
    state       state ("finished", "failed", "interrupted"), time, n, error (None or type, text,
                line), back (the first mark made while that error unwound, or None); a finished
                run's also has all fields of `done`, for its final namespace; saved (true) where
                a namespace was saved by hand and nothing ever ran
    drop        n: that checkpoint was deleted
    pin         n, pinned: that checkpoint is never tidied away, or (false) may be again
    resume      n, mark: the run went on from there; what was recorded after it counts no more,
                but for answers to what is asked again, up to the mark `upto` if that is there
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
State: TypeAlias = Literal["running", "waiting", "interrupted", "failed", "finished"]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Owner:
    """One process, told apart from every other that ever ran: a pid alone is used again."""

    host: str
    pid: int
    started: str
    boot_id: str
    pid_namespace: str


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What a run is from its first record on. `run_id` never changes; `name` is a label."""

    run_id: str
    name: str
    created_s: float
    notebook: str | None
    cell_id: str | None
    python: str
    packages: Mapping[str, str] = field(default_factory=dict)
    forked_from: Mapping[str, Json] | None = None
    """Where it began if not at the start: run_id and name (as it was then) of a run, and n."""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the log keeps it. `blobs` are the bytes that were written with this record."""

    seq: int
    epoch: int
    kind: str
    fields: Mapping[str, Json]
    blobs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that could not be stored, by the variable that leads to it."""

    variable: str
    type_name: str
    reason: str
