"""Server: what JupyterLab's panel reads over REST. It lists runs and never loads a value.

Kernel and server may live in different environments: this side imports store, settings, records
and errors, and nothing that could unpickle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "playbooks_ipython.server"}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Say where the panel is built to, seen from the package that offers this function."""
    return [{"src": "labextension", "dest": "playbooks-ipython"}]


def _load_jupyter_server_extension(server_app: ServerApp) -> None:
    from playbooks_ipython.server.handlers import add_handlers  # needs a server's environment

    add_handlers(server_app.web_app)
    server_app.log.info("playbooks_ipython: playbook checkpoints are listed for the panel")
