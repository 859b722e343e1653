"""Region: what is recorded of an await in a stretch of a run that is gone through once more.

Two things open one: code of a library that calls functions of the program, since its own frame
cannot be stored; and an outcome that cannot be stored, for as long as it is in use. A resume goes
back to the await that opened it. What completed since is answered from here, if it is asked again
with the same arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playbooks_ipython.records import Json


@dataclass(frozen=True, slots=True)
class Call:
    """What an await calls: the callee's name, and a digest by which its arguments are known."""

    name: str
    arguments: str

    def __str__(self) -> str:
        return f"{self.name}()"


@dataclass(frozen=True, slots=True)
class Region:
    """How one await stands in a region.

    `under`: the operation of the library's call beneath which it was made, None if there is none.
    `is_answer`: what it gave can be given again without calling anything.
    """

    call: Call | None
    under: str | None = None
    is_answer: bool = False

    def as_json(self) -> dict[str, Json]:
        return {
            "call": [self.call.name, self.call.arguments] if self.call else None,
            "under": self.under,
            "answers": self.is_answer,
        }


def region_of(fields: Mapping[str, Json]) -> Region | None:
    """Read what a record says of its region; None if it stands in none."""
    said: Any = fields.get("region")
    if said is None:
        return None
    call = Call(*said["call"]) if said["call"] else None
    return Region(call, said["under"], bool(said["answers"]))
