"""Restored: what the frames of a stack hold before anybody goes on with it. Enters none of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playbooks_ipython.continuation.frames import (
    FRAMES,
    Standing,
    Suspended,
    read_standing,
    saved_of,
)
from playbooks_ipython.continuation.hidden import AWAITED, is_hidden
from playbooks_ipython.continuation.marks import Outcome
from playbooks_ipython.continuation.sites import is_child


def restored_variables(coroutine: Suspended, path: Sequence[str]) -> list[dict[str, Any]]:
    """Return the variables of each frame of a restored coroutine, outermost first.

    Args:
        path: the functions of the stack as it was recorded; where several things are held that
            could be waited for, it tells which one was.
    Returns:
        As many as `path` has, or fewer where a library's frame stands between.
    """
    found: list[dict[str, Any]] = []
    current: Suspended | None = coroutine
    for following in (*path[1:], None):
        standing = read_standing(current) if current is not None else None
        if standing is None:
            break
        found.append(_visible(standing))
        current = _child(standing, following) if following is not None else None
    return found


def give_error(coroutine: Suspended, error: BaseException) -> bool:
    """Let the await at which a restored coroutine stands raise an error, in place of what it gave.

    Returns False where it has not begun.
    """
    standing = read_standing(coroutine)
    if standing is None or not standing.number:
        return False
    current: Any = coroutine
    saved = saved_of(current)
    while is_child(saved.get(AWAITED)):
        current = saved[AWAITED]
        saved = saved_of(current)
    saved[AWAITED] = Outcome(error=error)
    return True


def _visible(standing: Standing) -> dict[str, Any]:
    own = {name: value for name, value in standing.variables.items() if not is_hidden(name)}
    for name, cell in standing.cells.items():
        try:
            own[name] = cell.cell_contents
        except ValueError:  # not bound yet
            continue
    return own


def _child(standing: Standing, function: str) -> Suspended | None:
    for name, value in standing.variables.items():
        held = getattr(value, "__self__", value)
        if is_hidden(name) and type(held) in FRAMES:
            child = read_standing(held)
            if child is not None and child.twin.qualname == function:
                return held  # type: ignore[no-any-return]  # its type is one of FRAMES
    return None
