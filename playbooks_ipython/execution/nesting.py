"""Nesting: `nest_asyncio` lets a loop that runs be run again; a new process must be told so too."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable

NESTED = "nested"
"""The key under which a graph holds the name of the module that was applied."""

_PACKAGE = "nest_asyncio"


def nested_by() -> str | None:
    """Return the module that was applied in this process, or None."""
    name = getattr(asyncio.run, "__module__", "")
    return name if name.startswith(_PACKAGE) and name in sys.modules else None


def nest_again(name: str, say: Callable[[str], None]) -> None:
    """Apply the module here, if it is not. Where it is not installed, say what that means."""
    if nested_by() is not None:
        return
    try:
        importlib.import_module(name).apply()
    except ImportError:
        say(f"{name} is not installed here: calls that run the loop again will fail")
    else:
        say(f"{name} is applied again, as it was when this was saved")
