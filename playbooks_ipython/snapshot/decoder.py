"""Decoder: bytes made into a namespace again. What cannot be rebuilt costs only itself.

Loading runs code that the bytes name: only for bytes whose seals were checked.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from playbooks_ipython.records import Refused
from playbooks_ipython.snapshot.context import take_back
from playbooks_ipython.snapshot.guarded import GuardedUnpickler
from playbooks_ipython.snapshot.home import FollowDefinition, Home
from playbooks_ipython.snapshot.paths import find_paths
from playbooks_ipython.snapshot.seeds import seed_objects
from playbooks_ipython.snapshot.standin import refused_of, rename


@dataclass(frozen=True, slots=True)
class Decoded:
    """The objects of one graph, and every stand-in among them."""

    variables: dict[str, Any]
    extra: dict[str, Any]
    stand_ins: tuple[Refused, ...]


class _Unpickler(pickle.Unpickler):
    """The C unpickler, which knows the seeds."""

    seeds: list[Any]

    def persistent_load(self, pid: Any) -> Any:
        return self.seeds[pid]


def decode(
    stream: bytes,
    buffers: Iterable[Any],
    *,
    namespace: dict[str, Any],
    sources: Callable[[str], str],
    follow: FollowDefinition | None = None,
) -> Decoded:
    """Rebuild a graph.

    Args:
        buffers: in the encoding's order; writable ones make writable arrays, without a copy.
        namespace: the dictionary that the functions will run in; nothing is put into it.
        sources: gives a source text by its SHA-256.
        follow: leads to definitions that were edited meanwhile.

    Values that cannot be rebuilt become stand-ins. Raises only for a stream that is none.
    """
    kept = list(buffers)
    home = Home(namespace, sources, follow)
    try:
        variables, extra = _load(_Unpickler, stream, kept, home)
    except Exception:  # noqa: BLE001 # rebuilding runs foreign code: find what fails, keep the rest
        take_back(home)
        home = Home(namespace, sources, follow)
        variables, extra = _load(GuardedUnpickler, stream, kept, home)
    return Decoded(variables, extra, _told(home, variables, extra))


def _load(kind: Any, stream: bytes, buffers: list[Any], home: Home) -> Any:
    unpickler = kind(io.BytesIO(stream), buffers=buffers)
    unpickler.seeds = seed_objects(home.namespace, home)
    unpickler.home = home
    return unpickler.load()


def _told(home: Home, variables: dict[str, Any], extra: dict[str, Any]) -> tuple[Refused, ...]:
    nameless = [one for one in home.stand_ins if not refused_of(one).variable]
    if nameless:
        paths = find_paths({**extra, **variables}, nameless)
        for one in nameless:
            path = paths.get(id(one))
            rename(one, refused_of(one).type_name if path is None else str(path))
    return tuple(dict.fromkeys(refused_of(one) for one in home.stand_ins))
