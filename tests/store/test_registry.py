"""The server learns of stores from what kernels recorded, and from nothing else."""

import json
import stat
from pathlib import Path

import pytest

from playbooks_ipython.store.registry import RecordedStore, record_store, recorded_stores


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch) -> Path:
    """A Jupyter data folder of the test's own."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data/playbooks_ipython/stores"


@pytest.fixture
def root(tmp_path) -> Path:
    """A store's directory."""
    (tmp_path / ".checkpoints").mkdir()
    return tmp_path / ".checkpoints"


def test_nothing_recorded_is_an_empty_list(data_folder):
    """Looking makes no folder."""
    assert recorded_stores() == []
    assert not data_folder.exists()


def test_recorded_store_is_listed_once_for_each_notebook(root, data_folder):
    """The same store and notebook again adds nothing; another notebook does."""
    for notebook in ("a.ipynb", "a.ipynb", "b.ipynb", None):
        record_store(root, notebook)
    assert recorded_stores() == [RecordedStore(root, n) for n in (None, "a.ipynb", "b.ipynb")]
    assert len(list(data_folder.iterdir())) == 3


def test_only_the_user_can_read_the_registry(root, data_folder):
    """Paths are the user's business."""
    record_store(root, "a.ipynb")
    assert stat.S_IMODE(data_folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(p.stat().st_mode) for p in data_folder.iterdir()] == [0o600]


def test_vanished_store_is_left_out(root):
    """A store that was deleted is not listed, and is again when it is back."""
    record_store(root, "a.ipynb")
    root.rmdir()
    assert recorded_stores() == []
    root.mkdir()
    assert len(recorded_stores()) == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"path": 1, "notebook": null}', '{"path": "/"}']
)
def test_unreadable_entry_hides_no_other(root, data_folder, text):
    """What another version, or somebody, put there is passed over."""
    record_store(root, "a.ipynb")
    (data_folder / ("0" * 32 + ".json")).write_text(text)
    assert recorded_stores() == [RecordedStore(root, "a.ipynb")]


def test_entry_is_whole_or_absent(root, data_folder):
    """An entry is readable JSON under its name; a draft left by a kill is not an entry."""
    record_store(root, "a.ipynb")
    (data_folder / ".left.json-1").write_text("{")
    (entry,) = data_folder.glob("[0-9a-f]*.json")
    assert json.loads(entry.read_text()) == {"notebook": "a.ipynb", "path": str(root)}
    assert len(recorded_stores()) == 1
