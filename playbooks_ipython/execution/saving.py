"""Saving: the namespace as it is now, kept under a name without a run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from playbooks_ipython.checkpoints import CheckpointManager, Roots
from playbooks_ipython.execution.forking import forget
from playbooks_ipython.snapshot.context import library_variables


def save_variables(
    manager: CheckpointManager,
    namespace: dict[str, Any],
    variables: dict[str, Any],
    notice: Callable[[str], None],
) -> None:
    """Keep `variables` of `namespace` as the end of a run that never ran.

    What was saved under the name before is kept as NAME~1. `notice` is told of what cannot be
    stored. Raises StoreFull: then nothing new is kept.
    """
    journal = manager.begin_fresh(namespace)
    journal.tell_to(notice)
    with closing(journal):
        journal.save(Roots(variables, {"agent": {}, "context": library_variables()}))
    if not journal.durable:
        forget(manager)
