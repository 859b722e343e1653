"""Render: what the line magic shows, as HTML for notebooks and as text for terminals."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from playbooks_ipython.checkpoints import RunView
from playbooks_ipython.checkpoints.reading import position_of
from playbooks_ipython.execution.statements import statements_of
from playbooks_ipython.records import Record
from playbooks_ipython.store import RunSummary

Rows = Sequence[Sequence[str]]


class Shows:
    """Something with a text for terminals and an HTML form for notebooks."""

    def text(self) -> str:
        raise NotImplementedError

    def html(self) -> str:
        return f"<pre>{escape(self.text())}</pre>"

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()


@dataclass(frozen=True, repr=False)
class Said(Shows):
    """One sentence."""

    sentence: str

    def text(self) -> str:
        return self.sentence


@dataclass(frozen=True, repr=False)
class Listing(Shows):
    """Some sentences, a line each."""

    sentences: Sequence[str]

    def text(self) -> str:
        return "\n".join(self.sentences)


@dataclass(frozen=True, repr=False)
class RunsTable(Shows):
    """Runs, the one that changed last first."""

    runs: Sequence[RunSummary]
    notebook: str | None

    _HEAD = ("run", "state", "awaits", "line", "changed", "size", "next")

    def text(self) -> str:
        if not self.runs:
            return "no runs yet: begin a cell with %%playbook"
        return text_table(self._HEAD, self._rows())

    def html(self) -> str:
        if not self.runs:
            return f"<p>{escape(self.text())}</p>"
        return html_table(self._HEAD, self._rows())

    def _rows(self) -> Rows:
        return [
            (
                run.name,
                run.state + (f": {run.error}" if run.error else ""),
                str(run.awaits),
                str(run.line or ""),
                time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.updated_s)),
                readable_size(run.size_bytes),
                _next_step(run),
            )
            for run in self.runs
        ]


@dataclass(frozen=True, repr=False)
class Shown(Shows):
    """One checkpoint of a run: the code with its marks, the stack, the variables."""

    view: RunView
    at: int | None

    def text(self) -> str:
        record = self.view.checkpoint(self.at)
        parts = [self._head(record), *self._code(record), "", "call stack:"]
        stack: Any = record.fields.get("stack", [])
        parts += [f"  {function}, line {line}" for function, line in stack]
        parts += ["", "variables:"]
        types = self.view.types_at(record)
        rows = [(f"  {name}", kind) for name, kind in sorted(types.items())]
        parts += [text_table(("  name", "type"), rows)] if rows else ["  none"]
        refused: Any = record.fields.get("refused", [])
        parts += [f"not stored: {v} ({kind}): {reason}" for v, kind, reason in refused]
        return "\n".join(parts)

    def _head(self, record: Record) -> str:
        fields: Any = record.fields
        awaits = int(fields["n"]) - (record.kind == "issue")
        where = {"issue": "in flight", "state": "at its end"}.get(record.kind, "completed")
        return f"{self.view.name}@{awaits} ({where})"

    def _code(self, record: Record) -> list[str]:
        program, here = self.view.program_of(record), position_of(record).next
        marks = {}
        for statement in statements_of(program):
            mark = (
                "done" if statement.index < here else "here" if statement.index == here else "left"
            )
            marks |= dict.fromkeys(range(statement.line, statement.end_line + 1), mark)
        return [
            f"{marks.get(n, ''):>4} {n:>4}  {line}"
            for n, line in enumerate(program.splitlines(), start=1)
            if line.strip() or n in marks
        ]


def _next_step(run: RunSummary) -> str:
    if run.state in ("interrupted", "failed"):
        return f"%playbook resume {run.name}"
    return ""


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


def html_table(head: Sequence[str], rows: Rows) -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        style = ' style="text-align: left"'
        return "<tr>" + "".join(f"<{tag}{style}>{escape(c)}</{tag}>" for c in cells) + "</tr>"

    body = "".join(line("td", row) for row in rows)
    return f"<table><thead>{line('th', head)}</thead><tbody>{body}</tbody></table>"
