"""Inside: the variables of one function of a checkpoint's stack, put over those of the cell."""

from __future__ import annotations

from dataclasses import replace

from playbooks_ipython.checkpoints import Reference, abandon, marked_strand
from playbooks_ipython.continuation.restored import restored_variables
from playbooks_ipython.errors import NoFrame
from playbooks_ipython.execution.restoring import Restored

MAIN = "main"
"""What the frame of the cell itself is called; its variables are the namespace."""
_CELL = "<module>"


def with_locals(restored: Restored, function: str | None) -> Restored:
    """Return a checkpoint whose variables are also those of `function` where it stood in that.

    Of a function that stands in itself, the innermost one. `main` and None add nothing. Raises
    NoFrame, also where a library's frame stands above it, so that it is not stored.
    """
    if function in (None, MAIN, _CELL):
        return restored
    frame = marked_strand(restored.extra)
    found = restored_variables(frame, restored.stack) if frame is not None else []
    named = dict(zip(restored.stack, found, strict=False))  # of equal names the innermost stays
    for qualname in reversed(named):
        if function in (qualname, qualname.rpartition(".")[2]):
            return replace(restored, variables={**restored.variables, **named[qualname]})
    abandon(restored.extra)
    stack = (MAIN, *list(named)[1:])
    raise NoFrame(str(Reference(restored.name, restored.n)), str(function), stack)
