"""Reflection: `locals()` and its kin as user code would see them without hidden names."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from typing import Any

from playbooks_ipython.continuation.hidden import is_hidden
from playbooks_ipython.continuation.sites import twin_of_code


def visible_locals(frame: Any) -> dict[str, Any]:
    """The user's own variables of a frame; of a statement, the namespace itself."""
    twin = twin_of_code(frame.f_code)
    if twin and twin.is_statement:
        return frame.f_globals  # type: ignore[no-any-return]  # of `Any`
    return {name: value for name, value in frame.f_locals.items() if not is_hidden(name)}


def reflective(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands in for a function at a call, if it is the builtin that the name says."""
    for builtin, stand_in in _STAND_INS:
        if function is builtin:
            return stand_in
    return function


def _locals() -> dict[str, Any]:
    return visible_locals(sys._getframe(1))


def _vars(*given: Any) -> Any:
    return builtins.vars(*given) if given else visible_locals(sys._getframe(1))


def _dir(*given: Any) -> list[str]:
    return builtins.dir(*given) if given else sorted(visible_locals(sys._getframe(1)))


def _eval(source: Any, /, globals: Any = None, locals: Any = None) -> Any:
    if globals is None:
        frame = sys._getframe(1)
        globals = frame.f_globals  # the builtin's own names
        locals = visible_locals(frame) if locals is None else locals
    return builtins.eval(source, globals, locals)


def _exec(source: Any, /, globals: Any = None, locals: Any = None, **more: Any) -> None:
    if globals is None:
        frame = sys._getframe(1)
        globals = frame.f_globals
        locals = visible_locals(frame) if locals is None else locals
    builtins.exec(source, globals, locals, **more)  # noqa: S102  # the user's own call


_STAND_INS: tuple[tuple[Any, Callable[..., Any]], ...] = (
    (builtins.locals, _locals),
    (builtins.vars, _vars),
    (builtins.dir, _dir),
    (builtins.eval, _eval),
    (builtins.exec, _exec),
)


def setup_annotations() -> None:
    """Make the dict of a module's annotations, as CPython does before the first of them."""
    sys._getframe(1).f_globals.setdefault("__annotations__", {})


def annotate(name: str, annotation: Any) -> None:
    """Note a module's annotation, as a statement of the form `x: int = 1` does."""
    namespace = sys._getframe(1).f_globals
    namespace.setdefault("__annotations__", {})[name] = annotation


def import_star(statement: str) -> None:
    exec(statement, sys._getframe(1).f_globals)  # noqa: S102  # a `from x import *` of the user's
