"""Soak: random programs, killed by SIGKILL at random moments, for a number of minutes.

`PLAYBOOKS_SOAK_MINUTES` (1) and `PLAYBOOKS_SEED` say how long and from where. A moment is no await:
what ran since the newest checkpoint runs again, one operation in flight among it, and no more.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.continuation.generated import random_program
from tests.execution.chains import begin, ending, prepare, status_of, undisturbed
from tests.support.results import SEED, write_results

MINUTES = float(os.environ.get("PLAYBOOKS_SOAK_MINUTES", "1"))
MOST_KILLS = 6
_NOTHING_YET = ("RunNotFound", "NotResumable", "CheckpointNotFound")


def soak(folder: Path, number: int, counts: Counter[str]) -> str | None:
    """Run one program through kills by time; return what differs, or None."""
    text, random_ = random_program(f"{SEED} soak {number}"), random.Random(f"{SEED} {number}")
    expected, effects = undisturbed(folder / "plain", text)
    began = time.monotonic()
    status_of(begin(prepare(folder / "whole", text), "run"))
    longest_s = 1.2 * (time.monotonic() - began)
    place = prepare(folder / "killed", text)
    starts, verb = [0], "run"
    for _ in range(MOST_KILLS):
        child = begin(place, verb)
        time.sleep(random_.uniform(0.2, 1) * longest_s)
        os.kill(child, signal.SIGKILL)
        if status_of(child) == 0:
            break
        counts["kills"] += 1
        verb = "resume"
        starts.append(len(_effects(place)))
    else:
        status_of(begin(place, verb))
    found, happened = ending(place)
    if (found["error"] or "").startswith(_NOTHING_YET):
        counts["killed before the first checkpoint"] += 1
        return None
    counts["programs"] += 1
    if found != expected:
        return f"another end: {found} instead of {expected}"
    parts = [happened[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]
    return None if fits(parts, effects) else f"other effects: {parts} instead of {effects}"


def _effects(folder: Path) -> list[str]:
    path = folder / "outside.txt"
    return path.read_text().splitlines() if path.exists() else []


def fits(parts: list[list[str]], expected: list[str]) -> bool:
    """Tell whether each part goes on where the one before ended, or a little before.

    A little: back to the newest checkpoint, so that at most one operation is issued again.
    """
    reached = {0}
    for part in parts:
        begins = {at - back for at in reached for back in range(_reach(expected, at) + 1)}
        reached = {at + len(part) for at in begins if expected[at : at + len(part)] == part}
    return len(expected) in reached


def _reach(expected: list[str], at: int) -> int:
    """How many effects before a place may happen again: plain ones, and one operation."""
    operations, back = 0, 0
    while back < at and operations <= 1:
        operations += json.loads(expected[at - back - 1])[0] in ("leaf", "quick")
        back += operations <= 1
    return back


def main() -> int:
    counts: Counter[str] = Counter()
    until, number = time.monotonic() + MINUTES * 60, 0
    print(f"soak: {MINUTES:g} minutes from seed {SEED}")  # noqa: T201  # a report
    while time.monotonic() < until and not counts["wrong"]:
        with tempfile.TemporaryDirectory() as folder:
            wrong = soak(Path(folder), number, counts)
        if wrong:
            counts["wrong"] += 1
            print(f"soak: program {number} of seed {SEED}: {wrong}")  # noqa: T201  # as above
        number += 1
    print("soak:", dict(counts), write_results("soak", counts).name)  # noqa: T201  # as above
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
