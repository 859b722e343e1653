"""Keeping: which records of a run remain when only some of its checkpoints do. Pure; no bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from playbooks_ipython.records import Json, Record
from playbooks_ipython.store.pins import Pins


def kept_records(records: Iterable[Record], checkpoints: frozenset[int]) -> list[Record]:
    """Return what remains of a run with only these checkpoints, in order, without openings.

    The checkpoints, with the awaits that opened the regions that they stand in; those pinned, with
    all of their regions; the sources that
    remaining records name, and the newest; the output; the newest state; the record that the run
    would go on from, with all since the await that opened its region if it stands in one.
    A record that shared its `vars` with one that goes gets them written out.
    """
    everything = [record for record in records if record.kind != "open"]
    place = _place(everything)
    pinned = _pinned(everything)
    stays = _checkpoints(everything, checkpoints | pinned)
    stays |= _beginnings(everything, stays)
    stays |= _regions_of_pinned(everything, pinned) | _pin_records(everything, pinned)
    if place is not None:
        first = _first_needed(everything, place)
        stays |= {place.seq} | {r.seq for r in everything if first is not None and r.seq >= first}
    stays |= {record.seq for record in everything if record.kind == "output"}
    stays |= _last_of(everything, "state")
    named = {record.fields.get("source") for record in everything if record.seq in stays}
    stays |= _last_of(everything, "source") | {
        record.seq
        for record in everything
        if record.kind == "source" and record.fields.get("source") in named
    }
    return [record for record in _with_own_vars(everything, stays) if record.seq in stays]


def _pinned(records: Iterable[Record]) -> frozenset[int]:
    pins = Pins()
    for record in records:
        pins.take(record)
    return frozenset(pins.numbers)


def _regions_of_pinned(records: Sequence[Record], pinned: frozenset[int]) -> set[int]:
    """Return what going on from the pinned checkpoints needs: all since their regions began."""
    seqs = _checkpoints(records, pinned)
    found: set[int] = set()
    for record in (record for record in records if record.seq in seqs):
        first = _first_needed([r for r in records if r.seq <= record.seq], record)
        found |= {r.seq for r in records if first is not None and first <= r.seq <= record.seq}
    return found


def _beginnings(records: Sequence[Record], stays: set[int]) -> set[int]:
    """Return the awaits with which going on from the checkpoints that stay begins, where those
    stand in regions, or lack what an await gave."""
    issued = {r.fields.get("op"): r for r in records if r.kind == "issue"}
    waiting, found = [r for r in records if r.seq in stays], set[int]()
    while waiting:
        openers = [issued[op] for op in _openers(waiting.pop()) if op in issued]
        waiting += [one for one in openers if one.seq not in found]
        found |= {one.seq for one in openers}
    return found


def _pin_records(records: Iterable[Record], pinned: frozenset[int]) -> set[int]:
    latest: dict[Json, int] = {}
    for record in records:
        if record.kind == "pin" and record.fields.get("n") in pinned:
            latest[record.fields["n"]] = record.seq
    return set(latest.values())


def _checkpoints(records: Iterable[Record], kept: frozenset[int]) -> set[int]:
    """Return the numbers of the `done` records that stay; one deleted after it was made goes."""
    stays: dict[Json, int] = {}
    for record in records:
        n = record.fields.get("n")
        if record.kind == "done" and n in kept:
            stays[n] = record.seq
        elif record.kind == "drop":
            stays.pop(n, None)
        elif record.kind == "resume":
            stays = {m: seq for m, seq in stays.items() if _at_most(m, n)}
    return set(stays.values())


def _place(records: Iterable[Record]) -> Record | None:
    """Return the record to go on from: the last mark that no error unwound through.

    A finished run needs none: its last state is its end.
    """
    marks: list[Record] = []
    back: Json = None
    finished = False
    for record in records:
        if record.kind in ("issue", "done"):
            marks.append(record)
            back = record.fields.get("unwinds")
        elif record.kind == "resume":
            marks = [m for m in marks if _at_most(m.fields.get("mark"), record.fields["mark"])]
            back = None
        elif record.kind == "state":
            back = record.fields.get("back", back)
        finished = record.fields.get("state") == "finished"
    if finished:
        return None
    stands = [m for m in marks if not m.fields.get("passed_over")]
    usable = [m for m in stands if back is None or not _at_most(back, m.fields.get("mark"))]
    return usable[-1] if usable else None


def _first_needed(records: Sequence[Record], place: Record) -> int | None:
    """Return where the region of the record to go on from begins; None if it stands in none.

    Where the run was going through the region again, that is where it began the first time.
    """
    issued = {r.fields.get("op"): r for r in records if r.kind == "issue" and r.seq < place.seq}
    waiting, first = [place], None
    while waiting:
        record = waiting.pop()
        for opener in (issued.get(op) for op in _openers(record)):
            if opener is not None and (first is None or opener.seq < first):
                first = opener.seq
                waiting.append(opener)
    for record in reversed(records):
        if record.kind == "resume" and first is not None:
            if "upto" not in record.fields:
                break
            mark = record.fields["mark"]
            first = min([first, *(r.seq for r in records if r.fields.get("mark") == mark)])
    return first


def _openers(record: Record) -> set[Json]:
    """The operations that a resume from a record may have to issue again."""
    region, made_by = record.fields.get("region"), record.fields.get("made_by")
    under = region.get("under") if isinstance(region, dict) else None
    made = set(made_by.values()) if isinstance(made_by, dict) else set()
    return {op for op in (under, *made) if isinstance(op, str)}


def _at_most(one: Json, other: Json) -> bool:
    return isinstance(one, int) and isinstance(other, int) and one <= other


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
