"""Newer: functions and classes that the user has written anew since a checkpoint was made."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from playbooks_ipython.continuation import stack_of


def newer_definitions(
    namespace: Mapping[str, Any], restored: Mapping[str, Any], frame: Any
) -> set[str]:
    """Return the names under which the notebook now has another text than the checkpoint.

    They are what the user wants used from now on; but a function whose frame is on the stack of
    `frame` goes on as it was.
    """
    on_stack = (
        {f.function.partition(".")[0] for f in stack_of(frame)} if frame is not None else set()
    )
    return {
        name
        for name, old in restored.items()
        if name not in on_stack and _is_rewritten(old, namespace.get(name), namespace)
    }


def _is_rewritten(old: Any, now: Any, namespace: Mapping[str, Any]) -> bool:
    if isinstance(old, FunctionType) and isinstance(now, FunctionType):
        return now.__globals__ is namespace and _text(old) != _text(now)
    if isinstance(old, type) and isinstance(now, type) and now.__module__ == "__main__":
        return _methods(old) != _methods(now)
    return False


def _methods(kind: type) -> dict[str, str | None]:
    return {n: _text(f) for n, f in vars(kind).items() if isinstance(f, FunctionType)}


def _text(function: FunctionType) -> str | None:
    try:
        return inspect.getsource(function)
    except (OSError, SyntaxError):
        return None  # nobody can say, so the checkpoint's is as good
