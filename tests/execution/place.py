"""A folder that one program is run in, stopped, and gone on with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playbooks_ipython.agents import attempt, idempotency_key
from playbooks_ipython.checkpoints import FilesystemCheckpointProvider, parse_reference
from playbooks_ipython.execution.host import PlainHost
from playbooks_ipython.execution.runs import Cell, Runs
from playbooks_ipython.settings import Settings
from tests.support import outside


class Place:
    """A folder in which one program is run and gone on with, each time in a new namespace.

    `given` is in each of them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.provider = FilesystemCheckpointProvider(folder / ".checkpoints")
        self.namespace: dict[str, Any] = {}
        self.given: dict[str, Any] = {}

    def runs(self, **settings: Any) -> Runs:
        self.namespace = {"__name__": "__main__", "__builtins__": __builtins__}
        self.namespace |= {"effect": outside.effect, "tool": outside.tool}
        self.namespace |= {"attempt": attempt, "idempotency_key": idempotency_key, **self.given}
        return Runs(self.namespace, PlainHost(), self.provider, Settings(**settings))

    def run(self, text: str, policy: str = "ask", **settings: Any) -> None:
        asyncio.run(self.runs(**settings).run_cell(Cell(text, "program", policy)))

    def resume(self, reference: str = "program", **settings: Any) -> None:
        asyncio.run(self.runs(**settings).resume(parse_reference(reference)))

    @property
    def effects(self) -> list[str]:
        path = self.folder / "outside.txt"
        return path.read_text().splitlines() if path.exists() else []


def failing(run: Callable[[], None]) -> None:
    with pytest.raises((ValueError, RuntimeError)):
        run()
