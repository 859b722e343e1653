"""Sleeping: time that passed while nothing ran counts as slept."""

from __future__ import annotations

import asyncio
from types import CoroutineType
from typing import Any


def rest_of_sleep(awaited: Any, passed: float) -> Any:
    """Return a sleep, not begun yet, shortened by the seconds that passed; all else as it is."""
    if type(awaited) is not CoroutineType or awaited.cr_code is not asyncio.sleep.__code__:
        return awaited
    given = awaited.cr_frame.f_locals if awaited.cr_frame else {}
    delay, result = given["delay"], given["result"]
    awaited.close()
    return asyncio.sleep(max(0, delay - max(0, passed)), result)
