"""Newer: functions and classes that the user has written anew since a checkpoint was made."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from playbooks_ipython.continuation import stack_of
from playbooks_ipython.execution.edits import Edits


def newer_definitions(
    namespace: Mapping[str, Any], restored: Mapping[str, Any], frame: Any, edits: Edits | None
) -> set[str]:
    """Return the names under which the notebook now has another text than the checkpoint.

    They are what the user wants used from now on; but a function whose frame is on the stack of
    `frame` goes on as it was, unless that frame goes on in the newer form.
    """
    on_stack = (
        {f.function.partition(".")[0] for f in stack_of(frame)} if frame is not None else set()
    )
    if edits is not None:
        on_stack -= edits.followed
    return {
        name
        for name, old in restored.items()
        if name not in on_stack and _is_rewritten(old, namespace.get(name), namespace, edits)
    }


def _is_rewritten(old: Any, now: Any, namespace: Mapping[str, Any], edits: Edits | None) -> bool:
    if isinstance(old, FunctionType) and isinstance(now, FunctionType):
        known = (_text(old), _text_before(old, edits))
        return now.__globals__ is namespace and _text(now) not in known
    if isinstance(old, type) and isinstance(now, type) and now.__module__ == "__main__":
        return _methods(now) not in (_methods(old), _methods(old, edits))
    return False


def same_text(one: Any, other: Any) -> bool | None:
    """Tell whether two functions, or two classes, are written alike; None of anything else."""
    if isinstance(one, FunctionType) and isinstance(other, FunctionType):
        text = _text(one)
        return text is not None and text == _text(other)
    if isinstance(one, type) and isinstance(other, type):
        return one is other or (one.__name__ == other.__name__ and _methods(one) == _methods(other))
    return None


def _methods(kind: type, edits: Edits | None = None) -> dict[str, str | None]:
    """The texts of a class's own methods; with `edits`, as they were before."""
    found = {n: f for n, f in vars(kind).items() if isinstance(f, FunctionType)}
    return {n: _text_before(f, edits) or _text(f) for n, f in found.items()}


def _text_before(function: FunctionType, edits: Edits | None) -> str | None:
    text = edits.text_before(function.__code__) if edits is not None else None
    return text and text.rstrip()


def _text(function: FunctionType) -> str | None:
    try:
        return inspect.getsource(function).rstrip()
    except (OSError, SyntaxError):
        return None  # nobody can say, so the checkpoint's is as good
