"""Both stores of the package keep the contract."""

import pytest

from playbooks_ipython.store import FilesystemStore, Store
from playbooks_ipython.testing.contract import StoreContract
from playbooks_ipython.testing.memory import MemoryStore


class TestMemoryStore(StoreContract):
    """The store in memory."""

    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestFilesystemStore(StoreContract):
    """The store on disk."""

    @pytest.fixture
    def store(self, tmp_path) -> Store:
        return FilesystemStore(tmp_path / ".checkpoints")


class TestPowerSafeStore(StoreContract):
    """The store on disk that syncs."""

    @pytest.fixture
    def store(self, tmp_path) -> Store:
        return FilesystemStore(tmp_path / ".checkpoints", sync="power")
