"""State: an agent's variables, read from and written to any object with a `state`.

`state` may be a mapping or an object with attributes. In a checkpoint its names bear a `$`.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping


def agent_variables(agent: object) -> dict[str, object]:
    """Return the agent's variables by `$name`."""
    state = getattr(agent, "state", None)
    items = state if isinstance(state, Mapping) else getattr(state, "__dict__", {})
    return {f"${name.removeprefix('$')}": value for name, value in items.items()}


def set_agent_variables(agent: object, variables: Mapping[str, object]) -> None:
    """Write variables (with or without `$`) into the agent's state, making one where none is."""
    state = getattr(agent, "state", None)
    if state is None:
        state = agent.state = {}  # type: ignore[attr-defined]  # any object with id and state
    for name, value in variables.items():
        _put(state, name.removeprefix("$"), value)


def _put(state: object, name: str, value: object) -> None:
    if isinstance(state, MutableMapping):
        dollar = f"${name}"
        state[dollar if dollar in state else name] = value
    else:
        setattr(state, name, value)
