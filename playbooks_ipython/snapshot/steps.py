"""Steps: half-used iterators over dicts, sets and deques, which still see their container change.

Pickle's own value for them is a list of what is left: it knows no "changed size during iteration",
and for the values of a dict no later assignment.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

_OF_DICT: dict[str, Callable[[Any], Iterator[Any]]] = {
    "dict_keyiterator": dict.__iter__,
    "dict_valueiterator": lambda table: iter(dict.values(table)),
    "dict_itemiterator": lambda table: iter(dict.items(table)),
    "dict_reversekeyiterator": dict.__reversed__,
    "dict_reversevalueiterator": lambda table: reversed(dict.values(table)),
    "dict_reverseitemiterator": lambda table: reversed(dict.items(table)),
}
_OF_DEQUE = type(reversed(deque[object]()))
KINDS: tuple[type, ...] = (
    _OF_DEQUE,  # pickle knows it in 3.11 only
    type(iter(set())),
    *(type(make({})) for make in _OF_DICT.values()),
)


def iterator_args(iterator: Any) -> tuple[Any, ...] | None:
    """Return the arguments of `iterator_over`; None if the iterator came to its end."""
    held = gc.get_referents(iterator)
    container = next((one for one in held if isinstance(one, dict | set | frozenset | deque)), None)
    if container is None:
        return None
    if isinstance(container, deque):
        return _OF_DEQUE.__name__, container, len(container) - iterator.__length_hint__()
    try:
        left = iterator.__reduce__()[1][0]
    except RuntimeError:  # its container has changed in size; its next step says so
        left = None
    if isinstance(container, dict):
        left = None if left is None else len(container) - len(left)
    return type(iterator).__name__, container, left


def iterator_over(kind: str, container: Any, left: Any) -> Iterator[Any]:
    """Make an iterator over a container that stands where another one stood.

    Args:
        left: for a dict or deque, how many items were taken; for a set, those that are left, in
            the order they had. None: the container has changed in size since.
    """
    if isinstance(container, deque):
        return _advanced(reversed(container), left)
    if kind not in _OF_DICT:
        return RestOfSet(container, left)
    if left is None:
        return _over_changed(_OF_DICT[kind], container)
    return _advanced(_OF_DICT[kind](container), left)


def _advanced(iterator: Iterator[Any], count: int) -> Iterator[Any]:
    for _ in range(count):
        next(iterator)
    return iterator


def _over_changed(make: Callable[[Any], Iterator[Any]], table: dict[Any, Any]) -> Iterator[Any]:
    mark = object()
    dict.__setitem__(table, mark, None)
    iterator = make(table)
    dict.__delitem__(table, mark)
    return iterator


class RestOfSet:
    """What is left of a set, in the order that it had: another process's would be another."""

    def __init__(self, container: Any, left: list[Any] | None) -> None:
        self.container, self.left = container, list(reversed(left or []))
        self.size = len(container) if left is not None else -1

    def __iter__(self) -> RestOfSet:
        return self

    def __next__(self) -> Any:
        if self.size != len(self.container):
            self.size = -1
            raise RuntimeError("Set changed size during iteration")
        if not self.left:
            raise StopIteration
        return self.left.pop()
