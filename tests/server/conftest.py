"""A real Jupyter server with the extension, and a notebook in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from author import Author

# Imported, not named in `pytest_plugins`: that is allowed in the topmost conftest alone, and
# would run the coroutines of everybody's tests.
from pytest_jupyter.jupyter_server import *  # noqa: F403 (fixtures and a hook)


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"playbooks_ipython.server": True}}}


@pytest.fixture
def notebook(jp_root_dir: Path) -> Path:
    path = jp_root_dir / "work" / "demo.ipynb"
    path.parent.mkdir()
    path.write_text('{"cells": [{"id": "c1"}]}')
    return path


@pytest.fixture
def author(notebook: Path, jp_environ: None) -> Author:  # noqa: ARG001 (sets Jupyter's folders)
    return Author(notebook)
