"""Whether futures look as they did is asked of many at once, and nothing is missed by that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from playbooks_ipython.continuation.futures import StillFutures
from playbooks_ipython.snapshot.stills import Stills

CHANGES: dict[str, Callable[[Any], object]] = {
    "a result": lambda future: future.set_result(None),
    "a result of its own": lambda future: future.set_result([1]),
    "an error": lambda future: future.set_exception(ValueError()),
    "cancelled": lambda future: future.cancel(),
    "one more callback": lambda future: future.add_done_callback(print),
    "one callback less": lambda future: future.remove_done_callback(print),
}


class Unequal:
    """A callback that will not be compared."""

    def __call__(self, _future: object) -> None: ...

    def __eq__(self, other: object) -> bool:
        raise RuntimeError(other)

    __hash__ = object.__hash__


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.mark.parametrize("callbacks", range(4))
@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_a_future_is_seen(
    loop: asyncio.AbstractEventLoop, change: str, callbacks: int
) -> None:
    """However many callbacks it has; and the others beside it are not said to have changed."""
    futures: list[Any] = [loop.create_future() for _ in range(200)]
    stills = Stills(StillFutures())
    for future in futures:
        for _ in range(callbacks):
            future.add_done_callback(print)
        stills.add(future)
    assert len(list(stills.changed())) == 200, "each is new"
    assert list(stills.changed()) == []
    CHANGES[change](futures[150])
    if (change, callbacks) == ("one callback less", 0):
        assert list(stills.changed()) == [], "there was none"
    else:
        assert list(stills.changed()) == [futures[150]]
    assert list(stills.changed()) == []
    for future in futures:
        future.cancel()


def test_a_callback_that_cannot_be_compared_is_a_change(loop: asyncio.AbstractEventLoop) -> None:
    """Its own code is asked, and fails: that is no answer."""
    future: Any = loop.create_future()
    future.add_done_callback(Unequal())
    stills = Stills(StillFutures())
    stills.add(future)
    assert list(stills.changed()) == [future]
    look = StillFutures.look_at([future])
    assert look.holds()
    future.cancel()
    assert not look.holds()


def test_what_was_removed_is_looked_at_no_more(loop: asyncio.AbstractEventLoop) -> None:
    """Nor kept alive by that."""
    futures: list[Any] = [loop.create_future() for _ in range(3)]
    stills = Stills(StillFutures())
    for future in futures:
        stills.add(future)
    list(stills.changed())
    stills.remove(futures[1])
    futures[1].cancel()
    assert list(stills.changed()) == []
    futures[2].cancel()
    assert list(stills.changed()) == [futures[2]]
    futures[0].cancel()
