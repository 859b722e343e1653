"""Modules: which ones a run goes into, and whether they read today as they did then."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from playbooks_ipython.execution.twins import give_twins

MODULES = "modules"
"""The key under which a graph holds the globs and the texts of the modules gone into."""


class ChosenModules:
    """The modules of one run that globs name, also those that it imports while it runs."""

    def __init__(self, namespace: dict[str, Any], globs: Iterable[str]) -> None:
        self._namespace, self._globs = namespace, tuple(globs)
        self._seen = 0
        self._texts: dict[str, str] = {}

    @property
    def kept(self) -> dict[str, Any]:
        """What a checkpoint keeps: the globs, and the SHA-256 of each module's text."""
        return {"globs": self._globs, "texts": self._texts}

    def go_into(self) -> None:
        """Give twins to what was defined or imported since the last time. Cheap if nothing was."""
        if len(sys.modules) != self._seen:
            self._seen = len(sys.modules)
            give_twins(self._namespace, self._globs)
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


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
