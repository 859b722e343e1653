"""Interpreters: the Pythons of other versions that can run the project, each with its environment.

`make test` makes the environments, by tests/environment.sh. What is absent is not among them.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CHECK = "import sys, dill, xxhash; print('%d.%d.%d' % sys.version_info[:3])"


@cache
def interpreters() -> dict[str, str]:
    """Return the path of one interpreter for each version, by version; this one is the first."""
    own = ".".join(map(str, sys.version_info[:3]))
    found = {own: sys.executable}
    for path in [ROOT / ".venv", *sorted((ROOT / ".venvs").glob("3.*"))]:
        python = path / "bin" / "python"
        if not python.exists():
            continue
        asked = subprocess.run([python, "-c", _CHECK], capture_output=True, text=True, check=False)
        version = asked.stdout.strip()
        if asked.returncode == 0 and version.rpartition(".")[0] not in _minors(found):
            found[version] = str(python)
    return found


def _minors(found: dict[str, str]) -> set[str]:
    return {version.rpartition(".")[0] for version in found}
