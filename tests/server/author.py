"""An author of runs: writes what a kernel writes, into a real store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playbooks_ipython.records import FORMAT, Json, Owner, RunHeader
from playbooks_ipython.store import FilesystemStore, this_owner
from playbooks_ipython.store.framing import blob_name
from playbooks_ipython.store.protocol import RunWriter
from playbooks_ipython.store.registry import record_store

SOURCE = "a = await first()\nfor i in range(2):\n    b = await second(i)\nprint(b)\n"


class ChecksumSealer:
    """A key that is nobody's: the server has none and must not need one."""

    def seal(self, previous: bytes, body: bytes) -> bytes:  # noqa: ARG002 (the seam's signature)
        return bytes(32)

    def holds(self, previous: bytes, body: bytes, seal: bytes) -> bool:  # noqa: ARG002 (as above)
        return seal == bytes(32)


class Author:
    """Writes runs as a kernel does, next to a notebook."""

    def __init__(self, notebook: Path) -> None:
        self.notebook = notebook
        self.store = FilesystemStore(notebook.parent / ".checkpoints")

    def open(self, name: str, owner: Owner | None = None, **header: Any) -> RunWriter:
        """Begin a run of the notebook's cell `c1`, and record the store for the server."""
        given: dict[str, Any] = {
            "run_id": f"id-of-{name}",
            "name": name,
            "created_s": 100.0,
            "notebook": str(self.notebook),
            "cell_id": "c1",
            "python": "3.11",
            "format": FORMAT,
        }
        writer = self.store.create(
            RunHeader(**given | header), owner or this_owner(), ChecksumSealer()
        )
        record_store(self.store.root, str(self.notebook))
        return writer

    def write(self, name: str = "demo", *, checkpoints: int = 2, **header: Any) -> RunWriter:
        """Write a run with its text, its checkpoints and some output; it has not ended."""
        writer = self.open(name, **header)
        text = SOURCE.encode()
        writer.append(
            "source", {"source": blob_name(text), "at": len(text)}, {blob_name(text): text}
        )
        for n in range(1, checkpoints + 1):
            writer.append("issue", issued(n) | {"attempt": 1})
            writer.append("done", done(n))
        writer.append("output", {"parts": [["stdout", "hello\n"]]})
        return writer


def issued(n: int, **fields: Json) -> dict[str, Json]:
    """Return the fields of the record of an await that is about to be issued."""
    line = 1 if n == 1 else 3
    given: dict[str, Json] = {
        "n": n,
        "op": f"op{n}",
        "line": line,
        "index": 0 if n == 1 else 1,
        "statement": SOURCE.splitlines()[0 if n == 1 else 1],
        "executed": 0 if n == 1 else len("a = await first()\n"),
        "time": 100.0 + n,
        "graph": "0" * 64,
        "bytes": 10 * n,
        "refused": [],
        "stack": [["cell", line]],
        "locals": [{}],
        "location": None,
        "pending": None,
        "next": 1,
        "inside": False,
    }
    return given | fields


def done(n: int, **fields: Json) -> dict[str, Json]:
    """Return the fields of a checkpoint; the first names the variables, later ones do not."""
    variables: Mapping[str, Json] = {"vars": {"a": "int"}} if n == 1 else {}
    return issued(n, executed=len("a = await first()\n")) | dict(variables) | fields
