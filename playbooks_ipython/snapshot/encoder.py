"""Encoder: a notebook's namespace made into bytes. What cannot be stored costs only itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playbooks_ipython.records import Refused
from playbooks_ipython.snapshot.paths import find_paths
from playbooks_ipython.snapshot.sources import SourceFinder
from playbooks_ipython.snapshot.standin import StandIn
from playbooks_ipython.snapshot.writing import Naming, Writing

CHUNK = 1024 * 1024
_DEEP = 1_000_000


@dataclass(frozen=True, slots=True)
class Encoding:
    """One graph as bytes.

    `buffers` are flat views of live memory, not copies. `sources` maps SHA-256 to each source text
    that definitions in the stream refer to. `refused` is what a stand-in was stored for.
    """

    stream: bytes
    buffers: tuple[memoryview, ...]
    sources: Mapping[str, str]
    refused: tuple[Refused, ...]


class Encoder:
    """Encodes one notebook's variables, again and again.

    Args:
        namespace: the notebook's own dictionary; never stored itself.
        reducers: asked in order for every object; each returns NotImplemented or a reduce value.

    Types that failed once are handled with care from then on, so a failure costs a second pass once.
    """

    def __init__(
        self,
        namespace: dict[str, object],
        reducers: Sequence[Callable[[object], object]] = (),
    ) -> None:
        self._namespace, self._reducers = namespace, tuple(reducers)
        self._finder = SourceFinder()
        self._failing: frozenset[type] = frozenset()

    def encode(self, variables: Mapping[str, object], extra: Mapping[str, object]) -> Encoding:
        """Encode both as one graph: what they share is shared again when it is decoded.

        An unchanged namespace gives the same bytes. Never fails for a value; KeyboardInterrupt
        goes up.
        """
        roots: _Roots = (dict(variables), dict(extra))
        naming, careful = Naming(), False
        while True:
            writing = Writing(
                self._namespace, self._finder, self._reducers, naming, careful or self._failing
            )
            try:
                stream = _write(writing, roots)
            except Exception as error:  # noqa: BLE001 # reducing runs foreign code
                if careful:
                    roots = self._without_failing(roots, error)
                careful = True
                continue
            self._failing |= writing.failing
            if not _name_refused(writing, naming, roots):
                buffers, refused = tuple(writing.buffers), tuple(writing.refused)
                return Encoding(stream, buffers, writing.sources, refused)

    def _without_failing(self, roots: _Roots, error: Exception) -> _Roots:
        """Put stand-ins for whole variables that fail alone; for all, if only together they do."""
        tried = tuple(
            {name: self._alone(name, value) for name, value in one.items()} for one in roots
        )
        if all(
            new[name] is old[name] for new, old in zip(tried, roots, strict=True) for name in new
        ):
            tried = tuple(
                {name: _stand_in(name, value, error) for name, value in one.items()}
                for one in roots
            )
        return tried[0], tried[1]

    def _alone(self, name: str, value: object) -> object:
        writing = Writing(self._namespace, self._finder, self._reducers, Naming(), True)
        try:
            _write(writing, value)
        except Exception as error:  # noqa: BLE001 # as above
            return _stand_in(name, value, error)
        return value


_Roots = tuple[dict[str, Any], dict[str, Any]]


def chunks(buffer: memoryview) -> list[memoryview]:
    """Cut a buffer into views of 1 MiB, the last one shorter; an empty buffer has none."""
    flat = buffer.cast("B") if buffer.format != "B" or buffer.ndim != 1 else buffer
    return [flat[at : at + CHUNK] for at in range(0, flat.nbytes, CHUNK)]


def _write(writing: Writing, roots: object) -> bytes:
    try:
        return writing.write(roots)
    except RecursionError:
        writing.forget()
    with _recursion_limit(_DEEP):
        return writing.write(roots, deep=True)


@contextmanager
def _recursion_limit(limit: int) -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _name_refused(writing: Writing, naming: Naming, roots: _Roots) -> bool:
    """Find names for what was refused in this pass. False if there is nothing new to name."""
    fresh = [one for one in writing.unnamed if naming.name(one) is None]
    if not fresh:
        return False
    paths = find_paths({**roots[1], **roots[0]}, fresh)
    for one in fresh:
        path = paths.get(id(one))
        if path is None:
            naming.by_type[type(one)] = type(one).__qualname__
        else:
            naming.by_id[id(one)] = path
    naming.kept.extend(fresh)
    return True


def _stand_in(name: str, value: object, error: Exception) -> StandIn:
    return StandIn(name, type(value).__qualname__, f"{type(error).__name__}: {error}")
