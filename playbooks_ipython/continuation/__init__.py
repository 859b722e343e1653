"""Continuation: an await that can be entered again. No stores, no snapshots, no kernels."""

from playbooks_ipython.continuation.again import Again
from playbooks_ipython.continuation.compiling import (
    Statement,
    compile_plain,
    compile_statement,
    instrument,
    needs_frame,
)
from playbooks_ipython.continuation.errors import ItemChanged, NotAtSite
from playbooks_ipython.continuation.frames import Frame, stack_of
from playbooks_ipython.continuation.inexact import Notice, inexact
from playbooks_ipython.continuation.marks import (
    Judge,
    Outcome,
    Recorder,
    current_outcome,
    recording,
)
from playbooks_ipython.continuation.methods import reduce_method
from playbooks_ipython.continuation.rebuild import reduce_frame, restoring
from playbooks_ipython.continuation.sites import Site
from playbooks_ipython.continuation.source import Source

__all__ = [
    "Again",
    "Frame",
    "ItemChanged",
    "Judge",
    "NotAtSite",
    "Notice",
    "Outcome",
    "Recorder",
    "Site",
    "Source",
    "Statement",
    "compile_plain",
    "compile_statement",
    "current_outcome",
    "inexact",
    "instrument",
    "needs_frame",
    "recording",
    "reduce_frame",
    "reduce_method",
    "restoring",
    "stack_of",
]
