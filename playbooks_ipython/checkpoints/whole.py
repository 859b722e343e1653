"""Whole checkpoints: one checkpoint as the dictionary that the seeds' API hands out.

And as one file, `<run>_ckpt_<n>.pkl`: a JSON head, the bytes, a seal over both. It is read through
the provider, which checks the seal before anything in it is unpickled.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from typing import Any

from playbooks_ipython.checkpoints.graph import Graph
from playbooks_ipython.checkpoints.reference import checkpoint_id
from playbooks_ipython.errors import CorruptLog
from playbooks_ipython.records import Json, Record
from playbooks_ipython.store.protocol import Sealer

_MAGIC = b"playbooks-ipython checkpoint 1\n"
_SEAL_BYTES = 32
_HEAD = frozenset({"name", "fields", "run_id", "sources", "sizes", "buffers"})

WholeCheckpoint = dict[str, Any]


def make_whole(
    name: str,
    record: Record,
    variables: Mapping[str, object],
    extra: Mapping[str, object],
    source: str,
) -> WholeCheckpoint:
    """Put a decoded checkpoint into the seeds' shape. Cost: no copies; values are shared."""
    given: Any = extra.get("given", {})
    fields: Mapping[str, Any] = record.fields
    state = {
        "variables": {f"${key}": v for key, v in variables.items() if _is_data(v)}
        | dict(extra.get("agent", {})),  # type: ignore[call-overload]  # we wrote a dict there
        "call_stack": [fields["location"]] if fields.get("location") else [],
        "agents": [{"id": name}],
        "meetings": [],
    }
    metadata = {
        "statement": fields.get("statement", ""),
        "counter": int(fields["n"]),
        "execution_id": name,
        "timestamp": float(fields["time"]),
        "llm_response": source or None,
        "executed_code": source[: int(fields.get("executed") or 0)],
    }
    return {
        "checkpoint_id": checkpoint_id(name, int(fields["n"])),
        "namespace": dict(variables),
        "execution_state": given.get("execution_state", state),
        "metadata": metadata | given.get("metadata", {}),
    }


def _is_data(value: object) -> bool:
    return not callable(value) and not isinstance(value, types.ModuleType)


def write_file(
    name: str, run_id: str, record: Record, graph: Graph, program: str, sealer: Sealer
) -> bytes:
    """Return the bytes of a checkpoint's file. `units` of its head: how many, which there are."""
    texts = [text.encode() for text in (*graph.sources.values(), program)]
    units = {n: unit for n, unit in enumerate(graph.units) if unit is not None}
    parts: list[bytes | bytearray] = [graph.stream, *graph.buffers, *units.values(), *texts]
    head: dict[str, Json] = {
        "name": name,
        "fields": dict(record.fields),
        "run_id": run_id,
        "sources": list(graph.sources),
        "sizes": [len(part) for part in parts],
        "buffers": len(graph.buffers),
        "units": [len(graph.units), *units],
    }
    body = b"".join([_MAGIC, json.dumps(head).encode(), b"\n", *parts])
    return body + sealer.seal(b"", body)


def peek_file(data: bytes, path: str) -> Mapping[str, Any]:
    """Return the JSON head of a checkpoint's file; nothing is verified or unpickled."""
    if not data.startswith(_MAGIC):
        raise CorruptLog(path, "it is not a checkpoint written by playbooks-ipython")
    line = data[len(_MAGIC) : data.find(b"\n", len(_MAGIC))]
    try:
        head: Mapping[str, Any] = json.loads(line)
    except ValueError:
        raise CorruptLog(path, "its head is damaged") from None
    if not isinstance(head, dict) or not _HEAD.issubset(head):
        raise CorruptLog(path, "its head is damaged")
    return head


def read_file(data: bytes, path: str, sealer: Sealer) -> tuple[Record, Graph, str]:
    """Return record, graph and program of a checkpoint's file, its seal checked first."""
    head = peek_file(data, path)
    body, seal = data[:-_SEAL_BYTES], data[-_SEAL_BYTES:]
    if not sealer.holds(b"", body, seal):
        raise CorruptLog(path, "its seal does not hold: altered, torn, or written by another user")
    at = data.find(b"\n", len(_MAGIC)) + 1
    pieces = []
    for size in head["sizes"]:
        pieces.append(body[at : at + size])
        at += size
    stream, *rest = pieces
    count, *numbers = head.get("units", [0])
    end = head["buffers"] + len(numbers)
    buffers, units, texts = rest[: head["buffers"]], rest[head["buffers"] : end], rest[end:-1]
    there = dict(zip(numbers, units, strict=True))
    graph = Graph(
        stream=stream,
        buffers=[bytearray(b) for b in buffers],
        sources={k: t.decode() for k, t in zip(head["sources"], texts, strict=True)},
        units=tuple(map(there.get, range(count))),
    )
    return Record(0, 0, "done", head["fields"]), graph, rest[-1].decode()
