"""Layers: imports point down only, and each library is known in one place only.

Imports are read from the syntax trees, also those inside functions and under `if TYPE_CHECKING`:
what may be known does not depend on when it is learnt.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "playbooks_ipython"

# Top first. A part knows what stands on lines below its own; parts of one line do not know each
# other. `config` is the settings of the current folder; `extensions` names the providers that
# execution uses and checkpoints makes; `testing` is what authors of stores start from.
LINES = (
    ("kernel", "server", "cli"),
    ("execution",),
    ("extensions",),
    ("checkpoints", "testing"),
    ("agents", "continuation", "snapshot", "store"),
    ("source", "trust"),
    ("config",),
    ("settings",),
    ("records",),
    ("errors",),
)
HEIGHT = {part: -line for line, parts in enumerate(LINES) for part in parts}

# Narrower than the lines: what these parts may know of ours.
ONLY = {
    # Cannot unpickle by construction.
    "server": {"store", "settings", "records", "errors"},
    "testing": {"store", "trust", "settings", "records", "errors"},
}

# Libraries and the files that may know them, relative to the package.
FENCES = {
    "IPython": ("kernel/*",),
    "ipykernel": ("kernel/*",),
    "comm": ("kernel/*",),
    "traitlets": ("kernel/*", "server/*"),
    "jupyter_server": ("server/*",),
    "tornado": ("server/*",),
    "dill": ("snapshot/*",),
    "cloudpickle": (),
    "sqlite3": ("store/sqlite.py",),
    "psycopg": ("store/postgresql.py",),
    "redis": ("store/redis.py",),
}
ONE_FILE = ("dill",)
# `server` reads what others wrote.
UNPICKLERS = ("pickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib")


@dataclass(frozen=True)
class Import:
    """`module` is what is imported, absolute, with the name taken from it where that is a part."""

    file: str
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"

    @property
    def library(self) -> str:
        return self.module.partition(".")[0]

    @property
    def target(self) -> str | None:
        """The part of ours that is imported, None for a library, "" for the package itself."""
        library, _, rest = self.module.partition(".")
        return rest.partition(".")[0] if library == PACKAGE else None

    @property
    def part(self) -> str:
        """The part that the importing file belongs to, "" for the package's own __init__."""
        first = self.file.partition("/")[0]
        return "" if first == "__init__.py" else first.removesuffix(".py")


def imports_of(text: str, file: str) -> Iterator[Import]:
    """Read all imports of one file whose path is relative to the package."""
    folder = [PACKAGE, *file.split("/")[:-1]]
    for node in ast.walk(ast.parse(text, file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                renamed = ".*" if alias.name == PACKAGE and alias.asname else ""
                yield Import(file, node.lineno, alias.name + renamed)
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                # Of the package itself every name may be a part: `from .. import store`.
                yield Import(
                    file, node.lineno, f"{module}.{alias.name}" if module == PACKAGE else module
                )
        elif module := _imported_by_call(node):
            yield Import(file, node.lineno, module)
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == PACKAGE:
            # The package looks its names up in its parts, those above included.
            yield Import(file, node.lineno, f"{PACKAGE}.{node.attr}")


def _imported_by_call(node: ast.AST) -> str:
    """`import_module("x")` and `__import__("x")` hide nothing."""
    if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
        return ""
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    return str(node.args[0].value) if name in ("import_module", "__import__") else ""


def all_imports() -> list[Import]:
    package = ROOT / PACKAGE
    files = [path for path in package.rglob("*.py") if "node_modules" not in path.parts]
    return [
        each
        for path in sorted(files)
        for each in imports_of(path.read_text("utf-8"), path.relative_to(package).as_posix())
    ]


def points_down(each: Import) -> bool:
    """Tell whether an import between parts goes to a lower line, and none that is kept narrower."""
    part, target = each.part, each.target
    if not part or not target or part == target:
        return True  # the package's own __init__ is lazy instead, see below
    if part in ONLY:
        return target in ONLY[part]
    return target in HEIGHT and HEIGHT[target] < HEIGHT[part]


def within_fence(each: Import) -> bool:
    """Tell whether the file may know the library."""
    allowed = FENCES.get(each.library)
    return allowed is None or any(fnmatch(each.file, pattern) for pattern in allowed)


def test_every_part_has_its_place():
    """A new folder or file is put on a line before anything may import it."""
    parts = {
        path.stem
        for path in (ROOT / PACKAGE).iterdir()
        if (path.suffix == ".py" and path.stem not in ("__init__", "__main__"))
        or (path / "__init__.py").is_file()
    }
    assert parts <= HEIGHT.keys()


def test_imports_point_down():
    """No part knows a part above it or beside it."""
    assert [str(each) for each in all_imports() if not points_down(each)] == []


def test_libraries_stay_behind_their_fences():
    """IPython in kernel, dill in snapshot, each database in its own file."""
    assert [str(each) for each in all_imports() if not within_fence(each)] == []


@pytest.mark.parametrize("library", ONE_FILE)
def test_one_file_knows(library):
    """Replacing it means changing that file."""
    assert len({each.file for each in all_imports() if each.library == library}) <= 1


def test_the_server_cannot_unpickle():
    """Not even by importing what could."""
    server = [each for each in all_imports() if each.part == "server"]
    assert [str(each) for each in server if each.library in UNPICKLERS] == []


def test_the_server_loads_no_part_that_it_may_not_know():
    """What its imports import counts too: tried with all its modules, in a process of its own."""
    pytest.importorskip("jupyter_server")
    loaded = _loaded_by(
        "import importlib, pkgutil; from playbooks_ipython import server\n"
        "for module in pkgutil.iter_modules(server.__path__, server.__name__ + '.'):\n"
        "    importlib.import_module(module.name)"
    )
    assert {name.split(".")[1] for name in loaded} <= ONLY["server"] | {"server"}


def test_the_package_itself_is_lazy():
    """`import playbooks_ipython` loads none of its parts: the server imports it too."""
    assert _loaded_by(f"import {PACKAGE}") == []


def _loaded_by(script: str) -> list[str]:
    """Run a script in a process of its own and return the modules of ours that it loaded."""
    listing = f"\nimport sys; print(*[n for n in sys.modules if n.startswith('{PACKAGE}.')])"
    done = subprocess.run(
        [sys.executable, "-c", script + listing],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("store/a.py", "import playbooks_ipython.execution.run"),
        ("store/a.py", "from playbooks_ipython.snapshot import Encoder"),
        ("store/a.py", "def f():\n    from playbooks_ipython.checkpoints import x"),
        ("store/a.py", "from playbooks_ipython import execution"),
        ("store/a.py", "from ..snapshot import Encoder"),
        ("store/a.py", "from .. import snapshot"),
        ("store/deep/a.py", "from ... import snapshot"),
        ("store/a.py", "if TYPE_CHECKING:\n    from playbooks_ipython.kernel import x"),
        ("store/a.py", "import_module('playbooks_ipython.kernel')"),
        ("store/a.py", "import playbooks_ipython\nplaybooks_ipython.resume"),
        ("store/a.py", "import playbooks_ipython as pb"),
        ("store/a.py", "from playbooks_ipython import resume"),
        ("source/a.py", "from playbooks_ipython.trust import user_key"),
        ("errors.py", "from playbooks_ipython.records import Json"),
        ("records.py", "from playbooks_ipython.settings import Settings"),
        ("cli.py", "from playbooks_ipython.kernel import x"),
        ("server/a.py", "from playbooks_ipython.checkpoints import x"),
        ("server/a.py", "from playbooks_ipython.trust import x"),
        ("server/a.py", "from playbooks_ipython.config import config"),
    ],
)
def test_an_import_upward_or_sideways_is_seen(file, text):
    """In whatever form it is written."""
    assert [each for each in imports_of(text, file) if not points_down(each)]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("execution/a.py", "import IPython"),
        ("checkpoints/a.py", "def f():\n    from IPython.display import display"),
        ("server/a.py", "import ipykernel.comm"),
        ("checkpoints/a.py", "import dill"),
        ("store/filesystem.py", "import sqlite3"),
        ("kernel/a.py", "import tornado.web"),
    ],
)
def test_a_library_beyond_its_fence_is_seen(file, text):
    """In whatever form it is written."""
    assert [each for each in imports_of(text, file) if not within_fence(each)]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("kernel/a.py", "import IPython\nfrom playbooks_ipython.execution import x"),
        ("store/a.py", "from . import protocol\nfrom playbooks_ipython.records import Json"),
        ("server/a.py", "from playbooks_ipython.store import x\nfrom tornado import web"),
        ("execution/a.py", "from playbooks_ipython.extensions.registry import x"),
        ("extensions/registry.py", "from playbooks_ipython.checkpoints import x"),
        ("config.py", "from playbooks_ipython.settings import Settings"),
        ("execution/a.py", "from playbooks_ipython.config import config"),
        ("snapshot/leaves.py", "import dill"),
        ("execution/a.py", "import playbooks_ipython\nvalue is playbooks_ipython"),
    ],
)
def test_what_is_allowed_is_allowed(file, text):
    """The house can be built."""
    assert all(points_down(each) and within_fence(each) for each in imports_of(text, file))
