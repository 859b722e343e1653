"""Durable cells for IPython and Jupyter: kill the kernel, continue after the last completed await.

`%load_ext playbooks_ipython`, then begin a cell with `%%playbook`. Everything here is looked up
when it is first used: the panel's server imports this package without IPython or a pickler.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playbooks_ipython.agents import (
        Say,
        Step,
        attempt,
        checkpoint,
        idempotency_key,
        playbook,
    )
    from playbooks_ipython.kernel import (
        delete,
        fork,
        load_ipython_extension,
        pin,
        restore,
        resume,
        unload_ipython_extension,
    )

__all__ = [
    "Say",
    "Step",
    "attempt",
    "checkpoint",
    "delete",
    "fork",
    "idempotency_key",
    "load_ipython_extension",
    "pin",
    "playbook",
    "restore",
    "resume",
    "unload_ipython_extension",
]

_WHERE = {
    "Say": "agents",
    "Step": "agents",
    "attempt": "agents",
    "checkpoint": "agents",
    "delete": "kernel",
    "fork": "kernel",
    "idempotency_key": "agents",
    "load_ipython_extension": "kernel",
    "pin": "kernel",
    "playbook": "agents",
    "restore": "kernel",
    "resume": "kernel",
    "unload_ipython_extension": "kernel",
    "_jupyter_labextension_paths": "server",
    "_jupyter_server_extension_points": "server",
    "_load_jupyter_server_extension": "server",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted((*globals(), *__all__))
