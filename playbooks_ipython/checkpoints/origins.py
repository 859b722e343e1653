"""Origins: which await made what cannot be stored; in use, a resume issues that await again."""

from __future__ import annotations

from collections.abc import Sequence


class Origins:
    """The objects of the graph that cannot be stored, each with the operation whose outcome it was.

    By identity, for as long as every graph has them: one that is gone from a graph is forgotten.
    """

    def __init__(self) -> None:
        self._made_by: dict[int, str | None] = {}

    @property
    def are_open(self) -> bool:
        """Tell whether the newest graph held anything that an await made and nothing can store."""
        return any(self._made_by.values())

    def note(self, unstorable: Sequence[tuple[str, object]], made_by: str | None) -> dict[str, str]:
        """Take note of what a graph held; what is new in it was made by `made_by`, if by any.

        Returns the operation by variable.
        """
        before, self._made_by = self._made_by, {}
        found = {}
        for variable, obj in unstorable:
            operation = self._made_by[id(obj)] = before.get(id(obj), made_by)
            if operation is not None:
                found[variable] = operation
        return found
