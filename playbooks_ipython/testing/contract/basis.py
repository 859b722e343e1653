"""Basis: what every part of the contract is given."""

from __future__ import annotations

import pytest

from playbooks_ipython.records import Json
from playbooks_ipython.store.owner import this_owner
from playbooks_ipython.store.protocol import RunReader, RunWriter, Store
from playbooks_ipython.testing.samples import (
    SEALER,
    sample_header,
)


def kept(reader: RunReader, kind: str) -> list[Json]:
    """Return the numbers of the records of one kind."""
    return [r.fields.get("n") for r in reader.records(SEALER) if r.kind == kind]


class StoreBasis:
    """A subclass gives the fixture `store`: a store without runs."""

    @pytest.fixture
    def store(self) -> Store:
        pytest.fail("a subclass gives the store")

    @pytest.fixture
    def writer(self, store: Store) -> RunWriter:
        """A new run, claimed by this process."""
        return store.create(sample_header(), this_owner(), SEALER)
