"""Leaving: functions that are pickled for another process go there as plain code.

Picklers that write code itself are told once, when they are imported: a worker need not have this
package, and what runs there belongs to no run.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType
from typing import Any

from playbooks_ipython.continuation.plain import plain_code

_CLOUDPICKLE = "cloudpickle.cloudpickle"
_CARRIED_BY = ("", "joblib.externals.", "pyspark.", "ray.", "dask.")


def leave_plain() -> None:
    """See to it that functions leave this process as plain code. Once is enough."""
    if any(isinstance(finder, _Watch) for finder in sys.meta_path):
        return
    for name, tell in _PICKLERS.items():
        if name in sys.modules:
            tell(sys.modules[name])
    sys.meta_path.insert(0, _Watch())


def _tell_cloudpickle(module: ModuleType) -> None:
    table = module.CloudPickler._dispatch_table
    reduce = table[CodeType]
    table[CodeType] = lambda code: reduce(plain_code(code))


def _tell_dill(module: ModuleType) -> None:
    table = module.Pickler.dispatch
    save = table[CodeType]
    table[CodeType] = lambda pickler, code: save(pickler, plain_code(code))


_PICKLERS: dict[str, Callable[[ModuleType], None]] = {
    **{f"{carrier}{_CLOUDPICKLE}": _tell_cloudpickle for carrier in _CARRIED_BY},
    "dill._dill": _tell_dill,
}


class _Watch(importlib.abc.MetaPathFinder):
    """Finds nothing itself; of the picklers it changes how their import ends."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del target
        if name not in _PICKLERS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Telling(spec.loader, _PICKLERS[name])
        return spec


class _Telling(importlib.abc.Loader):
    """A loader that tells the module, once it is there, how code leaves."""

    def __init__(self, loader: Any, tell: Callable[[ModuleType], None]) -> None:
        self._loader, self._tell = loader, tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._tell(module)
