"""JupyterLab as a user has it: a server process, notebooks on disk, kernels of its own."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.request
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError

START_S = 60.0
STOP_S = 30.0

NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}


class World:
    """The folders that a server and its kernels use."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.notebooks = root / "notebooks"
        self.notebooks.mkdir()
        settings = root / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(NO_NEWS))

    def folders(self) -> dict[str, str]:
        """Return the variables that make Jupyter find these folders and no others."""
        folders = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        return {name: str(self.root / folder) for name, folder in folders.items()}

    def add_kernel_elsewhere(self) -> str:
        """Make an environment of its own for a kernel, and return the kernel's name.

        It sees the packages of this one, and shares nothing with the server but Jupyter's folders.
        """
        home = self.root / "elsewhere"
        venv.create(home, with_pip=False)
        (site,) = home.glob("lib/python*/site-packages")
        (site / "packages.pth").write_text("\n".join(path for path in sys.path if path))
        spec = self.root / "data" / "kernels" / "elsewhere"
        spec.mkdir(parents=True)
        command = [str(home / "bin" / "python"), "-m", "ipykernel_launcher"]
        kernel = {
            "argv": [*command, "-f", "{connection_file}"],
            "display_name": "Elsewhere",
            "language": "python",
        }
        (spec / "kernel.json").write_text(json.dumps(kernel))
        return "elsewhere"

    def write_notebook(self, name: str, cells: Sequence[str], kernel: str = "python3") -> Path:
        """Write a notebook of code cells with ids cell-0, cell-1, ..."""
        path = self.notebooks / name
        notebook = {
            "cells": [_code_cell(f"cell-{i}", source) for i, source in enumerate(cells)],
            "metadata": {
                "kernelspec": {"display_name": kernel, "language": "python", "name": kernel}
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path.write_text(json.dumps(notebook))
        return path


def _code_cell(cell_id: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": {},
        "outputs": [],
        "source": source,
    }


class Lab:
    """One JupyterLab server, which can be stopped and started again at the same address."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.token = secrets.token_hex(16)
        self.port = _free_port()
        self._log = world.root / "lab.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, notebook: str, app: str = "lab/tree") -> str:
        return f"{self.address}/{app}/{notebook}?token={self.token}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={self.token}", "--LabApp.expose_app_in_browser=True"),
            f"--ServerApp.root_dir={self.world.notebooks}",
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=os.environ | self.world.folders(),
                cwd=self.world.root,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._answers, START_S, lambda: f"no server: {self._log.read_text()[-3000:]}")

    def stop(self) -> None:
        """Stop the server as Ctrl+C does; its kernels end with it."""
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOP_S)
        self._process = None

    def get(self, path: str) -> Any:
        """Return what the server answers to an authenticated GET, as JSON."""
        request = urllib.request.Request(
            f"{self.address}/{path}", headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def kernel_pid(self, notebook: str) -> int:
        """Return the process id of the notebook's kernel."""
        for session in self.get("api/sessions"):
            if session["path"] == notebook:
                return _pid_of_kernel(session["kernel"]["id"])
        raise LookupError(f"{notebook} has no session")

    def kill_kernel(self, notebook: str) -> int:
        """Kill the kernel's process with SIGKILL and return its id."""
        pid = self.kernel_pid(notebook)
        os.kill(pid, signal.SIGKILL)
        return pid

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the server ended: {self._log.read_text()[-3000:]}")
        try:
            self.get("api/status")
        except (URLError, ConnectionError, TimeoutError):
            return False
        return True


def wait_until(holds: Callable[[], bool], limit_s: float, otherwise: Callable[[], str]) -> None:
    """Ask again and again until it holds; fail with a sentence after `limit_s`."""
    end = monotonic() + limit_s
    while not holds():
        assert monotonic() < end, otherwise()
        sleep(0.05)


def is_alive(pid: int) -> bool:
    """Tell whether the process runs; one that only waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _pid_of_kernel(kernel_id: str) -> int:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:  # it ended meanwhile
                continue
            if f"kernel-{kernel_id}.json" in command:
                return int(entry.name)
    raise LookupError(f"no process runs kernel {kernel_id}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
