"""Bridge: a provider of whole checkpoints, used as the log that a journal writes to.

What it is handed is a graph's bytes; what the provider is handed are values: they are built from
those bytes, so that nothing the user's code changes later can change a checkpoint already saved.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Coroutine, Mapping
from typing import Any, TypeVar

from playbooks_ipython.checkpoints.graph import read_graph
from playbooks_ipython.checkpoints.loading import load_values
from playbooks_ipython.checkpoints.reference import split_checkpoint_id
from playbooks_ipython.checkpoints.whole import make_whole, read_file, write_file
from playbooks_ipython.errors import StoreFull
from playbooks_ipython.records import Json, Record
from playbooks_ipython.store.protocol import Bytes
from playbooks_ipython.trust import KeySealer, user_key

T = TypeVar("T")
SNAPSHOT_KEY = "snapshot"
"""In a whole checkpoint's metadata: its sealed bytes, from which a run goes on exactly."""


class ProviderWriter:
    """A RunWriter over a provider. Only completed awaits are kept: whole checkpoints know no issue.

    The provider's methods are coroutines and a commit is a call, so they run on a loop of their
    own, in a thread, while the run waits for them.
    """

    epoch = 1

    def __init__(self, provider: Any, name: str) -> None:
        self._provider, self._name = provider, name
        self._loop = _LoopThread()
        self._blobs: dict[str, bytes] = {}
        ids = self._loop.run(provider.list_checkpoints(name))
        self.newest = split_checkpoint_id(ids[-1])[1] if ids else 0

    @property
    def name(self) -> str:
        return self._name

    def append(
        self,
        kind: str,
        fields: Mapping[str, Json],
        blobs: Mapping[str, Bytes] | None = None,
        *,
        needs: Collection[str] | None = None,  # noqa: ARG002 # a whole checkpoint needs nothing else
    ) -> int:
        self._blobs |= {key: bytes(data) for key, data in (blobs or {}).items()}
        if kind == "done":
            self._save(Record(0, 1, kind, fields))
        return sum(len(memoryview(data)) for data in (blobs or {}).values())

    def check_claim(self) -> None:
        """A provider of whole checkpoints knows no claims."""

    def keep_only(self, checkpoints: frozenset[int]) -> None:
        count = len(checkpoints)
        self._loop.run(self._provider.cleanup_old_checkpoints(self._name, count))

    def close(self) -> None:
        self._loop.close()

    def _save(self, record: Record) -> None:
        graph = read_graph(str(record.fields["graph"]), self._blobs.__getitem__)
        source = self._blobs[str(record.fields["source"])].decode()
        decoded = load_values(graph, record)
        whole = make_whole(self._name, record, decoded.variables, decoded.extra, source)
        sealer = KeySealer(user_key(), self._name)
        sealed = write_file(self._name, self._name, record, graph, source, sealer)
        saving = self._provider.save_checkpoint(
            checkpoint_id=whole["checkpoint_id"],
            execution_state=whole["execution_state"],
            namespace=whole["namespace"],
            metadata=whole["metadata"] | {SNAPSHOT_KEY: sealed},
        )
        try:
            self._loop.run(saving)
        except Exception as error:  # the provider is not ours: whatever it raises, the run goes on
            raise StoreFull(type(self._provider).__name__, str(error)) from error


def open_sealed(name: str, sealed: bytes) -> tuple[Record, Any, str]:
    """Return record, graph and program from a whole checkpoint's sealed bytes, verified."""
    return read_file(sealed, name, KeySealer(user_key(), name))


class _LoopThread:
    """An event loop in a thread, for coroutines that a plain call must wait for."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
