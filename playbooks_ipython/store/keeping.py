"""Keeping: which records of a run remain when only some of its checkpoints do. Pure; no bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from playbooks_ipython.records import Json, Record


def kept_records(records: Iterable[Record], checkpoints: frozenset[int]) -> list[Record]:
    """Return what remains of a run with only these checkpoints, in order, without openings.

    The checkpoints; the sources that remaining records name, and the newest; the output; the
    newest state; the operations issued since the newest checkpoint, whose attempts go on counting.
    A record that shared its `vars` with one that goes gets them written out.
    """
    everything = [record for record in records if record.kind != "open"]
    stays = _checkpoints(everything, checkpoints) | _in_flight(everything)
    stays |= {record.seq for record in everything if record.kind == "output"}
    stays |= _last_of(everything, "state")
    named = {record.fields.get("source") for record in everything if record.seq in stays}
    stays |= _last_of(everything, "source") | {
        record.seq
        for record in everything
        if record.kind == "source" and record.fields.get("source") in named
    }
    return [record for record in _with_own_vars(everything, stays) if record.seq in stays]


def _checkpoints(records: Iterable[Record], kept: frozenset[int]) -> set[int]:
    """Return the numbers of the `done` records that stay; one deleted after it was made goes."""
    stays: dict[Json, int] = {}
    for record in records:
        n = record.fields.get("n")
        if record.kind == "done" and n in kept:
            stays[n] = record.seq
        elif record.kind == "drop":
            stays.pop(n, None)
    return set(stays.values())


def _in_flight(records: Iterable[Record]) -> set[int]:
    issued: set[int] = set()
    for record in records:
        if record.kind == "done":
            issued.clear()
        elif record.kind == "issue":
            issued.add(record.seq)
    return issued


def _last_of(records: Iterable[Record], kind: str) -> set[int]:
    return set([record.seq for record in records if record.kind == kind][-1:])


def _with_own_vars(records: Iterable[Record], stays: set[int]) -> Iterator[Record]:
    """Yield all, giving each that stays the `vars` that the one before it there does not have."""
    now: Json = None
    kept: Json = None
    for record in records:
        now = record.fields.get("vars", now)
        if record.seq in stays and record.kind in _DESCRIBED:
            if now is not None and now != kept:
                record = replace(record, fields={**record.fields, "vars": now})
            kept = now
        yield record


_DESCRIBED = frozenset({"issue", "done", "state"})
