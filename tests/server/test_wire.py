"""The wire types stand in two languages and are the same."""

from __future__ import annotations

import re
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from playbooks_ipython import records
from playbooks_ipython.kernel import events
from playbooks_ipython.server import wire
from playbooks_ipython.store import labels

TOKENS = Path(__file__).parents[2] / "labextension" / "src" / "tokens.ts"
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
WIRE_TYPES = [each for each in vars(wire).values() if is_typeddict(each)]


def in_typescript(hint: Any) -> str:
    """Write a Python type as TypeScript does."""
    if hint in PLAIN:
        return PLAIN[hint]
    if is_typeddict(hint):
        return f"I{hint.__name__}"
    arguments = get_args(hint)
    if get_origin(hint) in (Union, types.UnionType):
        return " | ".join(map(in_typescript, arguments))
    if get_origin(hint) is Literal:
        return " | ".join(f"'{value}'" for value in arguments)
    if get_origin(hint) is list:
        return f"{in_typescript(arguments[0])}[]"
    if get_origin(hint) is tuple:
        return f"[{', '.join(map(in_typescript, arguments))}]"
    if get_origin(hint) is dict:
        return f"{{ [key: string]: {in_typescript(arguments[1])} }}"
    raise TypeError(hint)


def interface(name: str) -> dict[str, str]:
    """Return the fields of an interface in tokens.ts, with State written out."""
    found = re.search(rf"interface I{name} \{{\n(.*?)\n\}}", TOKENS.read_text(), re.DOTALL)
    assert found, f"tokens.ts has no interface I{name}"
    fields = re.findall(r"^  (\w+): (.*);$", found[1], re.MULTILINE)
    return {field: in_typescript(records.State) if t == "State" else t for field, t in fields}


@pytest.mark.parametrize("wire_type", WIRE_TYPES, ids=lambda each: each.__name__)
def test_panel_reads_what_the_server_writes(wire_type: type) -> None:
    """Each wire type has the same fields of the same types on both sides."""
    hints = get_type_hints(wire_type)
    expected = {name: in_typescript(hint) for name, hint in hints.items()}
    assert interface(wire_type.__name__) == expected


def test_states_are_the_same() -> None:
    """The panel knows every state that a run can be in, and no other."""
    found = re.search(r"type State = (.*);", TOKENS.read_text())
    assert found and found[1] == in_typescript(records.State)


def test_format_is_the_same() -> None:
    """The panel expects the wire format that the server writes."""
    assert f"WIRE_FORMAT = {wire.WIRE_FORMAT};" in TOKENS.read_text()


def test_rule_for_names_is_the_same() -> None:
    """The panel asks for a name that the kernel will take."""
    assert f"NAME_PATTERN = '{labels.NAME_PATTERN}';" in TOKENS.read_text()


def test_comm_target_is_the_same() -> None:
    """The panel opens the comm that the kernel has registered."""
    assert f"EVENTS_TARGET = '{events.TARGET}';" in TOKENS.read_text()
