"""Events: tells an open panel that there is something new to read. Push only.

The panel never speaks on this comm: ipykernel moves a comm's messages to the main shell once the
kernel has published on it, and there they would wait behind the running cell.
"""

from __future__ import annotations

import time
from typing import Any

from comm import get_comm_manager

TARGET = "playbooks_ipython:events"
_APART_S = 0.1


class Events:
    """The panels that listen. At most one push each 100 ms a run; the last state is never held."""

    def __init__(self) -> None:
        self._comms: list[Any] = []
        self._pushed_s = 0.0

    def listen(self) -> None:
        get_comm_manager().register_target(TARGET, self._opened)

    def stop(self) -> None:
        get_comm_manager().unregister_target(TARGET, self._opened)
        for comm in self._comms:
            comm.close()
        self._comms.clear()

    def push(self, run: str, n: int, *, always: bool = False) -> None:
        now = time.monotonic()
        if not self._comms or (now - self._pushed_s < _APART_S and not always):
            return
        self._pushed_s = now
        for comm in self._comms:
            comm.send({"event": "changed", "run": run, "n": n})

    def _opened(self, comm: Any, _message: Any) -> None:
        self._comms.append(comm)
        comm.on_close(lambda _message: self._comms.remove(comm))
