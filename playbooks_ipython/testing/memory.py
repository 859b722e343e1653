"""A store in memory: the least that satisfies the contract. For tests of what stands on a store."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from playbooks_ipython.errors import ClaimHeld, ClaimLost, NameTaken, RunNotFound, UntrustedRun
from playbooks_ipython.records import Json, Owner, Record, RunHeader
from playbooks_ipython.store.blobs import needed_blobs
from playbooks_ipython.store.framing import encode_body
from playbooks_ipython.store.keeping import kept_records
from playbooks_ipython.store.labels import check_label, same_label
from playbooks_ipython.store.opening import Opening
from playbooks_ipython.store.owner import describe_owner, is_alive
from playbooks_ipython.store.protocol import Bytes, Claim, RunReader, RunWriter, Sealer

_ENDS = frozenset({"finished", "failed", "interrupted"})


@dataclass(slots=True)
class _Run:
    """One run: its records, each with its seal, and its blobs."""

    opening: Opening
    sealed: list[tuple[Record, bytes]] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    deleted: bool = False

    def put(self, sealer: Sealer, kind: str, fields: Mapping[str, Json], names: list[str]) -> int:
        previous = self.sealed[-1][1] if self.sealed else b""
        seq = self.sealed[-1][0].seq + 1 if self.sealed else 0
        record = Record(seq, self.opening.epoch, kind, fields, tuple(names))
        body = self.body(record)
        self.sealed.append((record, sealer.seal(previous, body)))
        return len(body)

    def body(self, record: Record) -> bytes:
        return encode_body(self.opening.header.run_id, record, {}, {})

    def begin(self, owner: Owner, sealer: Sealer) -> None:
        self.opening = replace(self.opening, epoch=self.opening.epoch + 1, owner=owner)
        self.put(sealer, "open", self.opening.fields(), [])

    @property
    def at_rest(self) -> bool:
        moves = [r for r, _ in self.sealed if r.kind in ("open", "issue", "done", "state")]
        return moves[-1].kind == "state" and moves[-1].fields.get("state") in _ENDS


class MemoryReader:
    """A RunReader over a run as it was when it was read."""

    def __init__(self, name: str, run: _Run) -> None:
        self._name, self._run = name, run
        self._sealed, self._opening = list(run.sealed), run.opening

    @property
    def name(self) -> str:
        return self._name

    @property
    def header(self) -> RunHeader:
        return self._opening.header

    @property
    def claim(self) -> Claim:
        owner = self._opening.owner
        return Claim(self._opening.epoch, owner, is_alive(owner))

    @property
    def skipped(self) -> tuple[str, ...]:
        return ()

    def records(self, sealer: Sealer | None = None) -> Iterator[Record]:
        previous = b""
        for record, seal in self._sealed:
            if sealer and not sealer.holds(previous, self._run.body(record), seal):
                raise UntrustedRun(self._name, f"record {record.seq} has another seal")
            previous = seal
            yield record

    def newest(self, sealer: Sealer | None = None) -> Iterator[Record]:
        return self.records(sealer)

    def blob(self, name: str) -> bytes:
        return self._run.blobs[name]

    def size_bytes(self) -> int:
        blobs = sum(map(len, self._run.blobs.values()))
        return blobs + sum(len(self._run.body(record)) for record, _ in self._sealed)


class MemoryWriter:
    """A RunWriter for one epoch."""

    def __init__(self, name: str, run: _Run, sealer: Sealer) -> None:
        self._name, self._run, self._sealer = name, run, sealer
        self._epoch = run.opening.epoch
        self._closed = False

    @property
    def name(self) -> str:
        return self._name

    @property
    def epoch(self) -> int:
        return self._epoch

    def append(
        self,
        kind: str,
        fields: Mapping[str, Json],
        blobs: Mapping[str, Bytes] | None = None,
        *,
        needs: Collection[str] | None = None,  # noqa: ARG002 # nothing is ever forgotten here
    ) -> int:
        self.check_claim()
        new = {n: bytes(b) for n, b in (blobs or {}).items() if n not in self._run.blobs}
        self._run.blobs.update(new)
        size = self._run.put(self._sealer, kind, dict(fields), list(blobs or ()))
        return size + sum(map(len, new.values()))

    def check_claim(self) -> None:
        if self._closed:
            raise ClaimLost(self._name, "nobody: it was closed here")
        if self._run.deleted:
            raise ClaimLost(self._name, "nobody: it was deleted")
        if self._run.opening.epoch != self._epoch:
            raise ClaimLost(self._name, describe_owner(self._run.opening.owner))

    def keep_only(self, checkpoints: frozenset[int]) -> None:
        self.check_claim()
        run = self._run
        kept = kept_records((record for record, _ in run.sealed), checkpoints)
        needed = {r.seq: needed_blobs(r, run.blobs.__getitem__) for r in kept}
        named = {name for names in needed.values() for name in names}
        run.sealed.clear()
        run.begin(run.opening.owner, self._sealer)
        self._epoch = run.opening.epoch
        for record in kept:
            run.put(self._sealer, record.kind, record.fields, needed[record.seq])
        run.blobs = {name: data for name, data in run.blobs.items() if name in named}

    def close(self) -> None:
        self._closed = True


class MemoryStore:
    """A Store that ends with the process."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}

    def names(self) -> list[str]:
        return sorted(self._runs)

    def read(self, name: str) -> RunReader:
        return MemoryReader(name, self._run(name))

    def create(self, header: RunHeader, owner: Owner, sealer: Sealer) -> RunWriter:
        self._refuse_if_taken(check_label(header.name))
        run = self._runs[header.name] = _Run(Opening(0, owner, header, None))
        run.begin(owner, sealer)
        return MemoryWriter(header.name, run, sealer)

    def claim(self, name: str, owner: Owner, sealer: Sealer) -> RunWriter:
        run = self._run(name)
        for _ in MemoryReader(name, run).records(sealer):
            pass
        holder = run.opening.owner
        if holder != owner and not run.at_rest and is_alive(holder) is not False:
            raise ClaimHeld(name, describe_owner(holder))
        run.begin(owner, sealer)
        return MemoryWriter(name, run, sealer)

    def rename(self, name: str, new: str) -> None:
        run = self._run(name)
        if check_label(new).casefold() != name.casefold():
            self._refuse_if_taken(new)
        del self._runs[name]
        self._runs[new] = run

    def delete(self, name: str) -> None:
        self._run(name).deleted = True
        del self._runs[name]

    def _run(self, name: str) -> _Run:
        if check_label(name) not in self._runs:
            raise RunNotFound(name, "memory", tuple(self._runs))
        return self._runs[name]

    def _refuse_if_taken(self, label: str) -> None:
        holder = same_label(label, self._runs)
        if holder is not None:
            raise NameTaken(label, f"the run {holder}", label)
