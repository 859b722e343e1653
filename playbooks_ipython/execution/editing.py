"""Editing: may a program whose text has changed go on from a checkpoint of the old one?"""

from __future__ import annotations

import builtins
import contextvars
from collections.abc import Callable
from functools import lru_cache

from playbooks_ipython.checkpoints import Position, RunView, abandon, position_of
from playbooks_ipython.continuation import Source
from playbooks_ipython.continuation.prefixes import first_change, functions_of
from playbooks_ipython.continuation.sites import MODULE
from playbooks_ipython.errors import CheckpointNotFound, EditedProgram
from playbooks_ipython.execution.edits import Edits
from playbooks_ipython.execution.restoring import EditsTo, Restored, decode_alone
from playbooks_ipython.execution.statements import statements_of
from playbooks_ipython.records import Record
from playbooks_ipython.source import Difference, first_difference, same_but_bodies


def check_unchanged(
    restored: Restored, edits_to: EditsTo, whole_view: Callable[[], RunView]
) -> None:
    """Raise EditedProgram if what has run, up to where its frames stand, is different now.

    What follows may have changed: it is used in its new form. So are functions that no frame
    stands in, if they are called as before.
    """
    edits = restored.edits
    if edits is None:
        return
    edits.check_shared()
    difference, function = _ran_differently(edits, restored.position), None
    if difference is None and edits.refused is not None:
        difference, function = edits.refused.difference, edits.refused.function
    if difference is None:
        return
    view = whole_view()
    newest = _Fitting(view, edits_to).newest()
    fits = (
        f"the newest checkpoint that still fits is {view.name}@{newest}: "
        f"`%playbook resume {view.name}@{newest}` goes on there with the edit, "
        "or `--fresh` starts over"
        if newest is not None
        else "no checkpoint fits any more: undo the edit, or `--fresh` to start over"
    )
    if function is not None:
        fits += f"; `del {function}` first, and it goes on as it was"
    raise EditedProgram(view.name, difference.line, difference.diff, fits, function)


def _ran_differently(edits: Edits, position: Position) -> Difference | None:
    """The first statement that has run to its end and is another now."""
    if edits.old == edits.new:
        return None
    old, new = statements_of(edits.old), statements_of(edits.new)
    return first_difference(old, new, position.next - 1, same_but_bodies)


class _Fitting:
    """Looks for the newest checkpoint from which the program can go on in its new form."""

    def __init__(self, view: RunView, edits_to: EditsTo) -> None:
        self._view, self._edits_to = view, edits_to
        self._may_fit = lru_cache(maxsize=None)(self._may_fit_at)

    def newest(self) -> int | None:
        """Return its number. Cost: decoding it; the others are told by what is listed of them."""
        for number in reversed(self._view.progress):
            try:
                base = self._view.base_of(self._view.done[number])
            except CheckpointNotFound:
                continue
            stack = str(base.fields["op"]).partition("/")[2].rpartition("#")[0]
            program = self._view.program_of(base)
            if self._may_fit(program, position_of(base), stack) and self._fits(base):
                return number
        return None

    def _may_fit_at(self, program: str, position: Position, stack: str) -> bool:
        edits = self._edits_to(program)
        if _ran_differently(edits, position) is not None:
            return False
        frames = [part.rpartition(":") for part in stack.split("/")] if position.inside else []
        return all(
            _may_stand(edits, position.next, name, int(number))
            for name, _, number in frames
            if number.isdecimal()
        )

    def _fits(self, base: Record) -> bool:
        """Decode a checkpoint aside: nothing of this process gets another value."""
        home = {"__name__": "__main__", "__builtins__": builtins}
        context = contextvars.copy_context()
        restored = context.run(decode_alone, self._view, base, home, self._edits_to)
        if restored.edits is not None:
            restored.edits.check_shared()
        abandon(restored.extra)
        return restored.edits is None or restored.edits.refused is None


def _may_stand(edits: Edits, index: int, qualname: str, number: int) -> bool:
    """Tell whether a frame may go on, by the name of its function alone; in doubt it may."""
    old, new = Source(edits.old, ""), Source(edits.new, "")
    count = len(statements_of(edits.new))
    found = False
    for at in (index,) if qualname == MODULE else range(index + 1):
        was = functions_of(old, at, 0)
        now = functions_of(new, at, 0) if at < count else {}
        for key in (key for key in was if key.qualname == qualname):
            found = True
            if key in now and first_change(was[key], now[key], number) is None:
                return True
    return not found
