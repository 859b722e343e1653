"""Happenings: what concurrent programs did outside, through several processes, and what is right.

Between the tasks of a program order is free, within one (a label) it is not. An operation that has
ended never happens again; one that was in flight when its process died may be started again.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

DEATH = "died"
Key = tuple[str, str]
"""A label, and the value of an operation."""


@dataclass
class Happenings:
    """By label what ended and was done, in order; by operation how often it began, and could."""

    done: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    started: Counter[Key] = field(default_factory=Counter)
    interrupted: Counter[Key] = field(default_factory=Counter)


def note_death(folder: Path) -> None:
    """Note outside that a process died."""
    with (folder / "outside.txt").open("a") as outside:
        outside.write(json.dumps([DEATH, "", None]) + "\n")


def happenings(lines: list[str]) -> Happenings:
    """Read what happened, as `task_tools` notes it."""
    found, flying = Happenings(), Counter[Key]()
    for kind, label, value, *_ in map(json.loads, lines):
        key = label, json.dumps(value)
        if kind == DEATH:
            found.interrupted += flying
            flying.clear()
            continue
        if kind == "start":
            found.started[key] += 1
            flying[key] += 1
            continue
        flying[key] -= kind == "end"
        found.done[label].append(json.dumps([kind, value]))
    return found


def wrongs(found: Happenings, expected: Happenings) -> list[str]:
    """Return what differs from the undisturbed run, in words; empty if nothing does."""
    labels = sorted(found.done.keys() | expected.done.keys())
    said = [
        f"{label!r} did {found.done.get(label)} instead of {expected.done.get(label)}"
        for label in labels
        if found.done.get(label) != expected.done.get(label)
    ]
    for key in sorted(found.started.keys() | expected.started.keys()):
        more = found.started[key] - expected.started[key]
        if not 0 <= more <= found.interrupted[key]:
            said.append(
                f"{key} started {found.started[key]} times instead of {expected.started[key]}, "
                f"having been in flight at {found.interrupted[key]} deaths"
            )
    return said


def wrong_requests(lines: list[str], expected: Happenings) -> list[str]:
    """Return what is wrong with attempts and keys of the operations that a program has once."""
    requests: dict[Key, list[tuple[int, str]]] = defaultdict(list)
    owners: dict[str, set[Key]] = defaultdict(set)
    for kind, label, value, *request in map(json.loads, lines):
        key = label, json.dumps(value)
        if kind == "start" and expected.started[key] == 1:
            requests[key].append((request[0], request[1]))
            owners[request[1]].add(key)
    said = [
        f"{key} was attempted as {found}"
        for key, found in requests.items()
        if len({name for _, name in found}) > 1 or found != sorted(set(found))
    ]
    return said + [f"{own} share a key" for own in owners.values() if len(own) > 1]
