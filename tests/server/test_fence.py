"""The server cannot unpickle, by construction."""

from __future__ import annotations

import subprocess
import sys

PROBE = """
import sys
before = set(sys.modules)
import playbooks_ipython.server
import jupyter_server.base.handlers
foreign = set(sys.modules)
sys.modules.pop("pickle", None)
import playbooks_ipython.server.handlers
ours = {name for name in sys.modules if name.startswith("playbooks_ipython")}
print("pickle" in sys.modules, "dill" in sys.modules)
print(*sorted(ours))
"""

ALLOWED = ("server", "store", "settings", "records", "errors")


def probe() -> list[str]:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_server_imports_nothing_that_unpickles() -> None:
    """Loading the extension imports neither pickle nor dill on our behalf."""
    assert probe()[0] == "False False"


def test_server_imports_only_its_neighbours() -> None:
    """Of ours, the extension imports store, settings, records and errors alone."""
    parts = {name.split(".")[1] for name in probe()[1].split() if "." in name}
    assert parts <= set(ALLOWED)
