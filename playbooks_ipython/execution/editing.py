"""Editing: may a program whose text has changed go on from a checkpoint of the old one?"""

from __future__ import annotations

from collections.abc import Callable

from playbooks_ipython.checkpoints import RunView
from playbooks_ipython.checkpoints.reading import position_of
from playbooks_ipython.errors import EditedProgram
from playbooks_ipython.execution.restoring import Restored
from playbooks_ipython.execution.statements import statements_of
from playbooks_ipython.source import first_difference


def check_unchanged(restored: Restored, program: str, whole_view: Callable[[], RunView]) -> None:
    """Raise EditedProgram if a statement that has run, or that is begun, is another one now.

    What follows may have changed: it is used in its new form.
    """
    old, new = statements_of(restored.program), statements_of(program)
    upto = restored.position.next - (0 if restored.position.inside else 1)
    difference = first_difference(old, new, upto)
    if difference is None:
        return
    view = whole_view()
    fitting = [n for n, record in view.done.items() if position_of(record).next <= difference.index]
    fits = (
        f"the newest checkpoint that still fits is {view.name}@{max(fitting)}: "
        f"`%playbook resume {view.name}@{max(fitting)}`, or `--fresh` to start over"
        if fitting
        else "no checkpoint fits any more: undo the edit, or `--fresh` to start over"
    )
    raise EditedProgram(view.name, difference.line, difference.diff, fits)
