"""Encoder: a notebook's namespace made into bytes. What cannot be stored costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playbooks_ipython.records import Refused
from playbooks_ipython.snapshot.exclusive import Timed
from playbooks_ipython.snapshot.home import Home
from playbooks_ipython.snapshot.parking import Parking
from playbooks_ipython.snapshot.paths import Path, find_paths
from playbooks_ipython.snapshot.sealing import make_frame_unit, make_unit
from playbooks_ipython.snapshot.seeds import seed_objects
from playbooks_ipython.snapshot.sources import SourceFinder
from playbooks_ipython.snapshot.standin import StandIn
from playbooks_ipython.snapshot.stills import Still
from playbooks_ipython.snapshot.units import Memo, Parked, Unit, Units, UnitWriter
from playbooks_ipython.snapshot.writing import Experience, Writing

CHUNK = 1024 * 1024
_REMEMBERED = 100
_RETRIES = 3


@dataclass(frozen=True, slots=True)
class Encoding:
    """One graph as bytes.

    `buffers` are flat views of live memory, not copies. `sources` maps SHA-256 to each source text
    that definitions in the stream refer to. `refused` is what a stand-in was stored for, and
    `unstorable` the objects themselves, each with the variable that leads to it. `units` are the
    things that are stored apart, by number.
    """

    stream: bytes
    buffers: tuple[memoryview, ...]
    sources: Mapping[str, str]
    refused: tuple[Refused, ...]
    unstorable: tuple[tuple[str, object], ...] = ()
    units: Units = field(default_factory=Units)


class Encoder:
    """Encodes one notebook's variables, again and again.

    Args:
        namespace: the notebook's own dictionary; never stored itself.
        reducers: asked in order for every object; each returns NotImplemented or a reduce value.
        still: knows what else is stored apart where parked things refer to it.
        timed: knows what is theirs although the loop has it as well.

    Types that failed are handled with care from then on: a failure costs a second pass once.
    """

    def __init__(
        self,
        namespace: dict[str, object],
        reducers: Sequence[Callable[[object], object]] = (),
        still: Still | None = None,
        timed: Timed | None = None,
    ) -> None:
        self._namespace, self._reducers = namespace, tuple(reducers)
        self._finder, self._known = SourceFinder(), Experience()
        self._paths: list[Path] = []
        self._home = Home(namespace, _no_source)
        seeds = seed_objects(namespace, self._home)
        self._seeds: Memo = {id(seed): (n, seed) for n, seed in enumerate(seeds)}
        self._parking = Parking(
            self._seeds, len(seeds), still, self._make_unit, self._make_frame_unit
        )
        self._timed = timed
        self._units = UnitWriter(self._seeds, timed.shared if timed else ())
        self.writing = self._writing(self._seeds)
        """The pass that is being made, for reducers that need to know of it."""

    def encode(
        self,
        variables: Mapping[str, object],
        extra: Mapping[str, object],
        parked: Iterable[Parked] | None = None,
    ) -> Encoding:
        """Encode all as one graph: what they share is shared again when it is decoded.

        `parked`: what has not changed since its counter moved is not encoded again. None leaves
        the units as they are and encodes without them.

        An unchanged namespace gives the same bytes. Never fails for a value; KeyboardInterrupt
        goes up.
        """
        roots: _Roots = (dict(variables), dict(extra))
        self._recall_names(roots, parked)
        parking = None
        if parked is not None:
            self._parking.update(parked)
            parking = self._parking if self._parking.places.units else None
        careful, failures = False, 0
        while True:
            writing = self.writing = self._writing(
                parking.places.memo if parking else self._seeds, careful
            )
            if parking:
                writing.apart, writing.placed = parking.places.frames, parking.known
            try:
                stream = _write(writing, (*roots, parking.held()) if parking else roots)
            except Exception as error:  # noqa: BLE001 # reducing runs foreign code
                # Nobody knows which object failed: it may be a thread that changes one meanwhile.
                failures += careful
                if failures > _RETRIES:
                    roots = self._without_failing(roots, error)
                careful = True
                continue
            if parking and (writing.met or writing.constant):
                parking.meet(writing.met)
                parking.keep(writing.constant)
                continue
            if not self._find_names(writing.refused_objects, roots, parked):
                buffers, refused = tuple(writing.buffers), tuple(writing.refused)
                names = self._known.names
                met = [(names.get(id(o), type(o).__qualname__), o) for o in writing.refused_objects]
                units = parking.places.units if parking else Units()
                texts = {**(parking.places.sources if parking else {}), **writing.sources}
                return Encoding(stream, buffers, texts, refused, tuple(met), units)

    def forget_units(self) -> None:
        """Make all units anew: what is stored depends on more than they consist of, and that is
        not as it was."""
        self._parking.forget()

    def _make_unit(self, thing: Parked) -> Unit | None:
        writing = self.writing = self._writing(self._seeds)
        return make_unit(thing, writing, self._units, self._parking, self._timed)

    def _make_frame_unit(self, thing: Parked, frame: Any) -> Unit | None:
        writing = self.writing = self._writing(self._seeds)
        return make_frame_unit(thing, frame, writing, self._units, self._parking)

    def _writing(self, memo: Memo, careful: bool = False) -> Writing:
        return Writing(
            self._namespace, self._finder, self._reducers, self._known, self._home, memo, careful
        )

    def _recall_names(self, roots: _Roots, parked: Iterable[Parked] | None) -> None:
        """Follow the paths of the encoding before: what was refused there mostly still is."""
        self._known.names.clear()
        named = _named(roots, parked) if self._paths else {}
        for path in self._paths:
            self._known.names.setdefault(id(path.follow(named)), str(path))

    def _find_names(
        self, refused: list[object], roots: _Roots, parked: Iterable[Parked] | None
    ) -> bool:
        """Name what was refused in a pass. False if there is nothing new to name."""
        names = self._known.names
        fresh = [one for one in refused if id(one) not in names]
        if not fresh:
            return False
        paths = find_paths(_named(roots, parked), fresh)
        self._paths = [*self._paths[-_REMEMBERED:], *paths.values()]
        names.update((key, str(path)) for key, path in paths.items())
        return bool(paths)

    def _without_failing(self, roots: _Roots, error: Exception) -> _Roots:
        """Put stand-ins for variables that fail alone; for all of them if only together they do."""
        tried = [{name: self._alone(name, v) for name, v in one.items()} for one in roots]
        if all(new[k] is v for new, old in zip(tried, roots, strict=True) for k, v in old.items()):
            tried = [{name: _stand_in(name, v, error) for name, v in one.items()} for one in roots]
        return tried[0], tried[1]

    def _alone(self, name: str, value: object) -> object:
        try:
            _write(self._writing(self._seeds, careful=True), value)
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
    return writing.write(roots, deep=True)


def _named(roots: _Roots, parked: Iterable[Parked] | None) -> dict[str, object]:
    return {"parked": list(parked or ()), **roots[1], **roots[0]}


def _stand_in(name: str, value: object, error: Exception) -> StandIn:
    return StandIn(name, type(value).__qualname__, f"{type(error).__name__}: {error}")


def _no_source(sha256: str) -> str:
    raise KeyError(sha256)
