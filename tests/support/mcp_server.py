"""A server of the model context protocol with one tool, whose uses are kept outside.

A use says which operation of a run it is an attempt of: the server runs in the process that asks.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from playbooks_ipython.agents import attempt, idempotency_key
from playbooks_ipython.agents.operations import _current
from tests.support.tools import Pause

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer


class Use(NamedTuple):
    label: str
    operation: str
    attempt: int
    key: str


def make() -> MCPServer:
    """Return a server with the tool `use`, which gives back what it is given."""
    from mcp.server.mcpserver import MCPServer  # tests without it can import the rest

    server = MCPServer("test")

    @server.tool()
    async def use(label: str, pauses: int = 1) -> str:
        operation = _current.get()
        noted = Use(label, operation.id if operation else "", attempt(), idempotency_key())
        with _kept(Path(os.environ["OUTSIDE"]).parent).open("a") as kept:
            kept.write(json.dumps(noted) + "\n")
        for _ in range(pauses):
            await Pause()
        return label

    return server


def uses(folder: Path) -> list[Use]:
    """How the tool was used by the processes of a folder, in order."""
    lines = _kept(folder).read_text().splitlines() if _kept(folder).exists() else []
    return [Use(*json.loads(line)) for line in lines]


def _kept(folder: Path) -> Path:
    return folder / "uses.txt"
