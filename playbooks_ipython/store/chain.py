"""Chains: which stretches of which logs make up a run, and every record of them in order.

    log-1 [0, L1)  <-  log-2 [0, L2), sealing log-1 at L1  <-  log-3, the newest, to its end

Bytes beyond a sealed length are an earlier owner's that had been replaced; they count for nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from playbooks_ipython.errors import CorruptLog, UntrustedRun
from playbooks_ipython.records import Record
from playbooks_ipython.store.directory import RunDirectory, log_name
from playbooks_ipython.store.framing import Place
from playbooks_ipython.store.opening import Opening, Sealed, read_opening
from playbooks_ipython.store.protocol import Sealer
from playbooks_ipython.store.scan import Framed, LogScan, find_alone


@dataclass(frozen=True, slots=True)
class Link:
    """One log's part in a run: its bytes before `limit`, where the next log sealed it."""

    opening: Opening
    limit: int
    sealed_as: Sealed | None


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a chain ends: what the next record, or the next epoch, builds on."""

    epoch: int
    end: int
    seal: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class Chain:
    """The logs of a run, oldest first, and in sentences the newer ones that are no use.

    `latest` is the newest epoch that has a log at all, also one that cannot be read.
    """

    links: tuple[Link, ...]
    latest: int
    notes: tuple[str, ...]

    @property
    def newest(self) -> Opening:
        return self.links[-1].opening


def find_chain(directory: RunDirectory) -> Chain | None:
    """Find the newest epoch that has begun and follow it down. None where no log is at all.

    Raises CorruptLog: no log has a beginning, or one that the newest builds on is gone.
    """
    epochs = directory.epochs()
    while epochs:
        try:
            return _chain_of(directory, epochs)
        except CorruptLog:
            before, epochs = epochs, directory.epochs()
            if epochs == before:  # else the run was rewritten while it was looked at
                raise
    return None


def _chain_of(directory: RunDirectory, epochs: list[int]) -> Chain:
    notes: list[str] = []
    for epoch in reversed(epochs):
        newest, reason = _read_link(directory, epoch, None)
        if newest is not None:
            return Chain(tuple(_follow(directory, newest)), epochs[-1], tuple(notes))
        notes.append(f"{log_name(epoch)} was passed over: {reason}")
    raise CorruptLog(str(directory.path), "; ".join(notes))


def without_unwritten(directory: RunDirectory, chain: Chain) -> Chain:
    """Drop newest epochs that hold nothing but their opening, so that the one before ends freely.

    For a take-over: whoever opened such an epoch did nothing in the run's name, and a record
    that its predecessor had written between being measured and being sealed is true.
    """
    links = list(chain.links)
    while len(links) > 1 and _is_unwritten(directory, links[-1]):
        links.pop()
        opening = links[-1].opening
        links[-1] = Link(opening, directory.size_of(log_name(opening.epoch)), None)
    return replace(chain, links=tuple(links))


def _is_unwritten(directory: RunDirectory, link: Link) -> bool:
    name = log_name(link.opening.epoch)
    with directory.open_file(name) as file:
        scan = LogScan(file, name, link.opening.epoch, link.limit)
        return len(list(islice(scan, 2))) <= 1


def _follow(directory: RunDirectory, newest: Link) -> list[Link]:
    links = [newest]
    while (seals := links[0].opening.seals) is not None:
        link, reason = _read_link(directory, seals.epoch, seals)
        if link is None:
            raise CorruptLog(str(directory.path), f"{log_name(seals.epoch)} is missing ({reason})")
        links.insert(0, link)
    return links


def _read_link(
    directory: RunDirectory, epoch: int, sealed_as: Sealed | None
) -> tuple[Link | None, str | None]:
    """Return a log's link, or None and why it has none. Raises CorruptLog for a newer format."""
    name = log_name(epoch)
    try:
        size = directory.size_of(name)
        with directory.open_file(name) as file:
            scan = LogScan(file, name, epoch, size)
            first = next(iter(scan), None)
    except FileNotFoundError:
        return None, "there is no such file"
    if first is None:
        return None, scan.reason or "it is empty"
    try:
        opening = read_opening(first.record)
    # Whole, so a newer version's or somebody's own making: an older log is not a way round it.
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptLog(str(directory.path / name), f"its first record is {error}") from error
    limit = size if sealed_as is None else sealed_as.length
    return Link(opening, limit, sealed_as), None


@dataclass(slots=True)
class Pass:
    """One reading of a chain, oldest record first, up to the first that does not hold.

    `places`, `tip` and `notes` are right for what was read so far. `torn`: all that was passed over
    is the unfinished end of the newest log, as a kill may leave it.
    """

    directory: RunDirectory
    chain: Chain
    label: str
    sealer: Sealer | None = None
    places: dict[str, Place] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    tip: Tip | None = None
    torn: bool = False

    def records(self) -> Iterator[Record]:
        """Yield the records. Raises UntrustedRun where a claim was not signed with this key."""
        return self._read(self.chain.links, 0)

    def newest(self) -> Iterator[Record]:
        """Yield the records from the newest on that stands alone; all of them if none does.

        The seal of that record, of its log's opening and of all after it are checked as ever; what
        came before is not looked at.
        """
        for number in range(len(self.chain.links) - 1, -1, -1):
            start = self._begin_in(self.chain.links[number])
            if start is not None:
                return self._read(self.chain.links[number:], start)
        return self.records()

    def _begin_in(self, link: Link) -> int | None:
        """Find where in a log to begin, and set `tip` to what is before; None if nowhere."""
        epoch = link.opening.epoch
        name = log_name(epoch)
        try:
            with self.directory.open_file(name) as file:
                opening = next(iter(LogScan(file, name, epoch, link.limit)), None)
                seals = link.opening.seals
                before = b"" if seals is None else seals.seal
                if opening is None or not self._holds(before, opening):
                    return None
                for framed in find_alone(file, name, epoch, link.limit):
                    alone = framed.alone
                    if alone is not None and self._holds(alone.after, framed):
                        self.tip = Tip(epoch, alone.at, alone.after, framed.record.seq - 1)
                        return alone.at
        except FileNotFoundError as error:
            raise CorruptLog(str(self.directory.path), _CHANGED) from error
        return None

    def _holds(self, previous: bytes, framed: Framed) -> bool:
        if framed.run_id != self.chain.newest.header.run_id:
            return False
        return self.sealer is None or self.sealer.holds(previous, framed.body, framed.seal)

    def _read(self, links: Sequence[Link], start: int) -> Iterator[Record]:
        self.notes.extend(self.chain.notes)
        for number, link in enumerate(links, 1):
            ended_whole = yield from self._records_of(link, start if number == 1 else 0)
            if not ended_whole:
                later = [log_name(each.opening.epoch) for each in links[number:]]
                if later:
                    self.notes.append(f"what builds on that was passed over: {', '.join(later)}")
                return

    def read_all(self) -> None:
        """Read to the end for what is learnt on the way."""
        for _ in self.records():
            pass

    def _records_of(self, link: Link, start: int) -> Generator[Record, None, bool]:
        epoch = link.opening.epoch
        name = log_name(epoch)
        try:
            with self.directory.open_file(name) as file:
                scan = LogScan(file, name, epoch, link.limit, start)
                for framed in scan:
                    refusal = self._refusal(framed)
                    if refusal is not None:
                        self.notes.append(f"{name}: record {framed.record.seq} {refusal}")
                        return False
                    self._accept(framed)
                    yield framed.record
        except FileNotFoundError as error:
            raise CorruptLog(str(self.directory.path), _CHANGED) from error
        if scan.reason is not None:
            self.torn = scan.torn and not self.notes and link.sealed_as is None
            self.notes.append(scan.reason)
            return False
        return self._ends_as_sealed(link)

    def _refusal(self, framed: Framed) -> str | None:
        """Return why a whole record cannot be the next of this run, or None."""
        if framed.run_id != self.chain.newest.header.run_id:
            return "belongs to another run"
        if self.tip is not None and framed.record.seq != self.tip.seq + 1:
            return f"does not follow record {self.tip.seq}"
        if self._holds(b"" if self.tip is None else self.tip.seal, framed):
            return None
        if framed.record.kind == "open":
            raise UntrustedRun(self.label, f"{log_name(framed.record.epoch)} has another seal")
        return "was altered, or signed with another key"

    def _accept(self, framed: Framed) -> None:
        self.places.update(framed.places)
        record = framed.record
        self.tip = Tip(record.epoch, framed.end, framed.seal, record.seq)

    def _ends_as_sealed(self, link: Link) -> bool:
        sealed = link.sealed_as
        if sealed is None or (self.tip is not None and self.tip.seal == sealed.seal):
            return True
        name = log_name(link.opening.epoch)
        self.notes.append(f"{name}: it does not end with the record that its successor sealed")
        return False


_CHANGED = "it was rewritten or deleted while it was read, so read it again"
