"""Listing: what the two addresses answer. Knows recorded stores, and reads nothing else.

A store is known to clients by an opaque id, and a run by a label that the store itself lists, so
nothing that a client sends becomes a path.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from playbooks_ipython.errors import RunNotFound, StoreError
from playbooks_ipython.server.belonging import Notebook
from playbooks_ipython.server.memory import Memory
from playbooks_ipython.server.timeline import Timeline, read_timeline
from playbooks_ipython.server.wire import WIRE_FORMAT, RunAnswer, RunEntry, RunsAnswer
from playbooks_ipython.store.filesystem import FilesystemStore
from playbooks_ipython.store.protocol import RunReader
from playbooks_ipython.store.registry import recorded_stores
from playbooks_ipython.store.summary import RunSummary, summarize


class Listing:
    """Reads runs for the panel. One for a server; used from several threads."""

    def __init__(self) -> None:
        self._summaries: Memory[RunSummary] = Memory(500)
        self._timelines: Memory[Timeline] = Memory(20)

    def list_runs(self, path: Path) -> RunsAnswer:
        """Return the runs of the notebook at `path`, newest first.

        What cannot be read is a sentence in `problems`.
        Cost: the first record of each run; all records of those that changed since they were
        last listed.
        """
        notebook = Notebook(path)
        runs: list[RunEntry] = []
        problems: list[str] = []
        for root in _roots(notebook):
            store = FilesystemStore(root)
            for name in _names(store, problems):
                try:
                    summary = self._summarize(store, name, notebook)
                except RunNotFound:  # deleted meanwhile
                    continue
                except (StoreError, OSError) as error:
                    problems.append(f"{name}: {error}")
                    continue
                if summary is not None:
                    runs.append(_entry(root, summary))
                    problems.extend(f"{name}: {sentence}" for sentence in summary.skipped)
        runs.sort(key=lambda run: run["created_s"], reverse=True)
        return {"format": WIRE_FORMAT, "runs": runs, "problems": problems}

    def read_run(self, store_id: str, name: str) -> RunAnswer:
        """Return one run with its checkpoints. Raises RunNotFound, StoreError, OSError.

        Cost: the first record of each of its logs; all records if it changed since.
        """
        root = _root_of(store_id)
        store = FilesystemStore(root)
        known = store.names()
        if name not in known:
            raise RunNotFound(name, str(root), tuple(known))
        reader = store.read(name)
        summary = self._summaries.get((root, name), reader, summarize)
        timeline = self._timelines.get((root, name), reader, read_timeline)
        return {
            "format": WIRE_FORMAT,
            "run": _entry(root, summary),
            "source": timeline.source,
            "done_lines": timeline.lines_done(finished=summary.state == "finished"),
            "checkpoints": timeline.newest(),
            "output": timeline.output,
            "problems": timeline.problems,
        }

    def _summarize(
        self, store: FilesystemStore, name: str, notebook: Notebook
    ) -> RunSummary | None:
        """Return how the run stands; None where it is another notebook's."""
        reader: RunReader = store.read(name)
        header = reader.header
        if not notebook.owns(store.root, header.notebook, header.cell_id):
            return None
        return self._summaries.get((store.root, name), reader, summarize)


def _roots(notebook: Notebook) -> list[Path]:
    """Return the recorded stores in which runs of this notebook may lie, each once."""
    return sorted({store.path for store in recorded_stores() if notebook.may_be_in(store)})


def _names(store: FilesystemStore, problems: list[str]) -> Iterator[str]:
    try:
        yield from store.names()
    except OSError as error:
        problems.append(f"{store.root} cannot be read: {error.strerror}")


def _root_of(store_id: str) -> Path:
    for store in recorded_stores():
        if _id_of(store.path) == store_id:
            return store.path
    raise StoreError("the store of this run is not known to this server, or has been deleted")


def _id_of(root: Path) -> str:
    return sha256(str(root).encode()).hexdigest()[:16]


def _entry(root: Path, summary: RunSummary) -> RunEntry:
    return {
        "store": _id_of(root),
        "name": summary.name,
        "run_id": summary.run_id,
        "state": summary.state,
        "notebook": summary.notebook,
        "cell_id": summary.cell_id,
        "created_s": summary.created_s,
        "updated_s": summary.updated_s,
        "awaits": summary.awaits,
        "pinned": len(summary.pinned),
        "line": summary.line,
        "statement": summary.statement,
        "error": summary.error,
        "owner": summary.owner,
        "forked_from": summary.forked_from,
        "size_bytes": summary.size_bytes,
    }
