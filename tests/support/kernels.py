"""Kernels: real ones, in folders of their own, that can be run, killed and replaced."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parents[2]
_WAIT_S = 60


@dataclass
class Outcome:
    """What came of one cell. `died` says that the kernel's process ended meanwhile."""

    stdout: str = ""
    stderr: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    value: str | None = None
    error: tuple[str, str] | None = None
    traceback: str = ""
    died: bool = False


class Kernel:
    """One kernel in `folder`, as Jupyter starts it. `wait` False: `wait()` before it is used."""

    def __init__(self, folder: Path, *, wait: bool = True, **environ: str) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder), env=kernel_environ(folder) | environ)
        self.client: BlockingKernelClient = self.manager.blocking_client()
        # No heartbeat: its thread takes a second to stop.
        self.client.start_channels(hb=False)
        if wait:
            self.wait()

    def wait(self) -> None:
        """Return when the kernel answers."""
        self.client.wait_for_ready(timeout=_WAIT_S)

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)

    def run(self, code: str, cell_id: str | None = None) -> Outcome:
        """Run a cell and collect what it shows, until it ends or its kernel does."""
        return self.collect(self.start(code, cell_id))

    def start(self, code: str, cell_id: str | None = None) -> str:
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            # The kernel would drop a request that comes right after one that failed.
            "stop_on_error": False,
        }
        about = {"cellId": cell_id} if cell_id else None
        message = self.client.session.msg("execute_request", content, metadata=about)
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def collect(self, request: str, timeout_s: float = _WAIT_S) -> Outcome:
        outcome = Outcome()
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            try:
                message = self.client.get_iopub_msg(timeout=0.2)
            except Exception:  # noqa: BLE001 - queue.Empty, or zmq's own once the process is gone
                if not self.manager.is_alive():
                    outcome.died = True
                    return outcome
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            if _note(outcome, message["msg_type"], message["content"]):
                return outcome
        raise AssertionError(f"the cell did not end within {timeout_s} s: {outcome}")

    def until_printed(self, request: str, text: str) -> None:
        """Return once the cell has printed `text`."""
        outcome, done = Outcome(), False
        until = time.monotonic() + _WAIT_S
        while text not in outcome.stdout:
            assert not done and time.monotonic() < until, f"{text!r} was not printed: {outcome}"
            message = self.client.get_iopub_msg(timeout=_WAIT_S)
            if message["parent_header"].get("msg_id") == request:
                done = _note(outcome, message["msg_type"], message["content"])

    def ask(self, request: str, reply: str) -> dict[str, Any]:
        """Return the content of the answer to a request (`complete`, `inspect`) on the shell."""
        until = time.monotonic() + _WAIT_S
        while time.monotonic() < until:
            message = self.client.get_shell_msg(timeout=_WAIT_S)
            if message["parent_header"].get("msg_id") == request and message["msg_type"] == reply:
                content: dict[str, Any] = message["content"]
                return content
        raise AssertionError(f"no {reply}")

    def interrupt(self) -> None:
        os.kill(self.pid, signal.SIGINT)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


def _note(outcome: Outcome, kind: str, content: dict[str, Any]) -> bool:
    """Take one message in; True when the cell is done."""
    if kind == "stream":
        stream = content["name"]
        setattr(outcome, stream, getattr(outcome, stream) + content["text"])
    elif kind == "display_data":
        outcome.displays.append(content["data"])
    elif kind == "execute_result":
        outcome.value = content["data"]["text/plain"]
        outcome.displays.append(content["data"])
    elif kind == "error":
        outcome.error = content["ename"], content["evalue"]
        outcome.traceback = "\n".join(content["traceback"])
    return kind == "status" and content["execution_state"] == "idle"


def kernel_environ(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing of the machine's own Jupyter is seen or touched."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    own = {
        name: str(home / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
    return {
        **os.environ,
        **own,
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "OUTSIDE": str(folder / "outside.txt"),
    }


@contextmanager
def kernel(folder: Path, **environ: str) -> Iterator[Kernel]:
    one = Kernel(folder, **environ)
    try:
        yield one
    finally:
        one.close()


def effects(folder: Path) -> list[str]:
    """Return what happened outside, in order."""
    path = folder / "outside.txt"
    return path.read_text().splitlines() if path.exists() else []
