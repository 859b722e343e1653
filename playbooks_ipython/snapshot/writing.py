"""Writing: one pass of the pickler over a graph."""

from __future__ import annotations

import copyreg
import io
import pickle
import types
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playbooks_ipython.records import Refused
from playbooks_ipython.snapshot.constants import Ending
from playbooks_ipython.snapshot.deep import DeepPickler
from playbooks_ipython.snapshot.home import Home
from playbooks_ipython.snapshot.leaves import dump_leaf
from playbooks_ipython.snapshot.reducers import REDUCERS, Reducer, reducer_for
from playbooks_ipython.snapshot.references import leads_to
from playbooks_ipython.snapshot.seeds import PREFIX, SEED
from playbooks_ipython.snapshot.sources import SourceFinder
from playbooks_ipython.snapshot.units import Memo

_IN_BAND = 16 * 1024
_PROTOCOL = 5
# Of these the C pickler asks no reducer; Python's does.
_PLAIN: dict[type, Reducer | None] = dict.fromkeys(
    [int, float, bool, str, bytes, bytearray, tuple, list, dict, set, frozenset, type(None)]
)


@dataclass(slots=True)
class Experience:
    """What an encoder has learnt about classes, and objects that cannot be stored. Passes read and
    add to it.

    `kinds` are the reducers of classes that are in no table; `failing` are types whose own code
    failed, asked with care from then on; `no_leaves` are types that dill was tried on in vain.
    `names` holds for one encoding only: ids are used again.
    """

    kinds: dict[type, Reducer | None] = field(default_factory=dict)
    failing: set[type] = field(default_factory=set)
    no_leaves: set[type] = field(default_factory=set)
    names: dict[int, str] = field(default_factory=dict)


class Writing:
    """What one pass has found: sources, buffers, refusals. Holds no state across passes.

    With `careful`, every object is asked for its reduce value under guard, so the one that fails is
    known and only it becomes a stand-in. Both ways give the same bytes.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        finder: SourceFinder,
        extra: Sequence[Callable[[object], object]],
        known: Experience,
        home: Home,
        memo: Memo,
        careful: bool = False,
    ) -> None:
        self.namespace, self.finder, self.home, self._memo = namespace, finder, home, memo
        self.known, self._careful, self._extra = known, careful, extra
        self._kinds: dict[type, Reducer | None] = {**_PLAIN, **REDUCERS}
        self.deep = False
        self.shared: Container[int] = ()
        """Ids of what a part of a graph only refers to; the rest of the graph has it."""
        self.apart: Mapping[int, Any] = {}
        """What has the frames that are stored apart, by the frames' ids."""
        self.placed: Container[int] | None = None
        """Ids of what has a place of its own beside the graph; None where nothing can have one."""
        self.forget()

    def write(self, roots: object, *, deep: bool = False) -> bytes:
        """Return the stream of a graph; `deep` for one that nests deeper than C can follow."""
        self.deep = deep
        kind: Any = DeepPickler if deep else _CPickler
        return PREFIX + self._dump(kind, roots, self._memo)[0]

    def write_part(self, state: object, memo: Memo) -> tuple[bytes, Memo]:
        """Return the stream of a part of a graph, without the seeds' prefix, and its memo.

        `memo`: what it only refers to. Of a cell that it refers to, the contents are not its own.
        """
        self.shared = memo
        cells = ((key, one) for key, (_, one) in memo.items() if type(one) is types.CellType)
        self._claimed.clear()
        self._claimed.update(cells)
        stream, pickler = self._dump(_CPickler, state, memo)
        return stream, pickler.memo.copy()

    def _dump(self, kind: Any, roots: object, memo: Memo) -> tuple[bytes, Any]:
        out = io.BytesIO()
        pickler = kind(out, _PROTOCOL, buffer_callback=self._keep_buffer)
        pickler.reducer_override = self.reduce
        # C's pickler takes a copy; Python's adds to what it is given.
        pickler.memo = memo if kind is _CPickler else dict(memo)
        pickler.dump(roots)
        return out.getvalue(), pickler

    def forget(self) -> None:
        """Begin again: nothing was written."""
        self.sources: dict[str, str] = {}
        self.buffers: list[memoryview] = []
        self.refused: list[Refused] = []
        self.refused_objects: list[object] = []
        self.met: list[object] = []
        self.constant: list[tuple[list[Any], Ending]] = []
        self._claimed: dict[int, types.CellType] = {}

    def reduce(self, obj: Any) -> Any:
        """Return how an object is taken apart, or NotImplemented for pickle's own way."""
        for reducer in self._extra:
            reduced = reducer(obj)
            if reduced is not NotImplemented:
                return reduced
        cls = type(obj)
        try:
            kind = self._kinds[cls]
        except KeyError:
            kind = self._kinds[cls] = self._kind_of(cls)
        return NotImplemented if kind is None else kind(self, obj)

    def meet(self, frame: object) -> None:
        """Note that the graph leads to a frame itself."""
        if id(frame) in self.apart:
            self.met.append(self.apart[id(frame)])

    def meet_list(self, items: list[Any], ending: Ending) -> None:
        """Note that the graph has a list that never changes, and that `ending` goes through."""
        if self.placed is not None and id(items) not in self.placed:
            self.constant.append((items, ending))

    def refuse(self, obj: object, reason: object) -> Any:
        """Return the reduce value of what stands for an object that cannot be stored."""
        cls = type(obj)
        leaf = None if cls in self.known.no_leaves else dump_leaf(obj)
        if leaf is not None:
            return SEED["load_leaf"], (cls.__qualname__, leaf)
        self.known.no_leaves.add(cls)
        self.refused_objects.append(obj)
        if isinstance(reason, BaseException):
            reason = f"{type(reason).__name__}: {reason}"
        name = self.known.names.get(id(obj), cls.__qualname__)
        return self.keep_stand_in(Refused(name, cls.__qualname__, str(reason)))

    def keep_stand_in(self, refused: Refused) -> Any:
        self.refused.append(refused)
        args = (self.home, refused.variable, refused.type_name, refused.reason)
        return SEED["stand_in"], args

    def claim_cells(self, cells: Sequence[types.CellType]) -> list[types.CellType]:
        """Return those cells that have contents which nobody writes yet; the caller must."""
        fresh = [cell for cell in cells if id(cell) not in self._claimed]
        self._claimed.update((id(cell), cell) for cell in fresh)
        return [cell for cell in fresh if _has_contents(cell)]

    def _keep_buffer(self, buffer: pickle.PickleBuffer) -> bool:
        """Keep a large buffer beside the stream; True leaves a small one in it."""
        view = buffer.raw()
        if view.nbytes < _IN_BAND:
            return True
        self.buffers.append(view)
        return False

    def has_reducer(self, obj: Any) -> bool:
        """Tell whether anything of ours says how an object is stored."""
        if any(reducer(obj) is not NotImplemented for reducer in self._extra):
            return True
        cls = type(obj)
        return cls in REDUCERS or cls in self.known.failing or reducer_for(cls) is not None

    def _kind_of(self, cls: type) -> Reducer | None:
        if cls not in self.known.kinds:
            self.known.kinds[cls] = reducer_for(cls)
        kind = self.known.kinds[cls]
        if kind is None and (self._careful or cls in self.known.failing):
            return reduce_carefully
        return kind


def reduce_carefully(writing: Writing, obj: Any) -> Any:
    """Ask an object for its reduce value, and refuse it alone where its code fails."""
    try:
        return _checked(obj, _reduce_value(obj), writing.namespace)
    except RecursionError as error:
        if not writing.deep:
            raise  # perhaps it only stands too deep
        return writing.refuse(obj, error)
    except Exception as error:  # noqa: BLE001 # foreign code may raise anything
        writing.known.failing.add(type(obj))
        return writing.refuse(obj, error)


def _reduce_value(obj: Any) -> Any:
    reduce = copyreg.dispatch_table.get(type(obj))
    return obj.__reduce_ex__(_PROTOCOL) if reduce is None else reduce(obj)


def _checked(obj: Any, reduced: Any, namespace: Mapping[str, Any]) -> Any:
    """Raise here what the pickler would raise later, where nobody knows the object any more."""
    if isinstance(reduced, str):
        if not _is_global(obj, reduced, namespace):
            raise pickle.PicklingError(f"it is not found as {reduced}")
        return reduced
    if not isinstance(reduced, tuple) or not 2 <= len(reduced) <= 6 or not callable(reduced[0]):
        raise pickle.PicklingError("its reduce value is not one")
    if getattr(reduced[0], "__name__", "") == "__newobj__" and reduced[1][0] is not obj.__class__:
        raise pickle.PicklingError("it is of another class than it says")
    parts = [*reduced, None, None, None][:6]
    for i in (3, 4):
        if parts[i] is not None:
            parts[i] = iter(list(parts[i]))
    return tuple(parts[: len(reduced)])


def _is_global(obj: Any, name: str, namespace: Mapping[str, Any]) -> bool:
    module = pickle.whichmodule(obj, name)  # type: ignore[attr-defined] # in no stub
    return leads_to(obj, module, name, namespace)


class _CPickler(pickle.Pickler):
    """The C pickler; as a subclass, for only that takes a `reducer_override`."""


def _has_contents(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 # asking is the only way
    except ValueError:
        return False
    return True
