"""Summary: how a run stands, from its records and its claim. Takes no claim, needs no key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playbooks_ipython.records import Json, Record, State
from playbooks_ipython.store.owner import describe_owner
from playbooks_ipython.store.pins import Pins
from playbooks_ipython.store.protocol import RunReader

_STATES: Mapping[Json, State] = {
    "running": "running",
    "waiting": "waiting",
    "interrupted": "interrupted",
    "failed": "failed",
    "finished": "finished",
}
_STEPS = frozenset({"issue", "done"})


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of a listing. Times are seconds since 1970; `awaits` counts completed ones.

    `line` and `statement` are where the run is, or was when it ended; `owner` names a live holder.
    """

    name: str
    run_id: str
    state: State
    notebook: str | None
    cell_id: str | None
    created_s: float
    updated_s: float
    awaits: int
    line: int | None
    statement: str | None
    error: str | None
    owner: str | None
    size_bytes: int
    skipped: tuple[str, ...]
    pinned: tuple[int, ...] = ()
    saved: bool = False
    """It is a namespace that was saved by hand, and never ran."""
    forked_from: str | None = None
    """The checkpoint, as NAME@N, that it began with."""


def summarize(reader: RunReader) -> RunSummary:
    """Tell how a run stands. Raises CorruptLog.

    A recorded state counts until the run goes on. Without one, a run whose owner lives (or may, on
    another host) is running, and any other was interrupted.
    Cost: one reading of what was written since the newest record that stands alone.
    """
    header, claim = reader.header, reader.claim
    ended: Record | None = None
    place: Mapping[str, Json] = {}
    awaits, updated_s = 0, header.created_s
    pins = Pins()
    for number, record in enumerate(reader.newest()):
        if not number:
            pins.begin(record)
        pins.take(record)
        if record.kind in _STEPS or record.kind == "state":
            ended = record if record.kind == "state" else None
            place = {**place, **_place(record)}
            updated_s = _number(record.fields.get("time"), updated_s)
        if record.kind == "done":
            awaits = max(awaits, int(_number(record.fields.get("n"), 0)))
        elif record.kind == "resume":
            ended, awaits = None, int(_number(record.fields.get("n"), 0))
    held = claim.alive is not False
    error = _error(ended)
    line = error.get("line") or place.get("line")
    statement = place.get("statement")
    return RunSummary(
        name=reader.name,
        run_id=header.run_id,
        state=_state(ended, held=held),
        notebook=header.notebook,
        cell_id=header.cell_id,
        created_s=header.created_s,
        updated_s=updated_s,
        awaits=awaits,
        line=line if isinstance(line, int) else None,
        statement=statement if isinstance(statement, str) else None,
        error=f"{error.get('type')}: {error.get('text')}" if error else None,
        owner=describe_owner(claim.owner) if held else None,
        size_bytes=reader.size_bytes(),
        skipped=reader.skipped,
        pinned=tuple(sorted(pins.numbers)),
        saved=ended is not None and ended.fields.get("saved") is True,
        forked_from=_beginning(header.forked_from),
    )


def _state(ended: Record | None, *, held: bool) -> State:
    running: State = "running" if held else "interrupted"
    if ended is None:
        return running
    state = _STATES.get(ended.fields.get("state"), running)
    # Nobody waits for an answer, and nobody runs, once the process is gone.
    return state if state in ("finished", "failed", "interrupted") else (state if held else running)


def _beginning(lineage: Mapping[str, Json] | None) -> str | None:
    return None if lineage is None else f"{lineage['name']}@{lineage['n']}"


def _place(record: Record) -> dict[str, Json]:
    return {key: record.fields[key] for key in ("line", "statement") if key in record.fields}


def _error(ended: Record | None) -> Mapping[str, Json]:
    error = ended.fields.get("error") if ended is not None else None
    return error if isinstance(error, dict) else {}


def _number(value: Json, otherwise: float) -> float:
    return value if isinstance(value, (int, float)) else otherwise
