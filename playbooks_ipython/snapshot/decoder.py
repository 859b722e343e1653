"""Decoder: bytes made into a namespace again. What cannot be rebuilt costs only itself.

Loading runs code that the bytes name: only for bytes whose seals were checked.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playbooks_ipython.records import Refused
from playbooks_ipython.snapshot.context import forget_firsts, take_back
from playbooks_ipython.snapshot.guarded import GuardedUnpickler
from playbooks_ipython.snapshot.home import FollowDefinition, Home
from playbooks_ipython.snapshot.known import Known, numbered
from playbooks_ipython.snapshot.paths import find_paths
from playbooks_ipython.snapshot.seeds import seed_objects
from playbooks_ipython.snapshot.standin import refused_of, rename
from playbooks_ipython.snapshot.units import split_unit


@dataclass(frozen=True, slots=True)
class Decoded:
    """The objects of one graph, and every stand-in among them."""

    variables: dict[str, Any]
    extra: dict[str, Any]
    stand_ins: tuple[Refused, ...]
    parked: tuple[Any, ...] = ()
    """What was stored as parked, in no order."""


class _Unpickler(pickle.Unpickler):
    """The C unpickler, which knows the seeds."""

    seeds: Sequence[Any] | Known

    def persistent_load(self, pid: Any) -> Any:
        return self.seeds[pid]


def decode(
    stream: bytes,
    buffers: Iterable[Any],
    *,
    namespace: dict[str, Any],
    sources: Callable[[str], str],
    follow: FollowDefinition | None = None,
    units: Sequence[bytes | None] = (),
) -> Decoded:
    """Rebuild a graph.

    Args:
        units: what is stored apart of the stream, by number.
        buffers: in the encoding's order; writable ones make writable arrays, without a copy.
        namespace: the dictionary that the functions will run in; nothing is put into it.
        sources: gives a source text by its SHA-256.
        follow: leads to definitions that were edited meanwhile.

    Values that cannot be rebuilt become stand-ins. Raises only for a stream that is none.
    """
    kept = list(buffers)
    home = Home(namespace, sources, follow)
    try:
        found = _load(_Unpickler, stream, kept, home, units)
    except Exception:  # noqa: BLE001 # rebuilding runs foreign code: find what fails, keep the rest
        take_back(home)
        home = Home(namespace, sources, follow)
        found = _load(GuardedUnpickler, stream, kept, home, units)
    finally:
        forget_firsts()
    variables, extra, parked = found
    roots = {"parked": parked, **extra, **variables}
    return Decoded(variables, extra, _told(home, roots), tuple(parked))


def _load(
    kind: Any, stream: bytes, buffers: list[Any], home: Home, units: Sequence[bytes | None]
) -> tuple[dict[str, Any], dict[str, Any], list[Any]]:
    """Load the main stream, then what is stored apart of it. The main stream refers to that by
    shells, which are filled at the end."""

    def load(data: bytes) -> Any:
        unpickler = kind(io.BytesIO(data), buffers=buffers)
        unpickler.seeds = known if units else known.seeds
        unpickler.home = home
        return unpickler.load()

    parts = [None if unit is None else split_unit(unit) for unit in units]
    known = Known(seed_objects(home.namespace, home), parts, load)
    variables, extra, *held = load(numbered(stream, len(units)))
    if not held:
        return variables, extra, []
    known.held, whole = held[0]
    return variables, extra, [*whole, *known.fill()]


def _told(home: Home, roots: Mapping[str, Any]) -> tuple[Refused, ...]:
    nameless = [one for one in home.stand_ins if not refused_of(one).variable]
    if nameless:
        paths = find_paths(roots, nameless)
        for one in nameless:
            path = paths.get(id(one))
            rename(one, refused_of(one).type_name if path is None else str(path))
    return tuple(dict.fromkeys(refused_of(one) for one in home.stand_ins))
