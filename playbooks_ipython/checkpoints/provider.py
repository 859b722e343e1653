"""Providers: the seeds' seam over whole checkpoints, and the built-in one over a byte store.

A subclass of `CheckpointProvider` with only its abstract methods works as a store. The built-in one
has more to give (`LogProvider`): the log itself, where a commit costs what changed.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, Self, runtime_checkable

from playbooks_ipython.checkpoints.frames import ProgramEncoder
from playbooks_ipython.checkpoints.journal import RunJournal
from playbooks_ipython.checkpoints.loading import load_values
from playbooks_ipython.checkpoints.opening import continue_or_create, new_header
from playbooks_ipython.checkpoints.past import Past
from playbooks_ipython.checkpoints.point import Point, Position, Roots
from playbooks_ipython.checkpoints.reading import RunView, read_holding, read_run
from playbooks_ipython.checkpoints.reference import checkpoint_id, split_checkpoint_id
from playbooks_ipython.checkpoints.whole import (
    WholeCheckpoint,
    make_whole,
    peek_file,
    read_file,
    write_file,
)
from playbooks_ipython.errors import RunNotFound
from playbooks_ipython.records import Record
from playbooks_ipython.settings import Settings
from playbooks_ipython.store import FilesystemStore, Store
from playbooks_ipython.store.protocol import RunReader, Sealer
from playbooks_ipython.trust import KeySealer, user_key

_EXPORT_BYTES = 64 * 1024 * 1024


class CheckpointProvider(ABC):
    """Keeps whole checkpoints. An id is `<run>_ckpt_<n>`; one run's ids are listed by number."""

    @abstractmethod
    async def save_checkpoint(
        self,
        checkpoint_id: str,
        execution_state: dict[str, Any],
        namespace: dict[str, Any],
        metadata: dict[str, Any],
    ) -> None:
        """Keep one checkpoint. It must be whole, or absent, whatever happens meanwhile."""

    @abstractmethod
    async def load_checkpoint(self, checkpoint_id: str) -> WholeCheckpoint | None:
        """Return a checkpoint, or None if there is none of that id."""

    @abstractmethod
    async def list_checkpoints(self, execution_id: str) -> list[str]:
        """Return the ids of one run, oldest first, ordered by number."""

    @abstractmethod
    async def delete_checkpoint(self, checkpoint_id: str) -> None:
        """Forget one checkpoint; none of that id is no error."""

    async def cleanup_old_checkpoints(self, execution_id: str, keep_last_n: int) -> int:
        """Delete all but the newest `keep_last_n` and return how many went."""
        ids = await self.list_checkpoints(execution_id)
        old = ids[: max(0, len(ids) - keep_last_n)]
        for one in old:
            await self.delete_checkpoint(one)
        return len(old)


@runtime_checkable
class LogProvider(Protocol):
    """What a provider over a byte store gives beside whole checkpoints."""

    @property
    def store(self) -> Store: ...

    def sealer(self, run_id: str) -> Sealer: ...


class FilesystemCheckpointProvider(CheckpointProvider):
    """Checkpoints in a folder: `<base_path>/<run>/`, one log a run, signed with the user's key."""

    def __init__(
        self,
        base_path: str | Path = ".checkpoints",
        *,
        sync: Literal["process", "power"] = "process",
    ) -> None:
        self.base_path = Path(base_path).absolute()
        self.store: Store = FilesystemStore(self.base_path, sync=sync)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        return cls(settings.storage_path, sync=settings.sync)

    def sealer(self, run_id: str) -> Sealer:
        return KeySealer(user_key(), run_id)

    async def save_checkpoint(
        self,
        checkpoint_id: str,
        execution_state: dict[str, Any],
        namespace: dict[str, Any],
        metadata: dict[str, Any],
    ) -> None:
        """Append one checkpoint to its run's log, and write its file beside it."""
        name, n = split_checkpoint_id(checkpoint_id)
        writer = continue_or_create(self.store, new_header(name), self.sealer)
        with contextlib.closing(
            RunJournal(writer, ProgramEncoder(namespace), completed=n - 1, past=Past.of_another(()))
        ) as journal:
            response, executed = metadata.get("llm_response"), metadata.get("executed_code", "")
            journal.keep_source(response or executed)
            given = {"execution_state": execution_state, "metadata": metadata}
            journal.complete(
                _point(n, metadata), Roots(variables=namespace, extra={"given": given})
            )
        self.write_files(name, (n,))

    async def load_checkpoint(self, checkpoint_id: str) -> WholeCheckpoint | None:
        """Verify, then unpickle, into a namespace of its own.

        Raises UntrustedRun or CorruptLog: then nothing was unpickled.
        """
        name, n = split_checkpoint_id(checkpoint_id)
        try:
            view = self._holding(name, n)
        except RunNotFound:
            return None
        record = view.done.get(n)
        if record is None:
            return None
        decoded = load_values(view.graph_of(record), record)
        source = view.source_of(record)
        return make_whole(name, record, decoded.variables, decoded.extra, source)

    async def list_checkpoints(self, execution_id: str) -> list[str]:
        try:
            view = self.view(execution_id, trusted=False)
        except RunNotFound:
            return []
        return [checkpoint_id(execution_id, n) for n in sorted(view.done)]

    async def delete_checkpoint(self, checkpoint_id: str) -> None:
        name, n = split_checkpoint_id(checkpoint_id)
        try:
            view = self.view(name, trusted=True)
        except RunNotFound:
            return
        if n not in view.done:
            return
        writer = continue_or_create(self.store, view.reader.header, self.sealer)
        with contextlib.closing(writer):
            writer.append("drop", {"n": n})
        self.file_of(name, n).unlink(missing_ok=True)

    async def cleanup_old_checkpoints(self, execution_id: str, keep_last_n: int) -> int:
        """Delete all but the newest `keep_last_n` and those pinned; return how many went."""
        try:
            view = self.view(execution_id, trusted=True)
        except RunNotFound:
            return 0
        numbers = sorted(view.done)
        old = set(numbers[: max(0, len(numbers) - keep_last_n)]) - view.pins
        for n in sorted(old):
            await self.delete_checkpoint(checkpoint_id(execution_id, n))
        return len(old)

    def view(self, name: str, *, trusted: bool) -> RunView:
        """Read a run. `trusted`: only what this user's key vouches for. Raises RunNotFound."""
        reader: RunReader = self.store.read(name)
        return read_run(reader, self.sealer(reader.header.run_id) if trusted else None)

    def _holding(self, name: str, n: int) -> RunView:
        reader = self.store.read(name)
        return read_holding(reader, self.sealer(reader.header.run_id), n)

    def file_of(self, name: str, n: int) -> Path:
        return self.base_path / name / f"{checkpoint_id(name, n)}.pkl"

    def write_files(self, name: str, numbers: Collection[int] | None = None) -> None:
        """Write the files of checkpoints that have none yet; of all that are kept by default.

        Each file is a whole checkpoint, so with large variables the default stops after 64 MiB,
        the newest first; the others are written when they are asked for by number.
        """
        # The one that was just saved is in the newest part of the log.
        one = next(iter(numbers)) if numbers is not None and len(numbers) == 1 else None
        view = self.view(name, trusted=True) if one is None else self._holding(name, one)
        budget = _EXPORT_BYTES
        for n in sorted(view.done if numbers is None else numbers, reverse=True):
            path = self.file_of(name, n)
            if path.exists():
                continue
            if numbers is None and view.size_of(view.done[n]) > budget:
                break
            data = self._file(view, view.done[n])
            budget -= len(data)
            _write_private(path, data)

    def _file(self, view: RunView, record: Record) -> bytes:
        run_id = view.reader.header.run_id
        graph, source = view.graph_of(record), view.source_of(record)
        return write_file(view.name, run_id, record, graph, source, self.sealer(run_id))

    def read_file(self, path: Path) -> WholeCheckpoint:
        """Load one checkpoint from its file alone. Raises CorruptLog."""
        data = path.read_bytes()
        head = peek_file(data, str(path))
        record, graph, source = read_file(data, str(path), self.sealer(head["run_id"]))
        decoded = load_values(graph, record)
        return make_whole(head["name"], record, decoded.variables, decoded.extra, source)


def _point(n: int, metadata: Mapping[str, Any]) -> Point:
    executed = metadata.get("executed_code") or ""
    statement = str(metadata.get("statement", ""))
    return Point(
        position=Position(next=n),
        operation=f"given:{n}",
        index=n - 1,
        line=executed.count("\n") + 1,
        statement=statement,
        executed=len(executed),
    )


def _write_private(path: Path, data: bytes) -> None:
    # A temporary name first: a file of the final name is always whole.
    temporary = path.with_suffix(".tmp")
    temporary.touch(mode=0o600)
    temporary.write_bytes(data)
    temporary.replace(path)
