"""Faults: what a disk or a kill may do to a store, at a chosen system call of this process.

    with fault_at(3, fail_with(ENOSPC)): ...   the fourth changing call fails, having done nothing
    with fault_at(3, half): ...                ... or writes half of what it was given

Calls are counted, never timed, so each run meets the same fault.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

Call = Callable[..., Any]
Args = tuple[Any, ...]
Kwargs = dict[str, Any]
Fault = Callable[[Call, Args, Kwargs], Any]
"""What happens instead of a call: it is given the call, and may make it."""

CHANGING_CALLS = (
    "open", "write", "pwrite", "ftruncate", "link", "unlink", "rename", "replace", "mkdir", "fsync",
    "fdatasync",
)  # fmt: skip
"""The calls of `os` that change a file or a name."""


class CallCounter:
    """How many of the watched calls were made so far."""

    def __init__(self) -> None:
        self.calls: list[str] = []


@contextlib.contextmanager
def fault_at(
    number: int | None, fault: Fault, calls: tuple[str, ...] = CHANGING_CALLS
) -> Iterator[CallCounter]:
    """Let the watched call of that number (from 0; None: none) meet `fault` within this block."""
    counter = CallCounter()
    with contextlib.ExitStack() as patches:
        for name in calls:
            watched = _watched(name, getattr(os, name), counter, number, fault)
            patches.enter_context(mock.patch.object(os, name, watched))
        yield counter


def fail_with(code: int) -> Fault:
    """Fail without doing anything, as a full (ENOSPC) or broken (EIO) disk does."""

    def fail(_call: Call, _args: Args, _kwargs: Kwargs) -> Any:
        raise OSError(code, os.strerror(code))

    return fail


def half(call: Call, args: Args, kwargs: Kwargs) -> Any:
    """Write half of what was given and say so, as a disk that is filling up does."""
    if call.__name__ not in ("write", "pwrite"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    fd, data, *rest = args
    return call(fd, memoryview(data)[: len(data) // 2], *rest, **kwargs)


def part_then_fail(code: int) -> Fault:
    """Write half of what was given and fail all the same, as a disk does that breaks meanwhile."""

    def fail(call: Call, args: Args, kwargs: Kwargs) -> Any:
        half(call, args, kwargs)
        raise OSError(code, os.strerror(code))

    return fail


def die_before(_call: Call, _args: Args, _kwargs: Kwargs) -> Any:
    """SIGKILL this process instead of the call."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(call: Call, args: Args, kwargs: Kwargs) -> Any:
    """SIGKILL this process after the call, before anybody learns of it."""
    call(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)


def die_halfway(call: Call, args: Args, kwargs: Kwargs) -> Any:
    """SIGKILL this process when half was written; before a call that writes nothing."""
    if call.__name__ in ("write", "pwrite"):
        half(call, args, kwargs)
    os.kill(os.getpid(), signal.SIGKILL)


def _watched(name: str, call: Call, counter: CallCounter, number: int | None, fault: Fault) -> Call:
    def watched(*args: Any, **kwargs: Any) -> Any:
        counter.calls.append(name)
        if len(counter.calls) - 1 == number:
            return fault(call, args, kwargs)
        return call(*args, **kwargs)

    return watched
