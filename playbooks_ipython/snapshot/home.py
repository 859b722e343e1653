"""Home: what the objects of a stream are rebuilt into. One per restore."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from playbooks_ipython.snapshot.sources import Definition
from playbooks_ipython.snapshot.standin import StandIn

FollowDefinition: TypeAlias = Callable[[Definition, tuple[str, ...]], Definition]
"""Leads from a stored definition, which closes over these names, to what it was edited to."""


@dataclass(slots=True, eq=False)
class Home:
    """The dictionary that functions will run in, and the texts of definitions by hash."""

    namespace: dict[str, Any]
    sources: Callable[[str], str]
    follow: FollowDefinition | None = None
    stand_ins: list[StandIn] = field(default_factory=list)
    firsts: dict[ContextVar[Any], tuple[Token[Any], bool]] = field(default_factory=dict)
    """What takes back the setting of a context variable; false where the program has it too."""


def stand_in(home: Home, name: str, type_name: str, reason: str) -> StandIn:
    """Make a stand-in of which the restore will tell."""
    made = StandIn(name, type_name, reason)
    home.stand_ins.append(made)
    return made
