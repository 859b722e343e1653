"""Owns a run and appends to it until it is killed, telling the number of each record kept."""

import sys
from pathlib import Path

from playbooks_ipython.store import FilesystemStore, this_owner
from playbooks_ipython.testing.samples import SEALER, append_done, sample_header

writer = FilesystemStore(Path(sys.argv[1])).create(sample_header(), this_owner(), SEALER)
n = 0
while True:
    n += 1
    append_done(writer, n, b"%d" % n * 200, b"big%d" % n * 20_000)
    sys.stdout.write(f"{n}\n")
    sys.stdout.flush()
