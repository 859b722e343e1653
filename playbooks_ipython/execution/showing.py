"""Showing: runs and checkpoints as text, from their records alone. Nothing is unpickled."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from playbooks_ipython.checkpoints import RunView
from playbooks_ipython.execution.statements import statements_of
from playbooks_ipython.records import Record
from playbooks_ipython.store.summary import RunSummary

Rows = Sequence[Sequence[str]]
RUNS_HEAD = ("run", "state", "awaits", "line", "changed", "size", "next")
NO_RUNS = "no runs yet: begin a cell with %%playbook"


def runs_rows(runs: Sequence[RunSummary]) -> Rows:
    return [
        (
            run.name,
            _state(run),
            _awaits(run),
            str(run.line or ""),
            time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.updated_s)),
            readable_size(run.size_bytes),
            _next_step(run),
        )
        for run in runs
    ]


def runs_text(runs: Sequence[RunSummary]) -> str:
    return text_table(RUNS_HEAD, runs_rows(runs)) if runs else NO_RUNS


def checkpoint_text(view: RunView, at: int | None) -> str:
    """Return one checkpoint (None: the newest): code with its marks, stack, variables."""
    record = view.checkpoint(at)
    fields: Any = record.fields
    types = view.types_at(record)
    return "\n".join(
        [
            _head(view, record),
            *_lineage(view),
            *_marked_code(view, record),
            "",
            f"call stack of task {fields['task']}:" if "task" in fields else "call stack:",
            *_stack(fields.get("stack", []), fields.get("locals", [])),
            *([f"  pending outcome: {fields['pending']}"] if fields.get("pending") else []),
            "",
            "variables:",
            *(f"  {name}: {kind}" for name, kind in sorted(types.items())),
            *(f"not stored: {v} ({kind}): {why}" for v, kind, why in fields.get("refused", [])),
        ]
    )


def _stack(stack: list[Any], types: list[dict[str, str]]) -> Iterator[str]:
    for number, (function, line) in enumerate(stack):
        yield f"  {function}, line {line}"
        own = types[number] if number < len(types) else {}
        yield from (f"    {name}: {kind}" for name, kind in sorted(own.items()))


def _head(view: RunView, record: Record) -> str:
    fields: Any = record.fields
    if fields.get("saved"):
        return f"{view.name} (saved)"
    awaits = int(fields["n"]) - (record.kind == "issue")
    where = {"issue": "the next one in flight", "state": "at its end"}.get(record.kind, "")
    pinned = "pinned" if record.kind == "done" and awaits in view.pins else ""
    task = f"in task {fields['task']}" if fields.get("task") else ""
    said = ", ".join(filter(None, (where, task, pinned)))
    return f"{view.name}@{awaits}" + (f" ({said})" if said else "")


def _lineage(view: RunView) -> list[str]:
    forked: Any = view.reader.header.forked_from
    return [] if forked is None else [f"forked from {forked['name']}@{forked['n']}"]


def _marked_code(view: RunView, record: Record) -> list[str]:
    program, executed = view.program_of(record), record.fields["executed"]
    marks: dict[int, str] = {}
    following = "here"
    for statement in statements_of(program):
        mark = "done" if statement.end <= int(executed) else following  # type: ignore[arg-type]  # a number by records.py
        following = "here" if mark == "done" else "left"
        # Of two statements on a line, the one that stands further back says what is left of it.
        for line in range(statement.line, statement.end_line + 1):
            marks[line] = "here" if marks.get(line) == "here" else mark
    return [
        f"{marks.get(n, ''):>4} {n:>4}  {line}".rstrip()
        for n, line in enumerate(program.splitlines(), start=1)
        if n > 1 or line  # a cell's first line is its magic's
    ]


def _state(run: RunSummary) -> str:
    if run.saved:
        return "saved"
    return f"{run.state}: {run.error}" if run.error else run.state


def _awaits(run: RunSummary) -> str:
    pinned = ", ".join(map(str, run.pinned))
    return f"{run.awaits} (pinned: {pinned})" if pinned else str(run.awaits)


def _next_step(run: RunSummary) -> str:
    return f"%playbook resume {run.name}" if run.state in ("interrupted", "failed") else ""


def readable_size(size_bytes: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"


def text_table(head: Sequence[str], rows: Rows) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    )
