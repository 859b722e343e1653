"""Caches: what `functools.lru_cache` has kept, read out of it and put into a new one.

It has no API for that. The garbage collector shows what it holds; a new one is filled by calling
it around a function that only says what the old one said.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Iterator
from typing import Any

Kept = tuple[tuple[Any, ...], tuple[tuple[str, Any], ...], Any]
"""One call that was made: positional arguments, named ones, result."""


def kept_calls(cached: Any) -> list[Kept]:
    """Return the calls whose results a cache keeps, the one used longest ago first."""
    is_typed = cached.cache_parameters()["typed"]
    return [(*_arguments(key, is_typed), value) for key, value in _entries(cached)]


def _entries(cached: Any) -> Iterator[tuple[Any, Any]]:
    held = gc.get_referents(cached)
    if cached.cache_parameters()["maxsize"] is None:
        table = next(one for one in held if type(one) is dict and one is not vars(cached))
        yield from list(table.items())
        return
    # A bounded one shows its class, then, for each link of its chain: key, result, the links' type.
    held = held[1:]
    while len(held) > 2 and getattr(held[2], "__name__", "") == "_lru_list_elem":
        yield held[0], held[1]
        held = held[3:]


def _arguments(key: Any, is_typed: bool) -> tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]]:
    if type(key) is not tuple:
        return (key,), ()
    if is_typed:
        key = key[: _count_untyped(key)]
    if not any(part is _MARK for part in key):
        return key, ()
    at = next(number for number, part in enumerate(key) if part is _MARK)
    named = key[at + 1 :]
    return key[:at], tuple(zip(named[::2], named[1::2], strict=True))


def _count_untyped(key: tuple[Any, ...]) -> int:
    """A typed key ends with the types of its arguments: `a, k, MARK, "n", v, type(a), ...`."""
    has_mark = any(part is _MARK for part in key)
    at = next((n for n, part in enumerate(key) if part is _MARK), len(key) // 2)
    if not has_mark:
        return at
    # at positional, then the mark, 2 m named, then at + m types
    named = (len(key) - 2 * at - 1) // 3
    return at + 1 + 2 * named


def make_cache(maxsize: int | None, typed: bool, f: Callable[..., Any]) -> Callable[..., Any]:
    """Make an empty cache around a function, to be filled by `fill_cache`."""
    # A `partial` can be pointed at another function, and calls it in C: no frame of ours.
    cached = functools.lru_cache(maxsize, typed)(functools.partial(f))
    return functools.update_wrapper(cached, f)


def fill_cache(cached: Any, state: tuple[dict[str, Any], list[Kept]]) -> None:
    """Let a cache keep the results of calls that were made. The function is not called."""
    attributes, kept = state
    inner: Any = next(o for o in gc.get_referents(cached) if type(o) is functools.partial)
    function = inner.func
    for positional, named, value in kept:
        inner.__setstate__((_saying(value), (), {}, None))
        cached(*positional, **dict(named))
    inner.__setstate__((function, (), {}, None))
    vars(cached).update(attributes)


def _saying(value: Any) -> Callable[..., Any]:
    return lambda *_arguments, **_named: value


def _find_mark() -> object:
    """The object that stands between positional and named arguments in the keys of caches."""
    cached = functools.lru_cache(maxsize=None)(lambda **_named: None)
    cached(n=1)
    table = next(
        one for one in gc.get_referents(cached) if type(one) is dict and one is not vars(cached)
    )
    return next(iter(table))[0]


_MARK = _find_mark()
