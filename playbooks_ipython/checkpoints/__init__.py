"""Checkpoints: commit one await; find, verify and give back what was committed."""

from playbooks_ipython.checkpoints.answers import Answers
from playbooks_ipython.checkpoints.frames import CHILDREN, FRAME, abandon, marked_strand, settle
from playbooks_ipython.checkpoints.journal import RunJournal
from playbooks_ipython.checkpoints.manager import CheckpointManager
from playbooks_ipython.checkpoints.point import Point, Position, Roots
from playbooks_ipython.checkpoints.provider import (
    CheckpointProvider,
    FilesystemCheckpointProvider,
    LogProvider,
)
from playbooks_ipython.checkpoints.reading import RunView, position_of
from playbooks_ipython.checkpoints.recovery import RecoveryCoordinator
from playbooks_ipython.checkpoints.reference import (
    Reference,
    checkpoint_id,
    parse_reference,
    split_checkpoint_id,
)
from playbooks_ipython.checkpoints.region import Call, Region

__all__ = [
    "CHILDREN",
    "FRAME",
    "Answers",
    "Call",
    "CheckpointManager",
    "CheckpointProvider",
    "FilesystemCheckpointProvider",
    "LogProvider",
    "Point",
    "Position",
    "RecoveryCoordinator",
    "Reference",
    "Region",
    "Roots",
    "RunJournal",
    "RunView",
    "abandon",
    "checkpoint_id",
    "marked_strand",
    "parse_reference",
    "position_of",
    "settle",
    "split_checkpoint_id",
]
