"""Items: what loops hand out and pickle refuses, found again where it was found before."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from playbooks_ipython.errors import UnreadableValue


def match_args(match: re.Match[Any]) -> tuple[Any, ...]:
    """Return the arguments of `find_match`."""
    return match.re, match.string, match.span(), match.endpos, match.regs


def find_match(
    pattern: re.Pattern[Any], string: Any, span: tuple[int, int], endpos: int, groups: Any
) -> re.Match[Any]:
    """Match again where a match was. Only its `pos` may be another. Raises UnreadableValue."""
    found = pattern.match(string, span[0], endpos)
    if found is None or found.regs != groups:
        found = pattern.fullmatch(string, *span)
    if found is None or found.regs != groups:
        raise UnreadableValue("match", "the pattern does not match there any more")
    return found


def find_entry(path: Any) -> os.DirEntry[Any]:
    """Find an entry of a directory again, by its path. Raises UnreadableValue if it is gone."""
    folder, name = os.path.split(path)
    here = b"." if isinstance(path, bytes) else "."
    try:
        with os.scandir(folder or here) as entries:
            return next(entry for entry in entries if entry.name == name)
    except (OSError, StopIteration):
        raise UnreadableValue("entry", f"{Path(os.fsdecode(path))} is gone") from None
