"""Killing: a real SIGKILL of this very process, right after the k-th record of a kind was written.

That is the hardest moment: the log is whole, and nothing after it has happened.
"""

from __future__ import annotations

import os
import signal
from typing import Any

from playbooks_ipython.store import FilesystemStore
from playbooks_ipython.store.protocol import RunWriter


def kill_after(kind: str, count: int) -> None:
    """Let the next `count`-th record of `kind` in this process be its last."""
    opened = FilesystemStore.create, FilesystemStore.claim
    seen = 0

    def deadly(writer: RunWriter) -> RunWriter:
        append = writer.append

        def last(written: str, fields: Any, blobs: Any = None, **more: Any) -> int:
            nonlocal seen
            size = append(written, fields, blobs, **more)
            seen += written == kind
            if written == kind and seen == count:
                os.kill(os.getpid(), signal.SIGKILL)
            return size

        writer.append = last  # the writer is real; so is the death
        return writer

    FilesystemStore.create = lambda *a: deadly(opened[0](*a))
    FilesystemStore.claim = lambda *a: deadly(opened[1](*a))
