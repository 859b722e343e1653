"""Manager: everything about the checkpoints of one run, whoever provides the storage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

from playbooks_ipython.checkpoints.bridge import ProviderWriter
from playbooks_ipython.checkpoints.frames import ProgramEncoder
from playbooks_ipython.checkpoints.journal import RunJournal
from playbooks_ipython.checkpoints.opening import (
    claim_run,
    create_run,
    is_ours,
    new_header,
)
from playbooks_ipython.checkpoints.past import Past
from playbooks_ipython.checkpoints.provider import CheckpointProvider, LogProvider
from playbooks_ipython.checkpoints.reading import RunView, read_holding, read_newest, read_run
from playbooks_ipython.checkpoints.reference import checkpoint_id
from playbooks_ipython.checkpoints.whole import WholeCheckpoint
from playbooks_ipython.errors import ClaimHeld, NotResumable, RunNotFound
from playbooks_ipython.records import Json, Record
from playbooks_ipython.store.protocol import RunReader, RunWriter, Sealer

# Runs that this process is in the middle of, by folder and name, for as long as anybody has them.
_open: WeakValueDictionary[tuple[str, str], RunJournal] = WeakValueDictionary()


class CheckpointManager:
    """The checkpoints of one run.

    Args:
        execution_id: the run's name; ids are `<execution_id>_ckpt_<n>`.
        provider: where they are kept.
        notebook, cell_id: where the run belongs, if it is known.
    """

    def __init__(
        self,
        execution_id: str,
        provider: CheckpointProvider,
        *,
        notebook: str | None = None,
        cell_id: str | None = None,
    ) -> None:
        self.execution_id, self.provider = execution_id, provider
        self.notebook, self.cell_id = notebook, cell_id

    async def save_checkpoint(
        self,
        statement: str,
        namespace: dict[str, Any],
        execution_state: dict[str, Any],
        **metadata: Any,
    ) -> str:
        """Save a checkpoint numbered one past the newest, and return its id."""
        n = await self._newest() + 1
        one = checkpoint_id(self.execution_id, n)
        about = {"statement": statement, "counter": n, "execution_id": self.execution_id}
        await self.provider.save_checkpoint(one, execution_state, namespace, about | metadata)
        return one

    async def load_checkpoint(self, checkpoint_id: str) -> WholeCheckpoint | None:
        return await self.provider.load_checkpoint(checkpoint_id)

    async def list_checkpoints(self) -> list[str]:
        return await self.provider.list_checkpoints(self.execution_id)

    async def get_latest_checkpoint(self) -> WholeCheckpoint | None:
        """Return the checkpoint with the highest number, or None if there is none."""
        newest = await self._newest()
        return await self.load_checkpoint(checkpoint_id(self.execution_id, newest))

    async def cleanup(self, keep_last_n: int) -> int:
        return await self.provider.cleanup_old_checkpoints(self.execution_id, keep_last_n)

    async def _newest(self) -> int:
        """Return the number of the newest checkpoint, 0 if there is none."""
        if self.log is None:
            ids = await self.list_checkpoints()
            return int(ids[-1].rpartition("_")[2]) if ids else 0
        try:
            return max(self.newest(trusted=False).done, default=0)
        except RunNotFound:
            return 0

    # What the executor uses: the log where there is one, whole checkpoints otherwise.

    def begin(self, namespace: dict[str, Any]) -> RunJournal:
        """Begin the run anew; one of the same name is kept as NAME~1.

        A run that this very process ended goes on instead, and its numbers too: an agent's next
        response belongs to the run of the one before.
        """
        log = self.log
        if log is None:
            return self._bridge(namespace)
        if self._is_open():
            return self._within().begin_fresh(namespace)
        if is_ours(log.store, self.execution_id) and self.newest().state is not None:
            return self.take_over(namespace, None)
        return self.begin_fresh(namespace)

    def begin_fresh(
        self, namespace: dict[str, Any], forked_from: Mapping[str, Json] | None = None
    ) -> RunJournal:
        """Begin the run anew; `forked_from` tells of which run it is a new line."""
        log = self.log
        if log is None:
            return self._bridge(namespace)
        header = new_header(self.execution_id, self.notebook, self.cell_id, forked_from)
        writer = create_run(log.store, header, log.sealer)
        journal = RunJournal(writer, ProgramEncoder(namespace), run_id=header.run_id)
        _open[self._key()] = journal
        return journal

    def _key(self) -> tuple[str, str]:
        return str(getattr(self.provider, "base_path", id(self.provider))), self.execution_id

    def _is_open(self) -> bool:
        journal = _open.get(self._key())
        return journal is not None and journal.is_open

    def _within(self) -> CheckpointManager:
        """A program that an agent begins while one of its own is running is a run of its own."""
        inner = self
        while inner._is_open():
            name = f"{inner.execution_id}.1"
            inner = CheckpointManager(
                name, self.provider, notebook=self.notebook, cell_id=self.cell_id
            )
        return inner

    def take_over(
        self, namespace: dict[str, Any], record: Record | None, base: Record | None = None
    ) -> RunJournal:
        """Claim the run, to go on from `record` or (None) to add to it.

        `base`: the await before it from which the run goes to it once more, if it cannot go on
        there. What was recorded after it, while an error unwound, counts no more. Raises
        ClaimHeld, UntrustedRun.
        """
        log = self.log
        if log is None:
            return self._bridge(namespace)
        writer: RunWriter = claim_run(log.store, self.execution_id, log.sealer)
        view, encoder = self.newest(), ProgramEncoder(namespace)
        journal = RunJournal(
            writer,
            encoder,
            run_id=view.reader.header.run_id,
            completed=view.completed,
            marks=view.next_mark,
            left_as=view.state.fields if view.state else None,
            past=Past.of_another(view.output, view.pins),
        )
        if record is not None:
            self._check_still_newest(view, record, journal)
            upto: Any = record.fields["mark"] if base is not None else None
            journal.go_on_from(base or record, view.attempts, upto)
        return journal

    def refuse_if_open(self) -> None:
        """Raise ClaimHeld where this very process is in the middle of the run.

        Taking it over would be allowed, and end it.
        """
        if self._is_open():
            raise ClaimHeld(self.execution_id, "this kernel")

    def _check_still_newest(self, view: RunView, record: Record, journal: RunJournal) -> None:
        """Between reading and claiming, another kernel may have gone on and come to an end."""
        newest = view.checkpoint(None)
        if (newest.epoch, newest.seq) != (record.epoch, record.seq):
            journal.close()
            reason = "another kernel has gone on with it meanwhile"
            raise NotResumable(self.execution_id, reason, "do the same again")

    def export(self) -> None:
        """Write the checkpoints' files beside the log, where the provider has files."""
        write = getattr(self.provider, "write_files", None)
        if write is not None:
            write(self.execution_id)

    def view(self) -> RunView:
        """Read the run's log, every seal checked. Raises RunNotFound; only where there is a log."""
        return read_run(*self._reader())

    def newest(self, *, trusted: bool = True) -> RunView:
        """Read what going on needs; `view` without the checkpoints before. Raises as `view` does.

        Cost: what was written since the newest checkpoint that stands alone.
        """
        reader, sealer = self._reader()
        return read_newest(reader, sealer if trusted else None)

    def holding(self, at: int | None) -> RunView:
        """Read what holds checkpoint `at`; None for the newest. Raises and costs as `newest` does,
        for an older one as `view` does."""
        return read_holding(*self._reader(), at)

    def _reader(self) -> tuple[RunReader, Sealer]:
        log = self.log
        assert log is not None, "a provider of whole checkpoints has no log"
        reader = log.store.read(self.execution_id)
        return reader, log.sealer(reader.header.run_id)

    @property
    def log(self) -> LogProvider | None:
        return self.provider if isinstance(self.provider, LogProvider) else None

    def _bridge(self, namespace: dict[str, Any]) -> RunJournal:
        writer = ProviderWriter(self.provider, self.execution_id)
        return RunJournal(
            writer, ProgramEncoder(namespace), run_id=self.execution_id, completed=writer.newest
        )
