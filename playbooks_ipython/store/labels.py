"""Labels: what a run may be called, and what its directory therefore may be called.

Decides nothing about which runs there are. Everything that reaches a path goes through here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from playbooks_ipython.errors import BadName

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"
_is_name = re.compile(NAME_PATTERN).fullmatch  # fullmatch: `$` would let a trailing newline pass
_is_label = re.compile(rf"{NAME_PATTERN}(~[1-9][0-9]{{0,5}})?").fullmatch


def check_name(name: str) -> str:
    """Return `name` if a user may call a run so. Raises BadName."""
    if not _is_name(name):
        raise BadName(name)
    return name


def check_label(label: str) -> str:
    """Return `label` if it is a name or an older run kept as `NAME~1`. Raises BadName."""
    if not _is_label(label):
        raise BadName(label)
    return label


def is_label(text: str) -> bool:
    """Tell whether a directory of this name can be a run's."""
    return _is_label(text) is not None


def same_label(label: str, among: Iterable[str]) -> str | None:
    """Return the label among these that is the same ignoring case, or None.

    Ignoring case everywhere, because a store may be carried to a disk that cannot tell the two
    apart, and would then hold one run where there were two.
    """
    folded = label.casefold()
    return next((other for other in among if other.casefold() == folded), None)
