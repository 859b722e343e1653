"""References: how people and programs name a run and one of its checkpoints."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playbooks_ipython.errors import BadName, PlaybookError

_REFERENCE = re.compile(r"(?P<name>[^@]+?)(?:@(?P<at>[0-9]+|end))?")
_MARK = "_ckpt_"
END = -1
"""`Reference.at` of NAME@end."""


class BadReference(PlaybookError):
    """Not NAME or NAME@N. The user must act."""

    def __str__(self) -> str:
        return f"{self.args[0]!r} is not NAME, NAME@N (N counts completed awaits) or NAME@end"


@dataclass(frozen=True, slots=True)
class Reference:
    """A run and, if `at` is given, one checkpoint; -1 stands for the end of a finished run."""

    name: str
    at: int | None = None

    def __str__(self) -> str:
        suffix = "" if self.at is None else "@end" if self.at == END else f"@{self.at}"
        return self.name + suffix


def parse_reference(text: str) -> Reference:
    """Read "NAME", "NAME@7", "NAME@end" or "NAME~1@7". Raises BadReference."""
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise BadReference(text)
    at = found["at"]
    return Reference(found["name"], None if at is None else END if at == "end" else int(at))


def checkpoint_id(name: str, n: int) -> str:
    return f"{name}{_MARK}{n}"


def split_checkpoint_id(text: str) -> tuple[str, int]:
    """Return run and number of an id; a run's own name may hold the mark too. Raises BadName."""
    name, mark, number = text.rpartition(_MARK)
    if not mark or not number.isascii() or not number.isdigit():
        raise BadName(text)
    return name, int(number)
