"""Around: context variables as a cell found them, which are those of the cells that come after it.

A cell that awaits runs in a context of its own: what it sets ends with it, and what plain cells had
set before it is there again. After a restart nobody has set that in the new process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar, copy_context
from typing import Any, TypeAlias

from playbooks_ipython.snapshot.context import library_variables

AROUND = "around"
"""The key under which a graph holds them."""

Values: TypeAlias = "Sequence[tuple[ContextVar[Any], Any]]"


def values_around(namespace: Mapping[str, Any]) -> Values:
    """Return what is set, in the current context, of the variables that a program can name: those
    in its namespace, and libraries'."""
    own = [value for value in namespace.values() if type(value) is ContextVar]
    here = copy_context()
    known = dict.fromkeys([*own, *library_variables().values()])
    return [(one, here[one]) for one in known if one in here]


_given: ContextVar[Values | None] = ContextVar("playbooks_ipython_around", default=None)


def give_around(values: Values) -> None:
    """Set them in the current context, unless that, or one that it was copied from, has them."""
    if _given.get() is values:
        return
    for variable, value in values:
        variable.set(value)
    _given.set(values)
