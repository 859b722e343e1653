"""Objects of the kernel itself: in a checkpoint by name, and after a restore the new kernel's own.

A logging handler that writes to standard error, a stored `get_ipython()`: each leads to the shell,
and from there to everything that a kernel is.
"""

from __future__ import annotations

import copyreg
import sys
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

_STREAMS = ("stdin", "stdout", "stderr")


def store_by_name(shell: InteractiveShell) -> None:
    """Let pickle store this kernel's streams and shell by what they are."""
    copyreg.pickle(type(shell), _reduce_shell)
    for name in _STREAMS:
        kind = type(getattr(sys, name))
        # Plain files are the user's as well, and have a place; a kernel's streams have none.
        if not kind.__module__.startswith(("_io", "io")):
            copyreg.pickle(kind, _reduce_stream)


def standard_stream(name: str) -> Any:
    return getattr(sys, name)


def _reduce_shell(_shell: object) -> Any:
    return get_ipython, ()


def _reduce_stream(stream: object) -> Any:
    original = [n for n in _STREAMS if getattr(sys, n) is stream or _beneath(n) is stream]
    return standard_stream, (original[0] if original else "stdout",)


def _beneath(name: str) -> object:
    """The stream that a run's own stream, which notes what is written, stands before."""
    return getattr(getattr(sys, name), "_stream", None)
