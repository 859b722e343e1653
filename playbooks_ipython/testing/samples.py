"""Samples: headers, owners, sealers and records for the tests of a store."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace

from playbooks_ipython.records import Json, Owner, RunHeader
from playbooks_ipython.store.framing import blob_name
from playbooks_ipython.store.owner import owner_of
from playbooks_ipython.store.protocol import RunWriter
from playbooks_ipython.trust import KeySealer

RUN_ID = "0" * 31 + "1"
SEALER = KeySealer(b"k" * 32, RUN_ID)
STRANGERS_SEALER = KeySealer(b"s" * 32, RUN_ID)


def sample_header(name: str = "research", notebook: str | None = "a.ipynb") -> RunHeader:
    """Describe a run that `SEALER` signs."""
    return RunHeader(RUN_ID, name, 1_700_000_000.5, notebook, "cell-1", "3.11.7", {"dill": "0.4"})


def live_stranger() -> Owner:
    """Return another live process of this host: the one that started this one."""
    return owner_of(os.getppid())


def dead_stranger() -> Owner:
    """Return a process that has ended, and whose pid another one has by now."""
    return replace(live_stranger(), started="1")


def far_stranger() -> Owner:
    """Return a process of another host, which nobody here can look up."""
    return replace(live_stranger(), host="elsewhere", boot_id="other")


def sample_graph(stream: bytes, *chunks: bytes) -> tuple[str, dict[str, bytes]]:
    """Return the name of a graph's manifest, and all blobs that make the graph up."""
    blobs = {blob_name(data): data for data in (stream, *chunks)}
    manifest = {
        "stream": blob_name(stream),
        "buffers": [[blob_name(chunk) for chunk in chunks]],
        "sources": {},
    }
    data = json.dumps(manifest).encode()
    return blob_name(data), {**blobs, blob_name(data): data}


def append_done(writer: RunWriter, n: int, *chunks: bytes, **more: Json) -> Mapping[str, bytes]:
    """Append checkpoint `n`, whose graph has these chunks; return the graph's blobs."""
    graph, blobs = sample_graph(b"stream %d" % n, *chunks)
    fields: dict[str, Json] = {"n": n, "op": f"op{n}", "line": n, "time": 1_700_000_000.5 + n}
    writer.append("done", {**fields, "graph": graph, **more}, blobs)
    return blobs


def append_alone(writer: RunWriter, n: int, *chunks: bytes) -> Mapping[str, bytes]:
    """Append checkpoint `n` as `append_done` does, so that a reading may begin with it."""
    graph, blobs = sample_graph(b"stream %d" % n, *chunks)
    writer.append("done", {"n": n, "line": n, "graph": graph}, blobs, needs=tuple(blobs))
    return blobs
