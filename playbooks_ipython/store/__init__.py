"""Store: the bytes and records of runs, kept so that no kill leaves a run in between."""

from playbooks_ipython.store.filesystem import FilesystemStore
from playbooks_ipython.store.framing import blob_name
from playbooks_ipython.store.labels import check_name
from playbooks_ipython.store.owner import describe_owner, this_owner
from playbooks_ipython.store.protocol import Claim, RunReader, RunWriter, Sealer, Store

__all__ = [
    "Claim",
    "FilesystemStore",
    "RunReader",
    "RunWriter",
    "Sealer",
    "Store",
    "blob_name",
    "check_name",
    "describe_owner",
    "this_owner",
]
