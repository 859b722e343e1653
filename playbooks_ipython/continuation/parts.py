"""Parts: a frame that is stored apart from others that share its cells.

The contents of such a cell change while the frame stands still. So they are stored once, where the
cell is, and the frame takes them from there.
"""

from __future__ import annotations

from collections.abc import Container
from types import CellType
from typing import Any

from playbooks_ipython.continuation.rebuild import fill_frame


def apart_from_shared_cells(reduced: Any, shared: Container[int]) -> Any:
    """Return how a frame is reduced where other parts of its graph have some of its cells.

    `shared`: the ids of the objects that they have.
    """
    make, made, (variables, contents), *rest, _fill = reduced
    cells = {name: cell for name, cell in made[-1].items() if id(cell) in shared}
    if not cells:
        return reduced
    own = [{n: v for n, v in one.items() if n not in cells} for one in (variables, contents)]
    return make, made, (*own, cells), *rest, fill_part


def fill_part(made: Any, state: tuple[dict[str, Any], dict[str, Any], dict[str, CellType]]) -> None:
    """Give a frame its locals, its own cells their contents, and take those of the others."""
    variables, contents, cells = state
    shared = {name: found[0] for name, cell in cells.items() if (found := _contents_of(cell))}
    fill_frame(made, (variables, {**contents, **shared}))


def _contents_of(cell: CellType) -> tuple[Any, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:
        return ()
