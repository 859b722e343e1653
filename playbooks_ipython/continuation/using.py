"""Using: what a frame holds of a manager for as long as its block is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playbooks_ipython.continuation.entered_scopes import EnteredScopes, entered_since
from playbooks_ipython.continuation.task_scopes import current_scope

if TYPE_CHECKING:
    from playbooks_ipython.continuation.entries import Entry

_HERE = frozenset({"scopes", "_around"})  # what another process has anew


class Using:
    """One `with` that holds a manager, and what entering gave. The frame holds it for the block."""

    scopes: EnteredScopes | None = None
    is_of_task = False
    """Its manager has entered scopes in a task of the run; only that one could leave them."""

    def __init__(self, entry: Entry, manager: Any) -> None:
        self.entry, self.manager, self.value, self.is_open = entry, manager, None, True
        entry.using = self
        self.begin()

    @property
    def is_again(self) -> bool:
        """Tell whether a manager is in it that is made and entered again after a restart."""
        return self.is_open and self.entry.is_remade

    def begin(self) -> None:
        """The manager is about to be entered."""
        self._around = current_scope()

    def entered(self, value: Any) -> None:
        around, self.value = vars(self).pop("_around", current_scope()), value
        self.scopes = entered_since(around, self)
        self.is_of_task = self.scopes is None and current_scope() is not around
        self.entry.entered()
        self.enlist()

    def left(self) -> None:
        self.entry.awaited, self.is_open, self.scopes, self.is_of_task = None, False, None, False

    def enlist(self) -> None:
        if hasattr(self, "value") and hasattr(self.entry, "call"):
            self.entry.speak_for(self.value)
        # Otherwise one of both is still being loaded, and will call again.

    def __getstate__(self) -> dict[str, Any]:
        kept = {"scopes": self.scopes} if self.is_again else {}
        return {name: v for name, v in vars(self).items() if name not in _HERE} | kept

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.enlist()
