"""Blobs: bytes by name, checked, out of the files of a run; and what a record cannot do without."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from playbooks_ipython.errors import CorruptLog
from playbooks_ipython.records import Record
from playbooks_ipython.store.directory import RunDirectory
from playbooks_ipython.store.framing import Place, blob_name
from playbooks_ipython.store.pages import read_pages


def read_blob(directory: RunDirectory, places: Mapping[str, Place], name: str) -> bytes:
    """Return the bytes of that name. Raises KeyError, and CorruptLog where they are others now."""
    place = places[name]
    try:
        with directory.open_file(place.file) as file:
            # A foreign table may name any offset and any length.
            if place.offset + place.length > directory.size_of(place.file):
                raise CorruptLog(str(directory.path / place.file), f"it ends before blob {name}")
            file.seek(place.offset)
            data = file.read(place.length)
    except OSError as error:
        raise CorruptLog(str(directory.path / place.file), f"blob {name}: {error}") from error
    if blob_name(data) != name:
        where = f"bytes {place.offset} to {place.offset + place.length}"
        raise CorruptLog(str(directory.path / place.file), f"{where} are not blob {name} any more")
    return data


def needed_blobs(record: Record, blob: Callable[[str], bytes]) -> list[str]:
    """Return every blob that a record needs, each once, in a stable order.

    Those it was appended with, its source, its graph's manifest, and all that the manifest lists:
    {"stream": name, "buffers": [[name, ...], ...], "sources": {hash: name}}, and where it has units
    "units": [count, depth of their index, name of its top page].
    Raises CorruptLog for a manifest that is none, and what `blob` raises.
    """
    needed = dict.fromkeys(record.blobs)
    source, graph = record.fields.get("source"), record.fields.get("graph")
    if isinstance(source, str):
        needed[source] = None
    if isinstance(graph, str):
        needed[graph] = None
        needed.update(dict.fromkeys(_listed(graph, blob(graph), blob)))
    return list(needed)


def _listed(name: str, manifest: bytes, blob: Callable[[str], bytes]) -> Iterator[str]:
    try:
        loaded = json.loads(manifest)
        names = [
            loaded["stream"],
            *(chunk for buffer in loaded["buffers"] for chunk in buffer),
            *loaded["sources"].values(),
        ]
        _, depth, top = loaded.get("units", (0, 0, None))
        pages, units = read_pages(top, depth, blob) if top is not None else ([], [])
        names += [*pages, *units]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorruptLog(name, f"the manifest cannot be read ({error!r})") from error
    return iter([each for each in names if isinstance(each, str)])
