"""Frames: reading where a coroutine or generator stands, and what its locals and cells hold."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncGenerator, Mapping
from types import (
    AsyncGeneratorType,
    BuiltinMethodType,
    CellType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodWrapperType,
)
from typing import Any, NamedTuple, TypeAlias

from playbooks_ipython.continuation.entering import begins_anew
from playbooks_ipython.continuation.errors import NotAtSite
from playbooks_ipython.continuation.futures import is_durable
from playbooks_ipython.continuation.hidden import (
    ARRIVAL,
    AWAITED,
    CELLS,
    ENTRY,
    PC,
    SINCE,
    is_hidden,
)
from playbooks_ipython.continuation.marks import HOOKS, Outcome
from playbooks_ipython.continuation.sites import Site, Twin, is_child, twin_of, twin_of_code

Suspended: TypeAlias = (
    "CoroutineType[Any, Any, Any] | GeneratorType[Any, Any, Any] | AsyncGeneratorType[Any, Any]"
)

FRAMES = {CoroutineType: "cr", GeneratorType: "gi", AsyncGeneratorType: "ag"}
_FRAME_OF = {kind: f"{prefix}_frame" for kind, prefix in FRAMES.items()}


# Tuples, because one of each is made for every frame at every mark.
class Standing(NamedTuple):
    """Where a frame stands. `number` is 0 before its first statement, None after its last."""

    twin: Twin
    number: int | None
    variables: Mapping[str, Any]
    cells: Mapping[str, CellType]


def frame_of(obj: Suspended) -> FrameType | None:
    frame: FrameType | None = getattr(obj, _FRAME_OF[type(obj)])
    return frame


def read_locals(frame: FrameType) -> dict[str, Any]:
    """A copy of a frame's locals.

    Before 3.13 the frame keeps the dict that it shows, and with it all values; so it is emptied,
    unless somebody else holds it.
    """
    shown = frame.f_locals
    values = dict(shown)
    if sys.version_info < (3, 13) and sys.getrefcount(shown) <= 3:
        shown.clear()
    return values


def read_standing(obj: Suspended) -> Standing | None:
    """Read one frame; None if its code is not ours.

    Raises: NotAtSite, the frame is running user code just now.
    """
    twin = twin_of(obj)
    if twin is None:
        return None
    frame = frame_of(obj)
    if frame is None:
        return Standing(twin, None, {}, {})
    values = read_locals(frame)
    site = values.get(PC)
    if site is None:
        return _before_start(twin, obj, frame.f_code, values)
    cells = _cells_in(values.get(CELLS))
    variables = {n: v for n, v in values.items() if not is_hidden(n) and n not in cells}
    if type(site) is not Site:
        raise NotAtSite(twin.qualname, frame.f_lineno)
    if frame is HOOKS.frame and HOOKS.is_apart:
        variables = {n: v for n, v in variables.items() if n not in site.targets}
    if frame is HOOKS.frame and HOOKS.since is not None:
        variables[SINCE] = values.get(SINCE) or HOOKS.since
    awaited = _awaited(twin, obj, frame, site, values)
    if awaited is not None:
        variables[AWAITED] = awaited
    for name in site.live if awaited is not None else (*site.live, *site.operands):
        if name in values:
            variables[name] = values[name]
    return Standing(twin, site.number, variables, cells)


def _awaited(
    twin: Twin, obj: Suspended, frame: FrameType, site: Site, values: Mapping[str, Any]
) -> Any:
    """What to await when the frame goes on: an outcome, a child, or None to issue it again."""
    if frame is HOOKS.frame:
        return HOOKS.outcome
    if id(frame) in HOOKS.due:
        return HOOKS.due[id(frame)]()
    if site.action in ("yield", "delegate"):
        if getattr(obj, f"{FRAMES[type(obj)]}_running"):
            raise NotAtSite(twin.qualname, frame.f_lineno)
        return None
    awaited = values.get(AWAITED)
    if awaited is None and _is_executing(frame):
        raise NotAtSite(twin.qualname, frame.f_lineno)
    if site.action in ("enter", "exit") and begins_anew(_entries(values, site)):
        return awaited if type(awaited) is Outcome else None
    if type(awaited) is Outcome or is_child(awaited) or is_durable(awaited):
        return awaited
    return awaited if _has_paused(awaited) else None


def _entries(values: Mapping[str, Any], site: Site) -> list[Any]:
    """What the blocks that a frame stands in know of their managers, the innermost last."""
    return [values.get(name) for name in site.live if name.startswith(ENTRY)]


def _has_paused(awaited: object) -> bool:
    """Tell whether an awaited generator stands at a bare `yield`, and so waits for its turn only.

    What it waits for at any other may be gone with the process: it is issued again.
    """
    if type(awaited) is not GeneratorType or twin_of(awaited) is None:
        return False
    frame = frame_of(awaited)
    site = read_locals(frame).get(PC) if frame is not None else None
    return type(site) is Site and site.is_bare


def _is_executing(frame: FrameType) -> bool:
    current: FrameType | None = sys._getframe(1)
    while current is not None:
        if current is frame:
            return True
        current = current.f_back
    return False


def _cells_in(closing: Any) -> dict[str, CellType]:
    if closing is None:
        return {}
    return dict(zip(closing.__code__.co_freevars, closing.__closure__ or (), strict=True))


def _before_start(twin: Twin, obj: Suspended, code: CodeType, values: dict[str, Any]) -> Standing:
    """A frame that was made and has not run: its arguments, and the cells of its function."""
    function = next(
        found
        for found in gc.get_referents(obj)
        if isinstance(found, FunctionType) and found.__code__ is code
    )
    cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
    arrival = cells.pop(ARRIVAL, None)
    if arrival is not None:  # restored, and not awaited since
        number, saved = arrival.cell_contents
        return Standing(twin, number, dict(saved), cells)
    for name in code.co_cellvars:
        cells[name] = CellType(values[name]) if name in values else CellType()
    arguments = {name: value for name, value in values.items() if name not in cells}
    return Standing(twin, 0, arguments, cells)


def saved_of(obj: Suspended) -> dict[str, Any]:
    """What a restored frame will begin with; empty once it was entered, and for any other frame."""
    for found in gc.get_referents(obj):
        if isinstance(found, FunctionType) and ARRIVAL in found.__code__.co_freevars:
            cells = dict(zip(found.__code__.co_freevars, found.__closure__ or (), strict=True))
            arrival = cells[ARRIVAL].cell_contents
            return {} if arrival is None else arrival[1]
    return {}


def child_of(obj: Suspended) -> Any:
    """The coroutine or generator of ours that a frame awaits now, or None."""
    frame = frame_of(obj)
    return _child_in(read_locals(frame)) if frame else None


def _child_in(values: Mapping[str, Any]) -> Any:
    awaited = values.get(AWAITED)
    if is_child(awaited):
        return awaited
    site = values.get(PC)
    if type(site) is not Site or not _only_waits(awaited):
        return None
    for name in (*site.operands, *site.live):
        source = values.get(name)
        if isinstance(source, BuiltinMethodType | MethodWrapperType):
            source = source.__self__
        if _is_stepped(source):
            return source
    return None


def _only_waits(awaited: object) -> bool:
    """Tell whether an awaitable is a step of an async generator, which adds nothing of its own."""
    return type(awaited) in _STEPS


def _is_stepped(source: Any) -> bool:
    if type(source) is AsyncGeneratorType:
        return source.ag_running and twin_of(source) is not None
    return is_child(source) and source.cr_running


async def _no_items() -> AsyncGenerator[None, None]:
    return
    yield


def _step_types() -> tuple[type, ...]:
    items = _no_items()
    steps: tuple[Any, ...] = (items.asend(None), items.athrow(GeneratorExit), anext(items, None))
    for step in steps:
        step.close()
    return tuple(map(type, steps))


_STEPS = _step_types()


class Frame(NamedTuple):
    """One frame of a stack, as a person sees it."""

    function: str
    filename: str
    line: int
    site: Site | None
    variables: Mapping[str, Any]
    cells: Mapping[str, CellType]
    is_marked: bool = False
    """The mark that is being taken is this frame's."""


def stack_of(coroutine: Suspended) -> tuple[Frame, ...]:
    """The frames of ours from a coroutine down to where it waits, outermost first."""
    frames: list[Frame] = []
    current: Any = coroutine
    while current is not None and (frame := frame_of(current)) is not None:
        values = read_locals(frame)
        site = values.get(PC)
        cells = _cells_in(values.get(CELLS))
        visible = {name: value for name, value in values.items() if not is_hidden(name)}
        twin = twin_of_code(frame.f_code)
        frames.append(
            Frame(
                twin.qualname if twin else frame.f_code.co_qualname,
                frame.f_code.co_filename,
                site.line if type(site) is Site else frame.f_lineno,
                site if type(site) is Site else None,
                visible,
                cells,
                frame is HOOKS.frame,
            )
        )
        current = _child_in(values)
    return tuple(frames)
