"""Operations: what a tool can ask about its await, to make its effect safe to repeat."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Operation:
    """One execution of an await point.

    `id` is the same for every attempt; `arguments` gives the bytes of what is called and with what,
    and is asked for only when a key is.
    """

    run_id: str
    id: str
    attempt: int
    arguments: Callable[[], bytes]


_current: ContextVar[Operation | None] = ContextVar("playbooks_ipython_operation", default=None)


def begin_operation(operation: Operation) -> None:
    """Make an operation the current one of this context, until the next begins."""
    _current.set(operation)


def end_operation() -> None:
    """The current operation has completed: code that comes before the next one retries nothing."""
    operation = _current.get()
    if operation is not None:
        _current.set(replace(operation, attempt=1))


def attempt() -> int:
    """Return which attempt of its await this is: 1, and more after a crash or a failure.

    The number is stored before the await is issued, so an attempt that was killed has counted.
    Outside a durable run it is 1.
    """
    operation = _current.get()
    return 1 if operation is None else operation.attempt


def idempotency_key() -> str:
    """Return a key for the request that is being made, 40 hexadecimal digits.

    The same for every attempt of one await; another for another await, other arguments or another
    run. Outside a durable run nothing is attempted twice, and each call gives a new key.
    """
    operation = _current.get()
    if operation is None:
        return uuid.uuid4().hex + uuid.uuid4().hex[:8]
    digest = hashlib.sha256(operation.arguments()).hexdigest()
    name = f"{operation.run_id}\n{operation.id}\n{digest}"
    return hashlib.sha256(name.encode()).hexdigest()[:40]
