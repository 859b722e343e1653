"""Short: a value in a few words, without running any code of the user's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from itertools import islice
from types import FunctionType

_SHOWN = 60
_DEEP = 2
_ITEMS = 5
_INT_BITS = 256  # longer ones are slow to write out, and CPython refuses the longest
_SHAPED = (("numpy", "ndarray"), ("pandas", "DataFrame"), ("pandas", "Series"))


def short_text(value: object) -> str:
    """Return at most 60 characters that tell one value from another; "" where no words do.

    Only exact built-in types are written out, and sizes of arrays and data frames: a `__repr__`,
    `__len__` or `__str__` of the user's is never called.
    """
    text = _write(value, _DEEP)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _write(value: object, depth: int) -> str:
    writer = _WRITERS.get(type(value))
    if writer is not None:
        return writer(value, depth)
    for module, name in _SHAPED:
        if type(value) is getattr(sys.modules.get(module), name, None):
            return _shape(value)
    return ""


def _shape(value: object) -> str:
    shape = " x ".join(map(str, value.shape))  # type: ignore[attr-defined]  # one of _SHAPED
    if type(value).__name__ == "DataFrame":  # its columns are attributes, one may be `dtype`
        return shape
    return f"{shape} {value.dtype}"  # type: ignore[attr-defined]  # as above


def _int(value: object, _depth: int) -> str:
    assert isinstance(value, int), "by its exact type"
    bits = value.bit_length()
    return repr(value) if bits <= _INT_BITS else f"{bits} bits"


def _atom(value: object, _depth: int) -> str:
    return repr(value)


def _text(value: object, _depth: int) -> str:
    assert isinstance(value, str | bytes), "by its exact type"
    return repr(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!r}, {len(value):,} long"


def _function(value: object, _depth: int) -> str:
    assert isinstance(value, FunctionType), "by its exact type"
    return f"line {value.__code__.co_firstlineno}"


def _items(open_close: str) -> Callable[[object, int], str]:
    def write(value: object, depth: int) -> str:
        assert isinstance(value, Collection), "by its exact type"
        written = [_write(item, depth - 1) for item in islice(value, _ITEMS)] if depth else []
        if len(written) < len(value) or not all(written):
            return _counted(value)
        return f"{open_close[0]}{', '.join(written)}{open_close[1]}"

    return write


def _counted(value: Collection[object]) -> str:
    return "1 item" if len(value) == 1 else f"{len(value):,} items"


def _dict(value: object, depth: int) -> str:
    assert isinstance(value, Mapping), "by its exact type"
    pairs = islice(value.items(), _ITEMS if depth else 0)
    written = [(_write(k, depth - 1), _write(v, depth - 1)) for k, v in pairs]
    if len(written) < len(value) or not all(k and v for k, v in written):
        return _counted(value)
    return f"{{{', '.join(f'{k}: {v}' for k, v in written)}}}"


_WRITERS: Mapping[type, Callable[[object, int], str]] = {
    bool: _atom,
    float: _atom,
    complex: _atom,
    type(None): _atom,
    int: _int,
    str: _text,
    bytes: _text,
    list: _items("[]"),
    tuple: _items("()"),
    set: _items("{}"),
    frozenset: _items("{}"),
    dict: _dict,
    FunctionType: _function,
}
