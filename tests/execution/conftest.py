"""A place for each test: its own folder, and nothing of the user's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.execution.place import Place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("OUTSIDE", str(tmp_path / "outside.txt"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return Place(tmp_path)
