"""Decimals: `decimal.localcontext()`, half-way through its block. C shows nothing of what it holds.

`decimal` is imported here only by those who use it.
"""

from __future__ import annotations

import contextvars
from typing import Any

from playbooks_ipython.snapshot.references import lookup


def is_local_context(cls: type) -> bool:
    return cls.__module__ == "decimal" and cls.__name__ == "ContextManager"


def contexts_of(manager: Any) -> tuple[Any, Any]:
    """Return the context that the block runs with, and the one that comes back after it.

    Entered and left in a copy of what is current, so that nothing changes here.
    """
    aside = contextvars.copy_context()
    inner = aside.run(manager.__enter__)
    aside.run(manager.__exit__, None, None, None)
    return inner, aside.run(lookup("decimal", "getcontext"))


def local_context(inner: Any, outer: Any) -> Any:
    """Make a manager that has been entered: left, it brings `outer` back."""
    aside = contextvars.copy_context()
    aside.run(lookup("decimal", "setcontext"), outer)
    return aside.run(lookup("decimal", "localcontext"), inner)
