"""Classes of the notebook: taken apart and built again, shell first and state later.

No class body runs again, nor the user's metaclass or __init_subclass__: their effects are in the
state. Machinery of the standard library does run, for it makes what differs between versions.
"""

from __future__ import annotations

import abc
import collections
import enum
import types
import typing
from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any

from playbooks_ipython.snapshot.generated import PARAMETERS, generate, generated

_MADE_ANEW_TEXT = """
    __dict__ __weakref__ __slots__ __module__ __qualname__ __doc__ __abstractmethods__
    _abc_impl __orig_bases__ __firstlineno__ __static_attributes__ __protocol_attrs__
    __callable_proto_members_only__
    __non_callable_proto_members__ _abc_registry _abc_cache __slotnames__
"""
_MADE_ANEW = frozenset(_MADE_ANEW_TEXT.split())
_TRUSTED = frozenset(["builtins", "typing", "abc", "enum"])
_TYPED_DICT: Any = type(types.new_class("_Empty", (typing.TypedDict,)))
_PROTOCOL: Any = type(typing.Protocol)
_SHELL = ("__module__", "__qualname__", "__doc__", "__slots__", "__orig_bases__")
_ENUM_KEPT = frozenset(["_missing_", "_generate_next_value_", "_order_", "_ignore_"])
_TUPLE_MADE_TEXT = """
    _fields _field_defaults _make _replace _asdict __getnewargs__ __new__ __match_args__
    __replace__
"""
_TUPLE_MADE = frozenset(_TUPLE_MADE_TEXT.split())


def is_enum(cls: type) -> bool:
    return isinstance(cls, enum.EnumMeta)


def is_named_tuple(cls: type) -> bool:
    return cls.__bases__ == (tuple,) and type(cls.__dict__.get("_fields")) is tuple


def shell_of(cls: type) -> tuple[Any, ...]:
    """Return the arguments of `make_class`."""
    return type(cls), cls.__name__, cls.__bases__, _about(cls)


def _about(cls: type) -> dict[str, Any]:
    # A class keeps its qualified name beside its `__dict__`.
    own = {**cls.__dict__, "__qualname__": cls.__qualname__}
    return {k: own[k] for k in _SHELL if k in own}


def enum_shell_of(cls: Any) -> tuple[Any, ...]:
    """Return the arguments of `make_enum`: its members go by value, aliases included."""
    members = {name: member._value_ for name, member in cls.__members__.items()}
    boundary = getattr(cls, "_boundary_", None)
    return type(cls), cls.__name__, cls.__bases__, _about(cls), members, boundary and boundary.name


def named_tuple_shell_of(cls: Any) -> tuple[Any, ...]:
    defaults = tuple(cls._field_defaults.values())
    return cls.__name__, cls.__qualname__, cls.__module__, cls._fields, defaults


def state_of(cls: type) -> dict[str, Any]:
    """Return a class's attributes that its shell has not, and the methods to be written again."""
    written = generated(cls)
    left_out = (*written[0], PARAMETERS) if written else ()
    return {"attributes": _attributes_of(cls, left_out), "written": written}


def _attributes_of(cls: type, left_out: Container[str] = ()) -> dict[str, Any]:
    return {
        name: value
        for name, value in cls.__dict__.items()
        if name not in left_out and _is_state(cls, name, value)
    }


def enum_state_of(cls: Any) -> dict[str, Any]:
    """Return an enumeration's own attributes, and what its members carry."""
    state: dict[str, Any] = {
        name: value
        for name, value in _attributes_of(cls).items()
        if name not in cls.__members__
        and (name in _ENUM_KEPT or not (_is_sunder(name) or _is_made_by_enum(cls, name, value)))
    }
    carried = {name: _carried(member) for name, member in cls.__members__.items()}
    return {
        "attributes": state,
        "written": None,
        "members": {k: v for k, v in carried.items() if v},
    }


def named_tuple_state_of(cls: Any) -> dict[str, Any]:
    made = _TUPLE_MADE | set(cls._fields)
    state: dict[str, Any] = {"attributes": _attributes_of(cls, made), "written": None}
    if "__orig_bases__" in cls.__dict__:
        state["attributes"]["__orig_bases__"] = cls.__orig_bases__
    return state


def make_class(metaclass: Any, name: str, bases: tuple[type, ...], about: dict[str, Any]) -> type:
    with _silent(bases):
        made: type = _maker(metaclass)(metaclass, name, bases, dict(about))
    return made


def make_enum(
    metaclass: Any,
    name: str,
    bases: tuple[type, ...],
    about: dict[str, Any],
    members: dict[str, Any],
    boundary: str | None,
) -> type:
    body = metaclass.__prepare__(name, bases)
    for key, value in {**about, **members}.items():
        body[key] = value
    extra: Any = {"boundary": enum.FlagBoundary[boundary]} if boundary else {}
    with _silent(bases):
        made: type = enum.EnumMeta.__new__(metaclass, name, bases, body, **extra)
    return made


def make_named_tuple(
    name: str, qualname: str, module: str, fields: tuple[str, ...], defaults: tuple[Any, ...]
) -> type:
    make: Any = collections.namedtuple  # mypy wants literals
    made: type = make(name, fields, rename=True, defaults=defaults, module=module)
    made.__qualname__ = qualname
    return made


def set_class(cls: Any, state: dict[str, Any]) -> None:
    """Give a class its attributes, past its metaclass and without `__set_name__`."""
    for name, value in state["attributes"].items():
        type.__setattr__(cls, name, value)
    if state["written"] is not None:
        generate(cls, state["written"])
    if "_is_protocol" in cls.__dict__:
        _finish_protocol(cls)
    if isinstance(cls, abc.ABCMeta):
        update: Any = abc.update_abstractmethods
        update(cls)


def _finish_protocol(cls: Any) -> None:
    """Let `typing` note what a protocol asks for, which it does after a class body since 3.12."""
    if cls._is_protocol:
        _PROTOCOL.__init__(cls, cls.__name__, cls.__bases__, {})
        if cls.__dict__.get("_is_runtime_protocol"):
            typing.runtime_checkable(cls)


def set_enum(cls: Any, state: dict[str, Any]) -> None:
    set_class(cls, state)
    for name, carried in state["members"].items():
        cls.__members__[name].__dict__.update(carried)


def _maker(metaclass: type) -> Any:
    """Return the nearest `__new__` of a metaclass that is not the user's."""
    if metaclass is _TYPED_DICT:
        return type.__new__  # its own would read the body again
    trusted = (cls for cls in metaclass.__mro__ if cls.__module__ in _TRUSTED)
    return next(trusted).__new__


@contextmanager
def _silent(bases: tuple[type, ...]) -> Iterator[None]:
    """Keep `__init_subclass__` of a base from running: what it did is in the state."""
    for owner in dict.fromkeys(cls for base in bases for cls in base.__mro__):
        if "__init_subclass__" in owner.__dict__ and _is_foreign(owner):
            hook = owner.__dict__["__init_subclass__"]
            type.__setattr__(owner, "__init_subclass__", classmethod(_nothing))
            try:
                with _silent(bases):
                    yield
            finally:
                type.__setattr__(owner, "__init_subclass__", hook)
            return
    yield


def _is_foreign(owner: type) -> bool:
    hook = owner.__dict__["__init_subclass__"]
    silent = isinstance(hook, classmethod) and hook.__func__ is _nothing
    return owner.__module__ not in _TRUSTED and not silent


def _nothing(_cls: Any, /, **_kwargs: Any) -> None:
    """An `__init_subclass__` that does nothing."""


def _is_state(cls: type, name: str, value: object) -> bool:
    if name in _MADE_ANEW:
        return False
    if isinstance(value, types.MemberDescriptorType | types.GetSetDescriptorType):
        return value.__objclass__ is not cls
    if name in ("__subclasshook__", "__init__") and getattr(cls, "_is_protocol", False):
        f = getattr(value, "__func__", value)
        return getattr(f, "__globals__", None) is not typing.__dict__
    return True


def _is_sunder(name: str) -> bool:
    return len(name) > 2 and name[0] == name[-1] == "_" and name[1] != "_"


def _is_made_by_enum(cls: Any, name: str, value: object) -> bool:
    if name in ("__new__", "__new_member__", "_new_member_"):
        return True
    # EnumMeta copies these from Enum or from the mixed-in type.
    return any(base.__dict__.get(name) is value for base in cls.__mro__[1:])


def _carried(member: Any) -> dict[str, Any]:
    return {k: v for k, v in member.__dict__.items() if not k.startswith("_")}
