"""What an await costs beside children that wait: `PYTHONPATH=. python tests/bench/parked.py`.

Each row is a run on disk of its own: a child in a loop of awaits, and so many others that stand,
stored apart. Rows take turns; ratios are to the lone await beside which they ran.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.checkpoints.journals import KeptWorld

WORK = """
async def work(n):
    about, items = {"n": n, "name": "item %d" % n}, [n]
    while True:
        items = [*items[-3:], n]
        await Pause()
"""


def start(count: int, folder: Path) -> KeptWorld:
    """Return a run of so many children, each of which waits."""
    world = KeptWorld(WORK, check=False, folder=folder)
    world.is_kept = False
    for n in range(count):
        world.step(world.start("work", n))
    world.is_kept = True
    turns(world, 10)
    return world


def turns(world: KeptWorld, count: int) -> float:
    """Let children make so many awaits, in turn. Returns microseconds of processor time of each."""
    begun = time.process_time()
    for k in range(count):
        world.step(world.children[k % min(len(world.children), 7)])
    return (time.process_time() - begun) / count * 1e6


def main() -> None:
    """Print a row for each number of children: cost, ratio with its range, bytes of a record."""
    options = argparse.ArgumentParser()
    options.add_argument("--repetitions", type=int, default=9)
    options.add_argument("--awaits", type=int, default=70)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        worlds = {count: start(count, Path(folder) / str(count)) for count in (1, 10, 100, 1000)}
        found: dict[int, list[float]] = {count: [] for count in worlds}
        for _ in range(given.repetitions):
            for count, world in worlds.items():
                found[count].append(turns(world, given.awaits))
        sys.stdout.write("children  us/await  x lone (min-max)      bytes/record\n")
        for count, world in worlds.items():
            ratios = [a / b for a, b in zip(found[count], found[1], strict=True)]
            sizes = [int(str(r.fields["bytes"])) for r in world.view().marks[-50:]]
            spread = f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
            sys.stdout.write(
                f"{count:8}  {median(found[count]):8.0f}  {spread:20}  {median(sizes):.0f}\n"
            )
            world.journal.close()
            for child in world.children:
                child.coroutine.close()


if __name__ == "__main__":
    main()
