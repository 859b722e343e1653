"""Owns a run from another host, is stopped between looking at its claim and writing, goes on."""

import os
import signal
import sys
from pathlib import Path

from playbooks_ipython.errors import ClaimLost
from playbooks_ipython.store import FilesystemStore
from playbooks_ipython.testing.faults import fault_at
from playbooks_ipython.testing.samples import SEALER, append_done, far_stranger, sample_header


def stop_first(call, args, kwargs):
    """Stop this process, and make the call when it is continued."""
    os.kill(os.getpid(), signal.SIGSTOP)
    return call(*args, **kwargs)


writer = FilesystemStore(Path(sys.argv[1])).create(sample_header(), far_stranger(), SEALER)
append_done(writer, 1)
try:
    with fault_at(0, stop_first, ("write",)):
        append_done(writer, 2)
    sys.stdout.write("written\n")
except ClaimLost as lost:
    sys.stdout.write(f"lost to {lost.holder}\n")
