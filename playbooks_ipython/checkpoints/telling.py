"""Telling: what the user should know of a run's checkpoints, each matter once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playbooks_ipython.records import Json, Refused


def _unheard(_message: str) -> None:
    """Nobody asked to be told."""


class Telling:
    """Says what cannot be stored, and describes the variables of a record where they changed."""

    def __init__(self) -> None:
        self.tell: Callable[[str], None] = _unheard
        self._said: set[str] = set()
        self._types: dict[str, Json] | None = None
        self._refused: frozenset[Refused] = frozenset()

    def once(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            self.tell(message)

    def forget_types(self) -> None:
        """The next record says all types: the one before may not be there."""
        self._types = None

    @staticmethod
    def made_again(fields: dict[str, Any], found: Sequence[Refused]) -> None:
        """List what is made again beside what is not stored; it was said by line already."""
        fields["refused"] += [[r.variable, r.type_name, r.reason] for r in found]

    def variables(
        self,
        fields: dict[str, Any],
        variables: Mapping[str, object],
        refused: tuple[Refused, ...],
        made_by: Mapping[str, str],
    ) -> None:
        """Put what a record says of its variables into its fields, and say what is not stored.

        `made_by`: which of these an await gave, and its operation; a resume issues that again.
        """
        types: dict[str, Json] = {name: type(v).__name__ for name, v in variables.items()}
        if types != self._types:
            fields["vars"] = self._types = types
        fields["refused"] = [[r.variable, r.type_name, r.reason] for r in refused]
        given = [r for r in refused if made_by.get(r.variable) == fields["op"]]
        if given:
            self._tell_region(fields["line"], given[0])
        for fresh in frozenset(refused) - self._refused:
            if fresh.variable not in made_by:
                self.tell(
                    f"{fresh.variable} ({fresh.type_name}) is not stored: {fresh.reason}. "
                    "After a resume it is a stand-in that raises when it is used"
                )
        self._refused = frozenset(refused)

    def _tell_region(self, line: int, given: Refused) -> None:
        """Say once for each line what an await gave and nothing can store."""
        said = f"line {line}: what this await gave cannot be stored"
        if said not in self._said:
            self._said.add(said)
            self.tell(
                f"{said}: {given.variable} ({given.type_name}). After a restart, while it is in "
                "use, it is issued again; awaits after it are answered from their checkpoints, "
                "plain code between them runs again"
            )
