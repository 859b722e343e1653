"""Generated: the methods that `dataclass` writes, written again by the Python that loads them.

They are made by exec from no text, differently by each version, so they are stored as their names.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any

PARAMETERS = "__dataclass_params__"

Written = tuple[tuple[str, ...], dict[str, bool]]
"""The names of the methods, and what `dataclass` was told."""
_TOLD = ("init", "repr", "eq", "order", "unsafe_hash", "frozen")


def generated(cls: Any) -> Written | None:
    """Return what `dataclass` wrote into a class, or None where it did not."""
    if PARAMETERS not in cls.__dict__:
        return None
    parameters = {name: getattr(cls.__dataclass_params__, name) for name in _TOLD}
    names = tuple(name for name, value in cls.__dict__.items() if _is_written(value))
    return names, parameters


def generate(cls: Any, written: Written) -> None:
    """Write it again, from the class's fields."""
    names, parameters = written
    scratch = _scratch(cls, names)
    for name, value in parameters.items():
        setattr(scratch.__dataclass_params__, name, value)
    type.__setattr__(cls, PARAMETERS, scratch.__dataclass_params__)
    for name in names:
        method = scratch.__dict__[name]
        for one in (method, getattr(method, "__wrapped__", method)):
            one.__qualname__ = f"{cls.__qualname__}.{name}"
            _point_to(cls, one)
        type.__setattr__(cls, name, method)


def _is_written(value: object) -> bool:
    f = getattr(value, "__wrapped__", value) if isinstance(value, types.FunctionType) else None
    return isinstance(f, types.FunctionType) and f.__code__.co_filename == "<string>"


def _scratch(cls: Any, names: tuple[str, ...]) -> Any:
    """Make a class with the same fields, and let `dataclass` write its methods."""
    fields = cls.__dataclass_fields__.values()
    body: dict[str, Any] = {field.name: _again(field) for field in fields if _has_value(field)}
    body["__annotations__"] = {field.name: _annotation(field) for field in fields}
    body["__module__"] = cls.__module__
    if hasattr(cls, "__post_init__"):
        body["__post_init__"] = None
    return dataclasses.dataclass(
        type(cls.__name__, (), body),
        init="__init__" in names,
        repr="__repr__" in names,
        eq="__eq__" in names,
        order="__lt__" in names,
        unsafe_hash="__hash__" in names,
        frozen="__setattr__" in names,
    )


def _again(field: Any) -> Any:
    settings = {
        name: getattr(field, name)
        for name in ("default", "default_factory", "init", "repr", "hash", "compare", "metadata")
    }
    if _kind(field) == "_FIELD":
        settings["kw_only"] = field.kw_only
    else:
        return field.default
    return dataclasses.field(**settings)


def _has_value(field: Any) -> bool:
    return _kind(field) == "_FIELD" or field.default is not dataclasses.MISSING


def _annotation(field: Any) -> Any:
    kind = _kind(field)
    if kind == "_FIELD_CLASSVAR":
        return typing.ClassVar
    return dataclasses.InitVar(field.type) if kind == "_FIELD_INITVAR" else field.type


def _kind(field: Any) -> str:
    return str(field._field_type.name)


def _point_to(cls: type, f: types.FunctionType) -> None:
    """Methods of frozen classes refer to their class through a cell."""
    for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
        if name == "cls":
            cell.cell_contents = cls
