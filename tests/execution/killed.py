"""A program run in processes of its own, killed with SIGKILL at a mark, gone on with in another.

`python killed.py FOLDER run|resume [KIND COUNT]` is one process: it runs `FOLDER/cell.py`, or goes
on with it, and kills itself right after its COUNT-th record of KIND. At its end it writes what its
namespace holds.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider, parse_reference
from playbooks_ipython.execution.host import PlainHost
from playbooks_ipython.execution.runs import Cell, Runs
from playbooks_ipython.settings import Settings
from tests.support import killing, outside

NAME = "program"


def main(folder: Path, verb: str, *kill: str) -> None:
    os.environ["OUTSIDE"] = str(folder / "outside.txt")
    os.environ["JUPYTER_DATA_DIR"] = str(folder / "data")
    if kill:
        killing.kill_after(kill[0], int(kill[1]))
    namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    namespace |= {"effect": outside.effect, "tool": outside.tool}
    provider = FilesystemCheckpointProvider(folder / ".checkpoints")
    runs = Runs(namespace, PlainHost(), provider, Settings())
    error = None
    try:
        if verb == "run":
            asyncio.run(runs.run_cell(Cell((folder / "cell.py").read_text(), NAME)))  # type: ignore[arg-type]
        else:
            asyncio.run(runs.resume(parse_reference(NAME)))  # type: ignore[arg-type]
    except Exception as raised:  # noqa: BLE001 - the program's own, told to the test
        error = f"{type(raised).__name__}: {raised}"
    (folder / "end.json").write_text(json.dumps({"error": error, "namespace": shape(namespace)}))


def shape(namespace: dict[str, Any]) -> Any:
    """Describe a namespace with its aliasing: equal descriptions are equal namespaces."""
    seen: dict[int, int] = {}
    kept: list[Any] = []

    def look(value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | str | bytes):
            return repr(value)
        if id(value) in seen:
            return f"#{seen[id(value)]}"
        seen[id(value)] = len(seen)
        kept.append(value)
        kind = type(value).__name__
        if kind == "StandIn":
            return repr(value)
        if isinstance(value, dict):
            return [kind, [[look(k), look(v)] for k, v in value.items()]]
        if isinstance(value, set | frozenset):
            return [kind, sorted(json.dumps(look(v)) for v in value)]
        if isinstance(value, list | tuple) or kind == "deque":
            return [kind, [look(v) for v in value]]
        return [kind, *_inside(value, look)]

    names = sorted(n for n in namespace if not n.startswith("__") and n not in ("effect", "tool"))
    return {name: look(namespace[name]) for name in names}


def _inside(value: Any, look: Any) -> list[Any]:
    if isinstance(value, FunctionType):
        cells = [look(c.cell_contents) for c in value.__closure__ or () if _is_bound(c)]
        return [value.__qualname__, cells, look(value.__defaults__)]
    if isinstance(value, MethodType):
        return [value.__name__, look(value.__self__)]
    if isinstance(value, ModuleType):
        return [value.__name__]
    if isinstance(value, type) or callable(value):
        return [getattr(value, "__qualname__", "")]
    if isinstance(value, os.PathLike):
        return [os.fspath(value)]
    if hasattr(value, "tolist"):
        return [str(getattr(value, "dtype", "")), value.tolist()]
    if hasattr(value, "to_dict"):
        return [str(value.to_dict())]
    slots = [s for c in type(value).__mro__ for s in getattr(c, "__slots__", ())]
    state = getattr(value, "__dict__", {}) | {s: getattr(value, s) for s in slots}
    return [[name, look(one)] for name, one in sorted(state.items()) if not name.startswith("__")]


def _is_bound(cell: CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
