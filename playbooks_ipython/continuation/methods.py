"""Methods: bound ones that would not be found again by their name, as `super()` finds them."""

from __future__ import annotations

from types import BuiltinMethodType, MethodType, MethodWrapperType
from typing import Any

METHODS = (MethodType, BuiltinMethodType, MethodWrapperType)


def reduce_method(method: Any) -> Any:
    """Reduce a bound method that a base class gave; NotImplemented where its name is enough.

    Pickle stores every bound method as `getattr(object, name)`, which finds the overriding one.
    """
    name, owner = method.__name__, method.__self__
    found = [cls for cls in type(owner).__mro__ if name in vars(cls)]
    for cls in found:
        if _bind(cls, name, owner) == method:
            return NotImplemented if cls is found[0] else (bind_method, (cls, name, owner))
    return NotImplemented


def bind_method(cls: type, name: str, owner: Any) -> Any:
    """What `super()` gave: the method of a base class, bound to an object of another."""
    return _bind(cls, name, owner)


def _bind(cls: type, name: str, owner: Any) -> Any:
    found = vars(cls)[name]
    bind = getattr(type(found), "__get__", None)
    return bind(found, owner, type(owner)) if bind else found
