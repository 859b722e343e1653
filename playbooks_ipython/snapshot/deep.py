"""Deep: a pickler for graphs that nest deeper than a stack.

Every hundred levels the work goes on in a new thread, which has a stack and a recursion count of
its own. A higher recursion limit was rejected: with C frames between, it ends in a segmentation
fault instead of an error, also where the user's own code recurses for ever.
"""

from __future__ import annotations

import contextvars
import pickle
import threading
from collections.abc import Callable
from typing import Any

_LEVELS = 100  # of `save`: about 400 frames of Python
_THREADS = 2_000


_Python: Any = pickle._Pickler


class DeepPickler(_Python):  # type: ignore[misc] # Any
    """Gives the bytes of the C pickler, at a tenth of its speed.

    Raises RecursionError past 200,000 levels.
    """

    _level = 0

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        level, self._level = self._level, self._level + 1
        if level % _LEVELS == 0:
            if level >= _LEVELS * _THREADS:
                raise RecursionError("it nests too deep")
            _in_new_thread(lambda: _Python.save(self, obj, save_persistent_id))
        else:
            _Python.save(self, obj, save_persistent_id)
        self._level = level


def _in_new_thread(work: Callable[[], None]) -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 # raised again by who waits
            failed.append(error)

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(run,), daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
