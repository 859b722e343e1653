"""Kernel: a real one for the demo, as Jupyter starts it, that can be killed from outside."""

from __future__ import annotations

import os
import queue
import signal
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from audit import EFFECTS_VARIABLE
from scratch import scratch_environ

_READY_S = 60
_LOOK_EVERY_S = 0.1


@dataclass
class Shown:
    """What one cell showed. `died`: the kernel's process ended before the cell did."""

    printed: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    error: str | None = None
    died: bool = False


class Kernel:
    """A kernel for `notebook`, whose effects go to the Unix socket `effects`."""

    def __init__(self, notebook: Path, effects: Path) -> None:
        environ = {
            **os.environ,
            **scratch_environ(notebook.parent),
            EFFECTS_VARIABLE: str(effects),
            "JPY_SESSION_NAME": str(notebook),  # as JupyterLab tells a kernel its notebook
        }
        # The kernel's own log: it is of interest only when the kernel does not come up.
        self._log = (notebook.parent.parent / "kernel.log").open("a")
        self._manager = KernelManager(kernel_name="python3")
        folder = str(notebook.parent)
        self._manager.start_kernel(cwd=folder, env=environ, stderr=self._log)
        self._client: BlockingKernelClient = self._manager.blocking_client()
        self._client.start_channels()

    def __enter__(self) -> Self:
        try:
            self._client.wait_for_ready(timeout=_READY_S)
        except RuntimeError:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()
        self._log.close()

    @property
    def pid(self) -> int:
        provisioner: Any = self._manager.provisioner
        return int(provisioner.pid)

    def kill(self) -> None:
        """Kill the kernel's process with a signal that it can neither catch nor delay."""
        os.kill(self.pid, signal.SIGKILL)

    def run(self, code: str) -> Shown:
        """Run a cell until it ends, or until the kernel's process does."""
        shown, request = Shown(), self._client.execute(code)
        while not shown.died:
            try:
                message = self._client.get_iopub_msg(timeout=_LOOK_EVERY_S)
            except queue.Empty:
                shown.died = not self._manager.is_alive()
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            if _take(message["msg_type"], message["content"], shown):
                break
        return shown


def _take(kind: str, content: dict[str, Any], shown: Shown) -> bool:
    """Take one message of the cell in; True once the cell has ended."""
    if kind == "stream":
        lines = shown.printed if content["name"] == "stdout" else shown.notices
        lines += content["text"].splitlines()
    elif kind == "error":
        shown.error = f"{content['ename']}: {content['evalue']}"
    return kind == "status" and content["execution_state"] == "idle"
