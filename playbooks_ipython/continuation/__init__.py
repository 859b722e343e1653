"""Continuation: an await that can be entered again. No stores, no snapshots, no kernels."""

from playbooks_ipython.continuation.again import Again, Lost
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
    Answer,
    Outcome,
    apart_from_outcome,
    current_outcome,
    marked_frame,
    recording,
)
from playbooks_ipython.continuation.methods import reduce_method
from playbooks_ipython.continuation.rebuild import reduce_frame, restoring
from playbooks_ipython.continuation.recorders import Judge, Recorder
from playbooks_ipython.continuation.sites import Site
from playbooks_ipython.continuation.source import Source

__all__ = [
    "Again",
    "Answer",
    "Frame",
    "ItemChanged",
    "Judge",
    "Lost",
    "NotAtSite",
    "Notice",
    "Outcome",
    "Recorder",
    "Site",
    "Source",
    "Statement",
    "apart_from_outcome",
    "compile_plain",
    "compile_statement",
    "current_outcome",
    "inexact",
    "instrument",
    "marked_frame",
    "needs_frame",
    "recording",
    "reduce_frame",
    "reduce_method",
    "restoring",
    "stack_of",
]
