"""Owns a run and forks: the child tells what it may still do, then waits until its input ends."""

import os
import sys
from pathlib import Path

from playbooks_ipython.errors import ClaimLost
from playbooks_ipython.store import FilesystemStore, this_owner
from playbooks_ipython.testing.samples import SEALER, append_done, sample_header

root = Path(sys.argv[1])
writer = FilesystemStore(root).create(sample_header(), this_owner(), SEALER)
append_done(writer, 1)
parent = os.getpid()
if os.fork():
    os.waitpid(-1, 0)
    sys.exit()
files = [str(fd.resolve()) for fd in Path("/proc/self/fd").iterdir()]
inherited = [file for file in files if file.startswith(str(root))]
try:
    append_done(writer, 2)
    said = "appended"
except ClaimLost as lost:
    said = f"{lost.holder}".replace(str(parent), "PARENT")
sys.stdout.write(f"{said}; {inherited}\n")
sys.stdout.flush()
sys.stdin.read()
