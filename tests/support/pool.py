"""Pool: kernels that are ready when a test asks for one; the next starts while the test runs.

A kernel costs a second to start and a test that kills two of them would mostly wait.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.support.kernels import Kernel, kernel_environ


class Pool:
    """One kernel in reserve; `take` moves it into a folder and an environment of its own."""

    def __init__(self) -> None:
        self._nowhere = tempfile.TemporaryDirectory()
        self._taken: list[Kernel] = []
        self._reserve = self._start()

    def take(self, folder: Path, **environ: str) -> Kernel:
        """Return a kernel that has run nothing yet; the pool closes it."""
        one, self._reserve = self._reserve, self._start()
        self._taken.append(one)
        one.wait()
        move = _MOVE.format(environ=kernel_environ(folder) | environ, folder=str(folder))
        moved = one.collect(one.client.execute(move, store_history=False))
        assert moved.error is None, moved.traceback
        return one

    def close_taken(self) -> None:
        while self._taken:
            self._taken.pop().close()

    def close(self) -> None:
        self.close_taken()
        self._reserve.close()
        self._nowhere.cleanup()

    def _start(self) -> Kernel:
        return Kernel(Path(self._nowhere.name), wait=False)


# Nothing of it stays in the namespace, and no execution is counted.
_MOVE = """
def move():
    import os
    os.environ.update({environ!r})
    os.chdir({folder!r})
move()
del move
"""
