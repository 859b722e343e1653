"""Two processes claim each of many runs at once; prints, for each run, who got it."""

import multiprocessing
import os
import sys
from pathlib import Path

from playbooks_ipython.errors import ClaimHeld
from playbooks_ipython.store import FilesystemStore, this_owner
from playbooks_ipython.testing.samples import SEALER


def claim_all(root, barrier, told):
    """Claim every run in step with the other process; keep it until both have tried."""
    store = FilesystemStore(root)
    for name in store.names():
        barrier.wait()
        try:
            writer = store.claim(name, this_owner(), SEALER)
            os.write(told, f"{name} won\n".encode())
        except ClaimHeld:
            writer = None
            os.write(told, f"{name} held\n".encode())
        barrier.wait()
        if writer is not None:
            writer.close()


context = multiprocessing.get_context("fork")
barrier = context.Barrier(2)
arguments = (Path(sys.argv[1]), barrier, sys.stdout.fileno())
both = [context.Process(target=claim_all, args=arguments) for _ in range(2)]
for each in both:
    each.start()
for each in both:
    each.join()
