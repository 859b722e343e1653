"""Verbs: the functions that every playbook may await without importing them.

They are ordinary importable functions, so a checkpoint stores them by name, and a user's own
function of the same name simply takes their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType
from typing import TypeVar

from playbooks_ipython.agents.stage import current_stage

F = TypeVar("F", bound=Callable[..., object])

_LOCATION = re.compile(r"(?P<playbook>[^:\s]+):(?P<line>[0-9]+(?:\.[0-9]+)*)(?::(?P<kind>\w+))?")


async def Say(target: str, message: str | None = None) -> str:  # noqa: N802 - the seeds' name
    """Show `message` as Markdown. `Say(text)` speaks to the user; `Say(target, text)` names whom.

    Returns the message, so that `_` holds it.
    """
    text = target if message is None else message
    spoken = text if message is None or target in ("user", "human") else f"**{target}**: {text}"
    current_stage().show(spoken)
    return text


async def Step(location: str) -> None:  # noqa: N802 - the seeds' name
    """Record where the program stands, as "Main:03" or "Main:03:QUE"; the kind is not kept.

    Raises ValueError if `location` has another shape.
    """
    found = _LOCATION.fullmatch(str(location))
    if found is None:
        raise ValueError(f"Step: {location!r} is not PLAYBOOK:LINE or PLAYBOOK:LINE:KIND")
    current_stage().location = f"{found['playbook']}:{found['line']}"


async def checkpoint() -> None:
    """Do nothing: awaiting it is an await point, so what stands before it is kept."""


def playbook(function: F | None = None, **about: object) -> F | Callable[[F], F]:
    """Mark a function as a playbook, `@playbook` or `@playbook(public=True)`; it stays itself."""

    def mark(marked: F) -> F:
        vars(marked).update(__is_playbook__=True, __metadata__=about)
        return marked

    return mark if function is None else mark(function)


VERBS: MappingProxyType[str, Callable[..., object]] = MappingProxyType(
    {"Say": Say, "Step": Step, "playbook": playbook}
)
