"""Differences: which variables two checkpoints do not have in common, in types and short texts."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from playbooks_ipython.checkpoints import CheckpointManager
from playbooks_ipython.checkpoints.loading import load_values
from playbooks_ipython.execution.newer import same_text
from playbooks_ipython.execution.showing import text_table
from playbooks_ipython.snapshot import Encoder, StandIn
from playbooks_ipython.snapshot.namespace import equal_data
from playbooks_ipython.snapshot.short import short_text
from playbooks_ipython.snapshot.standin import refused_of

_HEAD = ("", "variable", "type", "value")


@dataclass(frozen=True, slots=True)
class Values:
    """The variables of one checkpoint, in a namespace of their own."""

    variables: Mapping[str, object]
    home: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One variable. `kind` is "added", "removed" or "changed"; types and texts are both sides'."""

    kind: str
    name: str
    type_name: str
    text: str


def values_of(manager: CheckpointManager, at: int | None) -> Values:
    """Load a checkpoint (None: the newest) aside; no variable of anybody's is touched.

    Raises RunNotFound, CheckpointNotFound, UntrustedRun, CorruptLog. Cost: loading all of it.
    """
    view = manager.view()
    record = view.checkpoint(at)
    home: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
    return Values(load_values(view.graph_of(record), record, home).variables, home)


def differences(before: Values, after: Values) -> Iterator[Difference]:
    """Yield what came, went and changed, by name. Cost: encoding what has the same name twice."""
    for name in sorted({*before.variables, *after.variables}):
        if name not in before.variables:
            yield Difference("added", name, *_said(after.variables[name]))
        elif name not in after.variables:
            yield Difference("removed", name, *_said(before.variables[name]))
        elif not _equal(before, after, name):
            old, new = _said(before.variables[name]), _said(after.variables[name])
            yield Difference("changed", name, *map(_both, old, new))


def differences_text(one: str, other: str, found: list[Difference]) -> str:
    if not found:
        return f"{one} and {other} have the same variables"
    rows = [(each.kind, each.name, each.type_name, each.text) for each in found]
    return f"{one} -> {other}\n{text_table(_HEAD, rows)}"


def _equal(before: Values, after: Values, name: str) -> bool:
    """Tell whether two values are equal data, or would be stored alike where each lives.

    Functions and classes are compared by their text. An instance of a class of the notebook counts
    as changed, too, if the text of the cell that defines its class is another.
    """
    values = before.variables[name], after.variables[name]
    if equal_data(*values):
        return True
    if (alike := same_text(*values)) is not None:
        return alike
    old, new = (
        Encoder(side.home).encode({"": side.variables[name]}, {}) for side in (before, after)
    )
    return old.stream == new.stream and list(old.buffers) == list(new.buffers)


def _said(value: object) -> tuple[str, str]:
    if type(value) is StandIn:
        return refused_of(value).type_name, "not stored"
    return type(value).__qualname__, short_text(value)


def _both(old: str, new: str) -> str:
    if old == new:
        return old
    return f"{old or '?'} -> {new or '?'}"
