"""Render: what the line magic shows, as HTML for notebooks and as text for terminals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from playbooks_ipython.checkpoints import RunView
from playbooks_ipython.execution.showing import (
    NO_RUNS,
    RUNS_HEAD,
    checkpoint_text,
    runs_rows,
    runs_text,
)
from playbooks_ipython.store.summary import RunSummary


@dataclass(frozen=True)
class Shown:
    """Text for terminals and its HTML form for notebooks."""

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def shown(*lines: str) -> Shown:
    text = "\n".join(lines)
    return Shown(text, f"<pre>{escape(text)}</pre>")


def shown_runs(runs: Sequence[RunSummary]) -> Shown:
    html = html_table(RUNS_HEAD, runs_rows(runs)) if runs else f"<p>{escape(NO_RUNS)}</p>"
    return Shown(runs_text(runs), html)


def shown_checkpoint(view: RunView, at: int | None) -> Shown:
    return shown(checkpoint_text(view, at))


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        style = ' style="text-align: left"'
        return "<tr>" + "".join(f"<{tag}{style}>{escape(c)}</{tag}>" for c in cells) + "</tr>"

    body = "".join(line("td", row) for row in rows)
    return f"<table><thead>{line('th', head)}</thead><tbody>{body}</tbody></table>"
