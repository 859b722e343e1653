"""Entered scopes: anyio's, that a manager has entered and holds until its block ends. If it is made
again after a restart, it enters its own, so these are stored with nobody.

Only those of the cell's own task: it makes managers again, and a scope can only be left by the task
that entered it.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from itertools import takewhile
from typing import Any, Protocol

from playbooks_ipython.continuation.cells import cell_tasks
from playbooks_ipython.continuation.task_scopes import current_scope, scopes_around


class User(Protocol):
    """A `with` that holds a manager."""

    scopes: EnteredScopes | None
    """Those of its manager; None if there are none, or it is not in the cell's task."""

    @property
    def is_again(self) -> bool:
        """Tell whether the manager is in it now, and is made and entered again after a restart."""
        ...


class EnteredScopes:
    """What one manager has entered: `around` is the scope that it was entered in, or None.

    Stored as that alone. Restored, it has none of its own until the manager was entered again.
    """

    def __init__(self, around: Any) -> None:
        self.around = around
        self._user: Callable[[], User | None] = lambda: None

    def __reduce__(self) -> tuple[Any, ...]:
        return EnteredScopes, (self.around,)

    def belong_to(self, user: User, innermost: Any) -> None:
        """Take the scopes from one to that around them for those of a manager."""
        self._user = weakref.ref(user)
        for scope in takewhile(lambda one: one is not self.around, scopes_around(innermost)):
            _entered.setdefault(scope, []).append(self)

    @property
    def is_again(self) -> bool:
        user = self._user()
        return user is not None and user.is_again


# A manager may be entered by another one: the scopes that it enters are those of both.
_entered: weakref.WeakKeyDictionary[Any, list[EnteredScopes]] = weakref.WeakKeyDictionary()


def entered_since(around: Any, user: User) -> EnteredScopes | None:
    """What a manager has entered just now; None if that is nothing, or not in the cell's task."""
    if current_scope() is around or asyncio.current_task() not in cell_tasks:
        return None
    entered = EnteredScopes(around)
    entered.belong_to(user, current_scope())
    return entered


def is_entered_again(scope: Any) -> bool:
    """Tell whether a scope will be another one after a restart, which its manager enters anew."""
    return scope is not None and any(one.is_again for one in _entered.get(scope, ()))


def entered_again_by(task: Any) -> list[Any]:
    """Those of a task."""
    return [one for one in list(_entered) if one._host_task is task and is_entered_again(one)]
