"""Modules: which ones a run goes into, and whether they read today as they did then."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from playbooks_ipython.execution.twins import give_twins

MODULES = "modules"
"""The key under which a graph holds the globs and the texts of the modules gone into."""


class ChosenModules:
    """The modules of one run that globs name, also those that it imports while it runs."""

    def __init__(self, namespace: dict[str, Any], globs: Iterable[str]) -> None:
        self._namespace, self._globs = namespace, tuple(globs)
        self._seen, self._is_with_anyio = 0, False
        self._texts: dict[str, str] = {}

    @property
    def kept(self) -> dict[str, Any]:
        """What a checkpoint keeps: the globs, and the SHA-256 of each module's text."""
        return {"globs": self._globs, "texts": self._texts}

    def go_into(self, program: str) -> None:
        """Give twins to what was defined or imported since the last time. Cheap if nothing was.

        What of anyio waits only where the program names it: many a library imports it.
        """
        with_anyio = self._is_with_anyio or _names_anyio(program, self._namespace)
        if len(sys.modules) != self._seen or with_anyio != self._is_with_anyio:
            self._is_with_anyio = with_anyio
            give_twins(self._namespace, self._globs, with_anyio=with_anyio)
            self._seen = len(sys.modules)
            self._texts = {name: _digest(path) for name, path in self._files()}

    def go_on(self, kept: Mapping[str, Any], say: Callable[[str], None]) -> None:
        """Go into what the run went into before; name what has another text by now."""
        self._globs = tuple(dict.fromkeys((*self._globs, *kept["globs"])))
        files = dict(self._files())
        for name, text in kept["texts"].items():
            if name in files and _digest(files[name]) != text:
                say(
                    f"{name} has changed since: functions of it that were running go on as they "
                    "were written; those called from now on are new"
                )

    def _files(self) -> Iterable[tuple[str, Path]]:
        for name, module in sorted(sys.modules.items()):
            path = getattr(module, "__file__", None)
            if path and any(fnmatch(name, glob) for glob in self._globs):
                yield name, Path(path)


def _names_anyio(program: str, namespace: Mapping[str, Any]) -> bool:
    if "anyio" in program:
        return True
    held = (one for one in list(namespace.values()) if type(one) in (ModuleType, FunctionType))
    names = (getattr(one, "__module__", None) or one.__name__ for one in held)
    return any(name.partition(".")[0] == "anyio" for name in names)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
