"""Collected only where Pyodide has been installed: `make pyodide`."""

import os

collect_ignore = [] if "PLAYBOOKS_PYODIDE" in os.environ else ["test_pyodide.py"]
