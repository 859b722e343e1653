"""Thread locals: what this thread keeps in one, and libraries that leave theirs out of a pickle."""

from __future__ import annotations

import copyreg
import threading
from typing import Any

from playbooks_ipython.snapshot import wrappers

_LEAVES_OUT = frozenset([("tenacity", "BaseRetrying")])
"""Classes whose own pickle forgets what a call that is being retried stands on."""


def reduce_thread_local(_writing: Any, local: threading.local) -> Any:
    """Store what the thread that makes the checkpoint sees; others have theirs no more."""
    return threading.local, (), vars(local), None, None, wrappers.set_attributes


def reduce_whole(_writing: Any, obj: Any) -> Any:
    """Store an object with every attribute that it has."""
    return copyreg.__newobj__, (type(obj),), vars(obj), None, None, wrappers.set_attributes  # type: ignore[attr-defined] # in no stub


def leaves_out(cls: type) -> bool:
    """Tell whether a class is one of a library that forgets its state in its own pickle."""
    return any((base.__module__, base.__qualname__) in _LEAVES_OUT for base in cls.__mro__)
