"""StandIn: stands where a value stood that could not be stored, or could not be built again."""

from __future__ import annotations

from typing import Any, NoReturn

from playbooks_ipython.errors import UnstorableValue
from playbooks_ipython.records import Refused

# What Python asks of an object without looking at its attributes, hence what __getattribute__
# alone would let through. Hash is left out on purpose: a stand-in may be a key or stand in a set.
_OPERATORS_TEXT = """
    call len bool iter next aiter anext await enter exit aenter aexit getitem setitem delitem
    contains reversed length_hint missing int float complex index bytes fspath str format
    round trunc floor ceil eq ne lt le gt ge neg pos abs invert get set delete set_name
    instancecheck subclasscheck array array_interface array_ufunc array_function buffer
    release_buffer iadd isub imul imatmul itruediv ifloordiv imod ipow ilshift irshift iand
    ixor ior add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or radd
    rsub rmul rmatmul rtruediv rfloordiv rmod rdivmod rpow rlshift rrshift rand rxor ror
"""
_OPERATORS = frozenset(_OPERATORS_TEXT.split())
# What must be answered for repr, pickle, copy, isinstance and debuggers to stay whole.
_ANSWERED = frozenset(
    [
        "__copy__",
        "__deepcopy__",
        "__class__",
        "__reduce_ex__",
        "__reduce__",
        "__repr__",
        "__hash__",
        "__dir__",
        "__doc__",
    ]
)


class StandIn:
    """Raises UnstorableValue on any use, with the name, the type and the reason of what it was.

    Its repr is safe, and it can be stored again: it stays a stand-in.
    """

    __slots__ = ("__weakref__", "_name", "_reason", "_type_name")

    def __init__(self, name: str, type_name: str, reason: str) -> None:
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_type_name", type_name)
        object.__setattr__(self, "_reason", reason)

    def __repr__(self) -> str:
        said = refused_of(self)
        return f"<stand-in for {said.variable} ({said.type_name}): {said.reason}>"

    def __getattribute__(self, name: str) -> Any:
        if name not in _ANSWERED:
            _use(self)
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        _use(self)

    def __delattr__(self, name: str) -> NoReturn:
        _use(self)

    def __dir__(self) -> list[str]:
        return []

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        said = refused_of(self)
        return StandIn, (said.variable, said.type_name, said.reason)

    def __copy__(self) -> StandIn:
        return self

    def __deepcopy__(self, memo: object) -> StandIn:
        return self

    __hash__ = object.__hash__


def refused_of(stand_in: StandIn) -> Refused:
    """Return what a stand-in stands for."""
    read = object.__getattribute__
    return Refused(read(stand_in, "_name"), read(stand_in, "_type_name"), read(stand_in, "_reason"))


def rename(stand_in: StandIn, name: str) -> None:
    """Say where a stand-in stands, once that is known."""
    object.__setattr__(stand_in, "_name", name)


def _use(stand_in: StandIn) -> NoReturn:
    said = refused_of(stand_in)
    raise UnstorableValue(said.variable, said.type_name, said.reason)


def _operator(name: str) -> Any:
    def use(self: StandIn, *_args: Any, **_kwargs: Any) -> NoReturn:
        _use(self)

    use.__name__ = use.__qualname__ = name
    return use


for _name in sorted(_OPERATORS):
    type.__setattr__(StandIn, f"__{_name}__", _operator(f"__{_name}__"))
