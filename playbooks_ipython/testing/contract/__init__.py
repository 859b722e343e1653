"""The contract of a store, as tests. Every store passes them; a new one starts with them.

class TestMyStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        return MyStore(tmp_path / "runs")
"""

from __future__ import annotations

from playbooks_ipython.testing.contract.claims import ClaimContract
from playbooks_ipython.testing.contract.keeping import KeepingContract
from playbooks_ipython.testing.contract.labels import BAD_LABELS, LabelContract
from playbooks_ipython.testing.contract.records import RecordContract

__all__ = ["BAD_LABELS", "StoreContract"]


class StoreContract(LabelContract, RecordContract, ClaimContract, KeepingContract):
    """What every store promises. A subclass gives the fixture `store`: a store without runs."""
