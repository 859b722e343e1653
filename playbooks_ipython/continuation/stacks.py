"""Stacks: how an ExitStack holds a manager that it has entered."""

from __future__ import annotations

import gc
from types import MethodType
from typing import Any

from playbooks_ipython.continuation.hidden import AWAITED


def left_by_a_stack(place: Any) -> str | None:
    """The method with which an ExitStack will leave a manager, if one has entered it."""
    name = ""
    for holder in gc.get_referrers(place):
        if isinstance(holder, MethodType):
            name = getattr(holder.__func__, "__name__", "")
        elif isinstance(holder, dict) and holder.get("cm") is place:
            # It stands between entering and keeping what leaves.
            is_done = hasattr(holder.get(AWAITED), "__await__") and "_exit" in holder
            name = "__aexit__" if is_done else ""
        if name in ("__exit__", "__aexit__"):
            return name
    return None
