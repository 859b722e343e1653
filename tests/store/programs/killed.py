"""Does one piece of work on a fresh store for every kill point of it, and dies there.

Prints one line for each: the directory, then what the work was told had been done. Forks, so that
each kill is a real SIGKILL of a real process that alone holds the claim.
"""

import os
import sys
from pathlib import Path

from playbooks_ipython.store import FilesystemStore, this_owner
from playbooks_ipython.testing.faults import Fault, die_after, die_before, die_halfway, fault_at
from playbooks_ipython.testing.samples import SEALER, append_done, sample_header

FAULTS = (die_before, die_halfway, die_after)
print_line = os.write  # kept from before the fault: what is told is not a kill point


def work(root: Path, told: int) -> None:
    """Make a run, append, take it over, thin it out, append again."""
    store = FilesystemStore(root)
    writer = store.create(sample_header(), this_owner(), SEALER)
    print_line(told, b" made")
    for n in (1, 2, 3):
        append_done(writer, n, b"shared" * 20_000, b"%d" % n * 70_000)
        print_line(told, b" %d" % n)
    writer = store.claim("research", this_owner(), SEALER)
    print_line(told, b" claimed")
    writer.keep_only(frozenset({2, 3}))
    print_line(told, b" kept")
    append_done(writer, 4, b"4" * 70_000)
    print_line(told, b" 4 end")


def die_at(number: int, fault: Fault, root: Path) -> str:
    """Fork; the child works and dies at that call. Return what it told."""
    reading, told = os.pipe()
    child = os.fork()
    if not child:
        with fault_at(number, fault):
            work(root, told)
        os._exit(0)
    os.close(told)
    with os.fdopen(reading) as lines:
        text = lines.read()
    os.waitpid(child, 0)
    return text


def main(base: Path) -> None:
    for fault in FAULTS:
        number, said = 0, ""
        while "end" not in said:
            root = base / f"{fault.__name__}-{number}"
            said = die_at(number, fault, root)
            sys.stdout.write(f"{root.name}{said}\n")
            number += 1


main(Path(sys.argv[1]))
