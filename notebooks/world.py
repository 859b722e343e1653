"""World: starts the counting process and decides, for each effect asked for, if it happens."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

COUNTER = Path(__file__).with_name("counter.py")


class World:
    """The counting process. `judge` is asked before each effect; while it thinks, nothing happens.

    The kernel that asked waits too. So what the judge finds on disk is where the run stands.
    """

    def __init__(self, address: Path, judge: Callable[[str], bool]) -> None:
        self.address, self._judge = address, judge
        self.trouble: Exception | None = None
        command = [sys.executable, str(COUNTER), str(address)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self._questions, self._answers = self._process.stdout, self._process.stdin
        assert self._questions is not None and self._answers is not None, "both are pipes"
        self._questions.readline()  # "ready": the socket is there
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._thread.join()
        self._process.communicate()
        if self.trouble is not None:
            raise self.trouble

    @property
    def pid(self) -> int:
        return self._process.pid

    def performed(self) -> list[str]:
        """Ask the counting process what has happened, in order."""
        with socket.socket(socket.AF_UNIX) as outside:
            outside.connect(str(self.address))
            with outside.makefile("rw") as line:
                line.write("\n")
                line.flush()
                performed: list[str] = json.loads(line.readline())
        return performed

    def _serve(self) -> None:
        assert self._questions is not None and self._answers is not None, "both are pipes"
        for effect in self._questions:
            try:
                verdict = "count" if self._judge(effect.rstrip("\n")) else "refuse"
            except Exception as error:  # noqa: BLE001 - raised again where the demo can see it
                self.trouble, verdict = error, "refuse"
            self._answers.write(f"{verdict}\n")
            self._answers.flush()
