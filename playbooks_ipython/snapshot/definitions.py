"""Definitions: functions rebuilt from the text that defined them, shell first and state later."""

from __future__ import annotations

import importlib
import marshal
import types
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER
from typing import Any

from playbooks_ipython.errors import UnreadableValue
from playbooks_ipython.snapshot.home import Home
from playbooks_ipython.snapshot.sources import Definition, rebuild_code

Cells = tuple[types.CellType, ...]


def function(
    home: Home,
    scope: dict[str, Any] | str,
    name: str,
    definition: tuple[Any, ...],
    names: tuple[str, ...],
    cells: Cells,
) -> types.FunctionType:
    """Make a function's shell from its text.

    Args:
        scope: its globals, or the name of the module whose globals they are.
        definition: the fields of a Definition.
        names: of the closure's variables, in the order of `cells`; another Python may have another
            order, so they are matched by name.
    Raises: UnreadableValue where the text has no such function.
    """
    wanted = Definition(*definition)
    if home.follow is not None:
        wanted = home.follow(wanted, names)
    code = rebuild_code(home.sources(wanted.sha256), wanted)
    if code is None:
        raise UnreadableValue(name, f"its text has no {wanted.qualname} at line {wanted.line}")
    return _shell(code, scope, name, dict(zip(names, cells, strict=True)))


def function_of_bytecode(
    scope: dict[str, Any] | str,
    name: str,
    magic: bytes,
    code: bytes,
    names: tuple[str, ...],
    cells: Cells,
) -> types.FunctionType:
    """Make the shell of a function without a text. Raises UnreadableValue on another Python."""
    found = bytecode(name, magic, code)
    return _shell(found, scope, name, dict(zip(names, cells, strict=True)))


def bytecode(name: str, magic: bytes, code: bytes) -> types.CodeType:
    """Return a code object as it was. Raises UnreadableValue on another Python."""
    if magic != MAGIC_NUMBER:
        raise UnreadableValue(name, "no text defines it, and another version of Python stored it")
    found: types.CodeType = marshal.loads(code)  # verified before the stream was loaded
    return found


def _shell(
    code: types.CodeType,
    scope: dict[str, Any] | str,
    name: str,
    cells: Mapping[str, types.CellType],
) -> types.FunctionType:
    if isinstance(scope, str):
        scope = importlib.import_module(scope).__dict__
    closure = tuple(cells.get(free) or types.CellType() for free in code.co_freevars)
    return types.FunctionType(code, scope, name, None, closure)


def function_state(f: types.FunctionType) -> dict[str, Any]:
    """Return what a function's shell has not."""
    state = {
        "__qualname__": f.__qualname__,
        "__module__": f.__module__,
        "__doc__": f.__doc__,
        "__defaults__": f.__defaults__,
        "__kwdefaults__": f.__kwdefaults__,
        "__annotations__": annotations_of(f),
        "__type_params__": getattr(f, "__type_params__", ()),
        "__dict__": f.__dict__,
    }
    return {name: value for name, value in state.items() if value or name == "__doc__"}


def annotations_of(f: Any) -> dict[str, Any]:
    """Return annotations; none where Python 3.14 cannot evaluate them."""
    try:
        return f.__annotations__ or {}
    except Exception:  # noqa: BLE001 # an annotation is the user's code
        return {}


def set_function(
    f: types.FunctionType, given: tuple[Mapping[str, Any], tuple[tuple[Any, Any], ...]]
) -> None:
    """Give a function its state, and cells that nobody filled yet their contents."""
    state, contents = given
    for name, value in state.items():
        if name == "__dict__":
            f.__dict__.update(value)
        elif name != "__type_params__" or hasattr(f, name):
            setattr(f, name, value)
    for cell, value in contents:
        cell.cell_contents = value


def cell() -> types.CellType:
    return types.CellType()


def set_cell(made: types.CellType, contents: tuple[Any]) -> None:
    made.cell_contents = contents[0]
