"""Owners: which process holds a claim, and whether it still lives. Decides nothing about claims.

No lock files: a worker forked by a dead kernel kept its flock after kill -9, and the run could
not be continued. A process is told apart by pid, start time, boot id and pid namespace instead.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from playbooks_ipython.records import Owner

# Field 22 of /proc/<pid>/stat, counted behind the command's name, which may hold anything.
_STATE, _START = 0, 19


def this_owner() -> Owner:
    """Return what tells this process apart from every other that ever ran."""
    return owner_of(os.getpid())


def owner_of(pid: int) -> Owner:
    """Return what tells the live process `pid` of this host apart.

    Raises ProcessLookupError where there is none.
    """
    started = _start_of(pid)
    if started is None:
        raise ProcessLookupError(pid)
    boot_id, pid_namespace = _machine()
    return Owner(socket.gethostname(), pid, started, boot_id, pid_namespace)


def is_alive(owner: Owner) -> bool | None:
    """Tell whether that process lives; None where this host cannot know.

    Another boot id may be this machine before a reboot or another machine of the same name, and a
    pid of another namespace cannot be looked up: both are left to the heartbeat.
    """
    boot_id, pid_namespace = _machine()
    here = (socket.gethostname(), boot_id, pid_namespace)
    if (owner.host, owner.boot_id, owner.pid_namespace) != here or owner.pid <= 0:
        return None
    started = _start_of(owner.pid)
    if started is None:
        return False if _is_gone(owner.pid) else None
    return started == owner.started


def describe_owner(owner: Owner) -> str:
    """Name an owner for a person."""
    return f"kernel {owner.pid} on {owner.host}"


def _machine() -> tuple[str, str]:
    """Return boot id and pid namespace; both empty where the system has no such things."""
    if sys.platform != "linux":
        return "", ""
    try:
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return boot_id, os.readlink("/proc/self/ns/pid")  # noqa: PTH115 (not a path: "pid:[N]")
    except OSError:  # a sandbox that hides /proc: host, pid and start time still tell apart
        return "", ""


def _start_of(pid: int) -> str | None:
    """Return when the process started, in the system's own unit; None if it has ended."""
    if sys.platform != "linux":
        return _psutil_start_of(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    # A zombie holds a pid and nothing else: kill -9 leaves one until the parent looks.
    return None if fields[_STATE] in "ZX" else fields[_START]


def _psutil_start_of(pid: int) -> str | None:
    import psutil  # type: ignore[import-untyped]  # ships no types; only where there is no /proc

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return repr(process.create_time())
    except psutil.Error:
        return None


def _is_gone(pid: int) -> bool:
    """Ask the kernel itself: /proc may be mounted so that others' processes do not show."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _start_of(pid) is None  # it exists: a zombie, or one that started just now
