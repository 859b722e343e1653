"""Arrays: a NumPy view stays a view of its base. NumPy is used only where it is there already."""

from __future__ import annotations

import sys
from typing import Any

# The view's own reference, the variable here, and the argument of getrefcount.
_ONLY_THE_VIEWS = 3


def place_in_base(array: Any) -> tuple[Any, ...] | None:
    """Return a view's base and its place in it, as `make_view` takes them; None for no view.

    A base that nothing but this view holds is left out: nobody can tell that it was shared, and a
    small view may hold a large one.
    """
    base = array.base
    if type(base) is not type(array) or sys.getrefcount(base) <= _ONLY_THE_VIEWS:
        return None
    if base.dtype.hasobject or not (base.flags.c_contiguous or base.flags.f_contiguous):
        return None
    offset = array.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    return base, array.shape, array.dtype, offset, array.strides, array.flags.writeable


def make_view(
    base: Any,
    shape: tuple[int, ...],
    dtype: Any,
    offset: int,
    strides: tuple[int, ...],
    writeable: bool,
) -> Any:
    """Make a view of `base`, `offset` bytes from its beginning."""
    flat = base.reshape(-1, order="A")
    view = type(base)(shape, dtype, buffer=flat, offset=offset, strides=strides)
    if not writeable:
        view.flags.writeable = False
    return view
