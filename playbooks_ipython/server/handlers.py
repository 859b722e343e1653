"""Handlers: two authenticated addresses, read in a thread so that no slow disk holds the server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tornado.web
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join

from playbooks_ipython.errors import RunNotFound, StoreError
from playbooks_ipython.server.listing import Listing
from playbooks_ipython.server.wire import WIRE_FORMAT, Refusal

_SEGMENT = "([^/]+)"


class _RunsHandler(APIHandler):
    """GET runs?notebook=PATH: the runs of a notebook, newest first."""

    def initialize(self, listing: Listing) -> None:
        self._listing = listing

    @tornado.web.authenticated
    async def get(self) -> None:
        notebook = self.get_query_argument("notebook", "")
        if not notebook:
            _refuse(self, 400, "say which notebook: runs?notebook=PATH")
            return
        path = _local_path(self.settings, notebook)
        self.finish(dict(await asyncio.to_thread(self._listing.list_runs, path)))


class _RunHandler(APIHandler):
    """GET runs/STORE/NAME: one run with its checkpoints."""

    def initialize(self, listing: Listing) -> None:
        self._listing = listing

    @tornado.web.authenticated
    async def get(self, store: str, name: str) -> None:
        try:
            answer = await asyncio.to_thread(self._listing.read_run, store, name)
        except (RunNotFound, StoreError, OSError) as missing:
            _refuse(self, 404, str(missing))
        else:
            self.finish(dict(answer))


def _refuse(handler: APIHandler, status: int, message: str) -> None:
    handler.set_status(status)
    handler.finish(dict(Refusal(format=WIRE_FORMAT, message=message)))


def _local_path(settings: Mapping[str, Any], notebook: str) -> Path:
    """Return the file that a notebook's path on the server stands for; absolute ones stay.

    Only ever compared with what runs have recorded: the file itself is not what is answered.
    """
    # Contents of a drive other than the default one bear its name: "RTC:work/a.ipynb".
    drive, separator, rest = notebook.partition(":")
    plain = rest if separator and "/" not in drive else notebook
    root = Path(settings.get("server_root_dir", ".")).expanduser()
    return Path(os.path.normpath(root / plain))


def add_handlers(web_app: tornado.web.Application) -> None:
    """Add both addresses to a Jupyter server's application."""
    base = url_path_join(web_app.settings["base_url"], "playbooks-ipython", "runs")
    listing = {"listing": Listing()}
    web_app.add_handlers(
        ".*$",
        [
            (base, _RunsHandler, listing),
            (f"{base}/{_SEGMENT}/{_SEGMENT}", _RunHandler, listing),
        ],
    )
