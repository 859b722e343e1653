"""Graphs: the bytes of one checkpoint, cut and named so that a store keeps each piece once.

A graph is one manifest blob that names the pickle stream, the chunks of the buffers beside it, the
source texts of the definitions in it, and the index of its units. Equal pieces have equal names, so
what did not change since the checkpoint before is named again and not written again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import xxhash

from playbooks_ipython.checkpoints.units import UnitIndex
from playbooks_ipython.snapshot import Encoding, chunks
from playbooks_ipython.store.pages import read_pages
from playbooks_ipython.store.protocol import Bytes

GraphReader = Callable[[str], bytes]
"""Gives a blob by name."""


@dataclass(frozen=True, slots=True)
class Graph:
    """What a manifest says, with the stream and the buffers read."""

    stream: bytes
    buffers: list[bytearray]
    sources: dict[str, str]
    units: tuple[bytes | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    """A graph as blobs: its manifest's name, and those not named before."""

    manifest: str
    blobs: dict[str, Bytes]
    _listed: tuple[str, ...]
    _index: UnitIndex

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of all that the graph needs. To be asked before the next one is packed."""
        return (self.manifest, *self._listed, *self._index.names)


def blob_name(data: Bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(slots=True)
class GraphPacker:
    """Turns encodings into blobs. One a run: it remembers the chunks that it has named."""

    _named: dict[bytes, str] = field(default_factory=dict)
    _index: UnitIndex = field(default_factory=UnitIndex)

    def pack(self, encoding: Encoding) -> Packed:
        """Name every piece of a graph, and its manifest.

        Cost: one xxh3 over all buffers, a copy and SHA-256 of what changed.
        """
        blobs: dict[str, Bytes] = {}
        manifest: dict[str, Any] = {
            "stream": self._name(encoding.stream, blobs),
            "buffers": [[self._name(c, blobs) for c in chunks(b)] for b in encoding.buffers],
            "sources": {
                key: self._name(text.encode(), blobs) for key, text in encoding.sources.items()
            },
        }
        listed = tuple(_listed(manifest))
        if encoding.units:
            top = self._index.update(encoding.units, lambda data: self._name(data, blobs))
            manifest["units"] = [len(encoding.units), self._index.depth, top]
        name = self._name(json.dumps(manifest, sort_keys=True).encode(), blobs)
        return Packed(name, blobs, listed, self._index)

    def pack_text(self, text: str) -> tuple[str, dict[str, Bytes]]:
        """Return the name of a source text, and the blob if this run has not named it before."""
        blobs: dict[str, Bytes] = {}
        return self._name(text.encode(), blobs), blobs

    def forget(self) -> None:
        """Name everything anew: a commit failed, so nobody knows what the store has."""
        self._named.clear()
        self._index = UnitIndex()

    def forget_all_but(self, names: Collection[str]) -> None:
        """Hand over anew what is not among these: the store has forgotten it."""
        kept = frozenset(names)
        self._named = {digest: name for digest, name in self._named.items() if name in kept}

    # The fast hash only answers "was this chunk named before?"; names are cryptographic.
    def _name(self, data: Bytes, blobs: dict[str, Bytes]) -> str:
        digest = xxhash.xxh3_128_digest(data)
        known = self._named.get(digest)
        if known is None:
            if isinstance(data, memoryview):
                # A thread may write into it meanwhile: the copy is what is named and written.
                data = bytes(data)
                digest = xxhash.xxh3_128_digest(data)
            known = self._named[digest] = blob_name(data)
            blobs[known] = data
        return known


def digest_of(encoding: Encoding) -> str:
    """Return a fast hash of a whole encoding; it only answers "has anything changed?"."""
    digest = xxhash.xxh3_128(encoding.stream)
    for buffer in encoding.buffers:
        digest.update(xxhash.xxh3_128_digest(buffer))
    return digest.hexdigest()


def names_in(manifest: bytes, blob: GraphReader) -> list[str]:
    """Return the names of all blobs that a graph needs beside its manifest.

    Raises what `blob` raises for bytes that are absent or altered.
    """
    said = json.loads(manifest)
    pages, units = _units_of(said, blob)
    return [*_listed(said), *pages, *(name for name in units if name is not None)]


def pieces_in(manifest: bytes) -> int:
    """Return how many blobs a graph's stream, buffers and sources are."""
    return len(_listed(json.loads(manifest)))


def _listed(said: dict[str, Any]) -> list[str]:
    return [said["stream"], *(c for cut in said["buffers"] for c in cut), *said["sources"].values()]


def _units_of(
    said: dict[str, Any], blob: GraphReader
) -> tuple[Sequence[str], Sequence[str | None]]:
    if "units" not in said:
        return (), ()
    count, depth, top = said["units"]
    pages, units = read_pages(top, depth, blob)
    return pages, [*units, *[None] * count][:count]


def read_graph(manifest: str, blob: GraphReader) -> Graph:
    """Read a graph back. Raises what `blob` raises for bytes that are absent or altered."""
    said = json.loads(blob(manifest))
    _, units = _units_of(said, blob)
    return Graph(
        stream=blob(said["stream"]),
        buffers=[bytearray().join(blob(c) for c in cut) for cut in said["buffers"]],
        sources={key: blob(name).decode() for key, name in said["sources"].items()},
        units=tuple(None if name is None else blob(name) for name in units),
    )
