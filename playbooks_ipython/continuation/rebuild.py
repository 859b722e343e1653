"""Rebuild: frames out of what was saved of them. The functions here are named in stored bytes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from inspect import CO_ITERABLE_COROUTINE
from types import AsyncGeneratorType, CellType, CodeType, FunctionType, GeneratorType
from typing import Any, Protocol

from playbooks_ipython.continuation.compiling import find_twin
from playbooks_ipython.continuation.frames import FRAMES, Suspended, frame_of, read_standing
from playbooks_ipython.continuation.hidden import ARRIVAL
from playbooks_ipython.continuation.methods import METHODS, reduce_method
from playbooks_ipython.continuation.sites import Place
from playbooks_ipython.continuation.source import Source


class Follow(Protocol):
    """Says which function a stored frame goes on in: its own, or what that was edited to."""

    def __call__(
        self,
        source: Source,
        place: Place,
        flags: int,
        number: int,
        cells: Mapping[str, CellType],
    ) -> tuple[Source, Place]:
        """Return where the function is whose site `number` the frame stands at (0: not begun).

        `cells` are what the frame shares with other functions, by name.
        """
        ...


@dataclass(slots=True)
class Restoring:
    """What frames are rebuilt into. Generators wait in `unprimed` until everything is loaded."""

    namespace: dict[str, Any]
    sources: Callable[[str], str]
    follow: Follow | None = None
    unprimed: list[Any] = field(default_factory=list)
    saved: dict[int, dict[str, Any]] = field(default_factory=dict)


_restoring: ContextVar[Restoring | None] = ContextVar("restoring", default=None)


@contextmanager
def restoring(
    namespace: dict[str, Any], sources: Callable[[str], str], follow: Follow | None = None
) -> Iterator[None]:
    """Unpickle frames in here.

    Args:
        namespace: the dictionary that the restored code has as its globals.
        sources: gives the text of a source by its id.
        follow: leads to functions that were edited meanwhile.
    """
    state = Restoring(namespace, sources, follow)
    token = _restoring.set(state)
    try:
        yield
        for generator in state.unprimed:
            _prime(generator)
    finally:
        _restoring.reset(token)


def reduce_frame(obj: Any) -> Any:
    """Reduce a coroutine, generator or async generator of ours for a pickler.

    Also what frames hold and pickle gets wrong: cells, and methods that `super()` found. Returns
    NotImplemented for everything else. A cell is only a shell: its content is part of the
    state of every frame and function that shares it, so that cycles through cells can be loaded.
    Raises: NotAtSite.
    """
    if type(obj) is CellType:
        return make_cell, ()
    if isinstance(obj, METHODS):
        return reduce_method(obj)
    if type(obj) not in FRAMES:
        return NotImplemented
    standing = read_standing(obj)
    if standing is None:
        return NotImplemented
    twin = standing.twin
    cells = standing.cells
    contents = {name: cell.cell_contents for name, cell in cells.items() if _is_bound(cell)}
    source = twin.source
    made = (
        source.id,
        source.filename,
        tuple(twin.place),
        twin.flags | _code_of(obj).co_flags & CO_ITERABLE_COROUTINE,
        standing.number,
        _module_of(obj),
        dict(cells),
    )
    state = (dict(standing.variables), contents)
    return make_frame, made, state, None, None, fill_frame


def _code_of(obj: Suspended) -> CodeType:
    code: CodeType = getattr(obj, f"{FRAMES[type(obj)]}_code")
    return code


def make_cell() -> CellType:
    return CellType()


def _is_bound(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018  # raises if the cell is empty
    except ValueError:
        return False
    return True


def _module_of(obj: Suspended) -> str | None:
    """The importable module whose globals a frame has; None for the namespace of the run."""
    frame = frame_of(obj)
    name = frame.f_globals.get("__name__") if frame else None
    module = sys.modules.get(name) if isinstance(name, str) and name != "__main__" else None
    return name if module and frame and module.__dict__ is frame.f_globals else None


def make_frame(
    source_id: str,
    filename: str,
    place: tuple[int, int, str],
    flags: int,
    number: int | None,
    module: str | None,
    cells: dict[str, CellType],
) -> Any:
    """Make a frame that will go on at a site; what it holds comes with `fill_frame`."""
    state = _restoring.get()
    if state is None:
        raise RuntimeError("frames are restored inside `with restoring(...)`")
    awaitable = flags & CO_ITERABLE_COROUTINE
    source, stands = Source(state.sources(source_id), filename), Place(*place)
    if state.follow is not None and number is not None and module is None:
        source, stands = state.follow(source, stands, flags - awaitable, number, cells)
    source.show_lines()
    twin = find_twin(source, stands, flags - awaitable)
    code = twin.resume_code
    if awaitable:
        code = code.replace(co_flags=code.co_flags | awaitable)
    namespace = vars(sys.modules[module]) if module else state.namespace
    saved: dict[str, Any] = {}
    given = {**cells, ARRIVAL: CellType((number or 0, saved))}
    closure = tuple(given.get(name) or CellType() for name in code.co_freevars)
    made = _call(FunctionType(code, namespace, code.co_name, None, closure))
    if number is None:
        _finish(made)
    else:
        state.saved[id(made)] = saved
        if number and not hasattr(made, "cr_frame"):
            state.unprimed.append(made)
    return made


def _call(function: FunctionType) -> Any:
    """Make the frame; what its arguments are comes later."""
    code = function.__code__
    count = code.co_argcount
    named = code.co_varnames[count : count + code.co_kwonlyargcount]
    return function(*[None] * count, **dict.fromkeys(named))


def fill_frame(made: Any, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Give a frame its locals, and its cells their contents."""
    variables, contents = state
    restoring_ = _restoring.get()
    assert restoring_ is not None, "make_frame has checked it"
    saved = restoring_.saved.pop(id(made), None)
    if saved is None:
        return
    # What is a cell differs between versions: up to 3.11 every comprehension is a function, which
    # makes cells of the variables that it uses.
    values = {**variables, **contents}
    saved.update(values)
    function = next(f for f in gc.get_referents(made) if isinstance(f, FunctionType))
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        if name in values:
            cell.cell_contents = values[name]


def _finish(made: Any) -> None:
    """A frame that had ended."""
    if type(made) is AsyncGeneratorType:
        try:
            made.aclose().send(None)
        except StopIteration:
            return
    else:
        made.close()


def _prime(generator: Any) -> None:
    """Let a generator come to where it stood. No user code runs, and nothing is taken from it."""
    if type(generator) is GeneratorType:
        next(generator)
    else:
        try:
            generator.__anext__().send(None)
        except StopIteration:
            return
