"""One key per user, made once, kept from others."""

import stat
import threading
from pathlib import Path

import pytest

from playbooks_ipython.errors import TrustError
from playbooks_ipython.testing.faults import fail_with, fault_at
from playbooks_ipython.trust import key_path, user_key


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch) -> Path:
    """A Jupyter data folder of the test's own."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data/playbooks_ipython"


def test_key_is_made_once(data_folder):
    """The first use makes 32 random bytes, every later use gives them."""
    key = user_key()
    assert len(key) == 32
    assert user_key() == key
    assert key_path() == data_folder / "key"
    assert [p.name for p in data_folder.iterdir()] == ["key"]


def test_two_users_have_two_keys(tmp_path, monkeypatch):
    """Another data folder, another key."""
    first = user_key()
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "other"))
    assert user_key() != first


def test_only_the_user_can_read_the_key():
    """Mode 0600, in a folder of mode 0700."""
    user_key()
    assert stat.S_IMODE(key_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(key_path().parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666])
def test_key_that_others_can_read_is_refused(mode):
    """The refusal says what to do, and the key stays."""
    key = user_key()
    key_path().chmod(mode)
    with pytest.raises(TrustError, match=f"chmod 600 {key_path()}"):
        user_key()
    key_path().chmod(0o600)
    assert user_key() == key


@pytest.mark.parametrize("text", [b"", b"x" * 31, b"x" * 33])
def test_file_that_is_no_key_is_refused(text):
    """A cut or foreign file is neither used nor replaced."""
    user_key()
    key_path().write_bytes(text)
    with pytest.raises(TrustError, match="does not hold 32 bytes"):
        user_key()
    assert key_path().read_bytes() == text


def test_kernels_that_make_the_key_at_once_agree():
    """Many first uses at one moment: all get the one key."""
    barrier, keys = threading.Barrier(8), []

    def first_use():
        barrier.wait()
        keys.append(user_key())

    threads = [threading.Thread(target=first_use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert set(keys) == {user_key()}


def test_key_that_cannot_be_kept_is_not_used(data_folder):
    """A full disk while the key is made is a TrustError, and leaves no half of a key."""
    for number in range(3):
        calls = ("open", "fsync", "link")
        with fault_at(number, fail_with(28), calls), pytest.raises(TrustError, match="no key"):
            user_key()
        assert list(data_folder.glob("*")) == []
    assert len(user_key()) == 32
