"""Timeline: a run's log as the panel shows it. Reads records and texts; a value is never loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playbooks_ipython.errors import CorruptLog
from playbooks_ipython.records import Json, Record
from playbooks_ipython.server.wire import CheckpointEntry, RefusedEntry
from playbooks_ipython.store.pins import Pins
from playbooks_ipython.store.protocol import RunReader

Fields = Mapping[str, Json]

# A panel shows what a person can look through; the rest is in `%playbook show`.
SHOWN = 200


@dataclass(slots=True)
class Timeline:
    """One run, read once: checkpoints by number, the newest text, the output in order."""

    name: str
    checkpoints: dict[int, CheckpointEntry] = field(default_factory=dict)
    output: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    source: str | None = None
    executed: dict[int, int] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    pins: Pins = field(default_factory=Pins)

    def newest(self) -> list[CheckpointEntry]:
        """Return at most SHOWN checkpoints, oldest first, with the lines that had run at each."""
        numbers = sorted(self.checkpoints)[-SHOWN:]
        for n in numbers:
            self.checkpoints[n]["done_lines"] = self._lines_before(self.executed[n])
            self.checkpoints[n]["pinned"] = n in self.pins.numbers
        return [self.checkpoints[n] for n in numbers]

    def lines_done(self, *, finished: bool) -> int:
        """Return how many lines of the program have run at the newest checkpoint, or all."""
        if finished:
            return len((self.source or "").splitlines())
        return self._lines_before(self.executed[max(self.executed)]) if self.executed else 0

    def _lines_before(self, executed: int) -> int:
        """Return how many whole lines the first `executed` characters are."""
        text = self.source or ""
        return len(text[:executed].splitlines()) if executed else 0


def read_timeline(reader: RunReader) -> Timeline:
    """Read a run's log. What cannot be read is a sentence in `problems`, never an error.

    Cost: one pass over the log, and the program's text.
    """
    timeline = Timeline(reader.name)
    text_name: str | None = None
    try:
        for record in reader.records():
            text_name = _take(timeline, record) or text_name
        timeline.source = None if text_name is None else _read_text(reader, text_name)
    except CorruptLog as error:
        timeline.problems.append(str(error))
    timeline.problems.extend(f"{reader.name}: {sentence}" for sentence in reader.skipped)
    if len(timeline.checkpoints) > SHOWN:
        timeline.problems.append(
            f"{reader.name}: only the newest {SHOWN} of {len(timeline.checkpoints)} playbook "
            "checkpoints are shown here"
        )
    return timeline


def _take(timeline: Timeline, record: Record) -> str | None:
    """Add one record; return the name of the program's text if it speaks of one.

    Whole records may still be foreign, so each field is looked at before it is believed.
    """
    fields = record.fields
    timeline.pins.take(record)
    try:
        if "vars" in fields:  # absent where equal to the record before, of whatever kind
            timeline.variables = _types(fields["vars"])
        if record.kind == "done":
            _take_checkpoint(timeline, fields)
        elif record.kind == "drop":
            timeline.checkpoints.pop(_int(fields, "n"), None)
        elif record.kind == "resume":
            _forget_after(timeline, _int(fields, "n"))
        elif record.kind == "output":
            timeline.output.extend(_part(part) for part in _list(fields["parts"]))
        elif record.kind == "source":
            return str(fields["source"])
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptLog(
            timeline.name, f"record {record.seq} is not as expected ({error})"
        ) from error
    return None


def _forget_after(timeline: Timeline, n: int) -> None:
    """The run went on from checkpoint `n`: what stood after it counts no more."""
    for later in [number for number in timeline.checkpoints if number > n]:
        del timeline.checkpoints[later], timeline.executed[later]


def _take_checkpoint(timeline: Timeline, fields: Fields) -> None:
    n = _int(fields, "n")
    timeline.executed[n] = _int(fields, "executed")
    timeline.checkpoints[n] = {
        "n": n,
        "id": f"{timeline.name}_ckpt_{n}",
        "line": _int(fields, "line"),
        "statement": str(fields["statement"]),
        "done_lines": 0,
        "time": _float(fields, "time"),
        "bytes": _int(fields, "bytes"),
        "pinned": False,
        "pending": _text(fields, "pending"),
        "location": _text(fields, "location"),
        "variables": timeline.variables,
        "refused": [_refused(each) for each in _list(fields["refused"])],
        "task": _text(fields, "task"),
        "stack": [_frame(each) for each in _list(fields["stack"])],
        "locals": [_types(each) for each in _list(fields.get("locals", []))],
    }


def _read_text(reader: RunReader, name: str) -> str | None:
    try:
        return reader.blob(name).decode("utf-8", "replace")
    except KeyError:
        raise CorruptLog(reader.name, "the program's text is missing") from None


def _refused(value: Json) -> RefusedEntry:
    variable, type_name, reason = _list(value)
    return {"variable": str(variable), "type": str(type_name), "reason": str(reason)}


def _frame(value: Json) -> tuple[str, int]:
    function, line = _list(value)
    return str(function), _int({"line": line}, "line")


def _part(value: Json) -> tuple[str, str]:
    channel, data = _list(value)
    return str(channel), str(data)


def _int(fields: Fields, key: str) -> int:
    value = fields[key]
    if not isinstance(value, int):
        raise TypeError(f"{key} is {value!r}")
    return value


def _float(fields: Fields, key: str) -> float:
    value = fields[key]
    if not isinstance(value, int | float):
        raise TypeError(f"{key} is {value!r}")
    return float(value)


def _text(fields: Fields, key: str) -> str | None:
    value = fields.get(key)
    return None if value is None else str(value)


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return value


def _types(value: Json) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is not a mapping")
    return {str(name): str(kind) for name, kind in value.items()}
