"""A program run in processes of its own, killed with SIGKILL at a mark, gone on with in another.

`python killed.py FOLDER run|resume|edited [KIND COUNT]` is one process: it runs `FOLDER/cell.py`,
or goes on with it (as it was stored, or as the file is now), and kills itself right after its
COUNT-th record of KIND. At its end it writes what its namespace holds. `plain` is the oracle:
CPython runs the program, and nothing of ours.
"""

from __future__ import annotations

import ast
import asyncio
import faulthandler
import json
import os
import sys
import zlib
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider, parse_reference
from playbooks_ipython.execution import children
from playbooks_ipython.execution.host import PlainHost
from playbooks_ipython.execution.runs import Cell, Runs
from playbooks_ipython.settings import Settings
from tests.support import killing, outside, tools
from tests.support.describing import shape

NAME = "program"
PATIENCE_S = 60
GIVEN = {"effect": outside.effect, "tool": outside.tool, **tools.TOOLS}


def main(folder: Path, verb: str, *kill: str) -> None:
    faulthandler.dump_traceback_later(PATIENCE_S, exit=True)
    os.environ["OUTSIDE"] = str(folder / "outside.txt")
    os.environ["JUPYTER_DATA_DIR"] = str(folder / "data")
    # Some store each task apart, however few there are, and go on from those that did not.
    children.FEWEST_APART = (1, 8)[zlib.crc32(repr((folder.name, verb, kill)).encode()) % 2]
    if kill:
        killing.kill_after(kill[0], int(kill[1]))
    namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__, **GIVEN}
    text, error = (folder / "cell.py").read_text(encoding="utf-8"), None
    runs = Runs(namespace, PlainHost(), _provider(folder), Settings())
    try:
        if verb == "plain":
            asyncio.run(run_plain(text, namespace))
        elif verb == "run":
            asyncio.run(_settled(runs, runs.run_cell(Cell(text, NAME))))
        elif verb == "edited":
            asyncio.run(_settled(runs, runs.run_cell(Cell(text, NAME, "resume"))))
        else:
            asyncio.run(_settled(runs, runs.resume(parse_reference(NAME))))
    except BaseException as raised:  # noqa: BLE001 - the program's own, told to the test
        error = f"{type(raised).__name__}: {raised}"
    end = {"error": error, "namespace": shape(namespace, frozenset(GIVEN))}
    (folder / "end.json").write_text(json.dumps(end))


async def _settled(runs: Runs, going: Awaitable[Any]) -> None:
    """Wait for the tasks, too, that go on when the cell has ended."""
    await going
    await runs.settle()


def _provider(folder: Path) -> FilesystemCheckpointProvider:
    return FilesystemCheckpointProvider(folder / ".checkpoints")


async def run_plain(text: str, namespace: dict[str, Any]) -> None:
    """Run a cell as CPython does."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    made = eval(compile(text, "<cell>", "exec", flags, dont_inherit=True), namespace)
    if made is not None:
        await made
    while left := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(left)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
