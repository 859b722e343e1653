"""Wire: what the server answers and the panel reads. `labextension/src/tokens.ts` mirrors it.

Times are seconds since 1970 (UTC), lines count from 1 within the cell, sizes are bytes. A test
compares both files field by field, so neither side can drift.
"""

from __future__ import annotations

from typing import TypedDict

from playbooks_ipython.records import State

WIRE_FORMAT = 1


class RunEntry(TypedDict):
    """One run in the list. `store` is opaque: the client hands it back and never opens it.

    `pinned` counts its pinned checkpoints; `forked_from` is the checkpoint that it began with.
    """

    store: str
    name: str
    run_id: str
    state: State
    notebook: str | None
    cell_id: str | None
    created_s: float
    updated_s: float
    awaits: int
    pinned: int
    line: int | None
    statement: str | None
    error: str | None
    owner: str | None
    forked_from: str | None
    size_bytes: int


class RefusedEntry(TypedDict):
    """A value that could not be stored, and why."""

    variable: str
    type: str
    reason: str


class CheckpointEntry(TypedDict):
    """One checkpoint: what the log's `done` record says of it, nothing unpickled.

    `stack` and `locals` are of the cell's own frames, or of those of `task`; types by name.
    """

    n: int
    id: str
    line: int
    statement: str
    done_lines: int
    time: float
    bytes: int
    pinned: bool
    pending: str | None
    location: str | None
    variables: dict[str, str]
    refused: list[RefusedEntry]
    task: str | None
    stack: list[tuple[str, int]]
    locals: list[dict[str, str]]


class RunsAnswer(TypedDict):
    """GET runs?notebook=PATH. `problems` are sentences about what could not be read."""

    format: int
    runs: list[RunEntry]
    problems: list[str]


class RunAnswer(TypedDict):
    """GET runs/STORE/NAME. Checkpoints are oldest first; `done_lines` counts whole lines run."""

    format: int
    run: RunEntry
    source: str | None
    done_lines: int
    checkpoints: list[CheckpointEntry]
    output: list[tuple[str, str]]
    problems: list[str]


class Refusal(TypedDict):
    """Every answer that is not 200: one sentence for the user."""

    format: int
    message: str
