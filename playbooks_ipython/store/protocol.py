"""Store: the seam between a run and the place where its bytes and records live.

A store sees bytes and records, never objects, and it is synchronous. What it is handed to sign
with is opaque to it, so that the panel's server can list runs without any key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from playbooks_ipython.records import Json, Owner, Record, RunHeader

Bytes = bytes | bytearray | memoryview


class Sealer(Protocol):
    """Signs one record after another; each seal covers the one before it."""

    def seal(self, previous: bytes, body: bytes) -> bytes:
        """Return the 32-byte seal of `body` that follows the seal `previous` (b"" at the start)."""
        ...

    def holds(self, previous: bytes, body: bytes, seal: bytes) -> bool:
        """Tell whether `seal` is what this user's key gives. Constant time."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """Who may append to a run now. `alive` is None where this host cannot tell."""

    epoch: int
    owner: Owner
    alive: bool | None


class RunReader(Protocol):
    """One run as it stands now. Reading takes no claim and changes nothing."""

    @property
    def name(self) -> str: ...
    @property
    def header(self) -> RunHeader: ...
    @property
    def claim(self) -> Claim: ...
    @property
    def skipped(self) -> tuple[str, ...]:
        """What could not be used (torn tail, flipped byte, foreign seal), in sentences."""
        ...

    def records(self, sealer: Sealer | None = None) -> Iterator[Record]:
        """Yield whole records, oldest first, up to the first that does not hold.

        With a sealer, every seal is checked before the record is handed out; without one only
        checksums are, which is enough to list and never enough to load.
        """
        ...

    def newest(self, sealer: Sealer | None = None) -> Iterator[Record]:
        """Yield as `records` does, beginning with the newest record that can stand alone.

        With the first record there is where a store cannot do that, or where nothing stands alone.
        What is handed out is checked as by `records`; what came before it is not looked at.
        """
        ...

    def blob(self, name: str) -> bytes:
        """Return the bytes whose SHA-256 is `name`, checked. Raises CorruptLog or KeyError."""
        ...

    def size_bytes(self) -> int: ...


class RunWriter(Protocol):
    """The only hand that may append to a run, while its claim lasts."""

    @property
    def name(self) -> str: ...
    @property
    def epoch(self) -> int: ...

    def append(
        self,
        kind: str,
        fields: Mapping[str, Json],
        blobs: Mapping[str, Bytes] | None = None,
        *,
        needs: Collection[str] | None = None,
    ) -> int:
        """Append one whole record and return the bytes newly written.

        Blobs the run already has are not written again. Blobs first, record second: a record
        never names bytes that are absent.
        Args:
            needs: the names of all blobs that the record needs, each handed over with it or before.
                The record then stands alone: `RunReader.newest` may begin with it. Blobs that are
                not among them must be handed over again if a later record names them.
        Raises: StoreFull (nothing of the record remains), ClaimLost.
        Cost: one write call for a record with its blobs under 64 KiB.
        """
        ...

    def check_claim(self) -> None:
        """Raise ClaimLost if a newer epoch exists. Called before every operation is issued."""
        ...

    def keep_only(self, checkpoints: frozenset[int]) -> None:
        """Rewrite the run as a new epoch that holds only these checkpoints and what they need."""
        ...

    def close(self) -> None:
        """Stop writing and give the descriptors back. The run stays as it is."""
        ...


class Store(Protocol):
    """Runs by label. Labels are unique ignoring case."""

    def names(self) -> list[str]: ...

    def read(self, name: str) -> RunReader:
        """Raises RunNotFound, CorruptLog."""
        ...

    def create(self, header: RunHeader, owner: Owner, sealer: Sealer) -> RunWriter:
        """Make a run and claim it (epoch 1). Raises NameTaken, StoreFull."""
        ...

    def claim(self, name: str, owner: Owner, sealer: Sealer) -> RunWriter:
        """Take a run over: exclusive creation of the next epoch, which seals the one before.

        A claim whose owner is dead, or is this very process, is taken at once.
        Raises: RunNotFound, ClaimHeld, UntrustedRun, CorruptLog.
        """
        ...

    def rename(self, name: str, new: str) -> None: ...

    def delete(self, name: str) -> None: ...
