"""Heartbeat: a sign of life for other hosts, which cannot look the owner's process up.

The sign is the modification time of the owner's own log: appending renews it by itself, and no
second file can disagree with the first. Hosts that share a store must agree on the time of day
to within the time to live.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable

TTL_S = 60.0


class Heartbeat:
    """Renews the sign of life of a log while no record is written, as during one long await."""

    def __init__(
        self,
        fd: int,
        clock: Callable[[], float],
        ttl_s: float = TTL_S,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """Begin at once, on a daemon thread, every third of the time to live.

        Args:
            wait: returns True when it is time to stop, else False after so many seconds; the
                event that `stop` sets, unless a test gives another.
        """
        self._fd, self._clock, self._ttl_s = fd, clock, ttl_s
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait
        self._thread = threading.Thread(target=self._run, name="playbook-heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; only then may the descriptor be closed."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._wait(self._ttl_s / 3):
            now = self._clock()
            # A store that cannot be reached renews nothing; the next append says so.
            with contextlib.suppress(OSError):
                os.utime(self._fd, (now, now))
