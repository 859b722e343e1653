"""Claiming: which of those who want a run goes on with it.

    1  read the run from the newest record that stands alone on, checking every seal; refuse if
       its owner may be alive
    2  write the opening of the next epoch, sealing the log before at the length that was read
    3  link it to its name: of all who try, one succeeds
    4  look whether the log before grew between 1 and 3; if so, begin again from 1

After 3 the owner before is told so at its next look, which follows each of its writes. What it
wrote until then and was not told about is therefore found by 4, and an epoch that a crash left
without 4 holds nothing but its opening: the next to claim passes it over and measures again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from playbooks_ipython.errors import ClaimHeld, CorruptLog
from playbooks_ipython.records import Owner, Record
from playbooks_ipython.store.append import LogAppender
from playbooks_ipython.store.blobs import read_blob
from playbooks_ipython.store.chain import Chain, Link, Pass, Tip, without_unwritten
from playbooks_ipython.store.directory import RunDirectory, log_name
from playbooks_ipython.store.heartbeat import TTL_S
from playbooks_ipython.store.opening import Opening, Sealed
from playbooks_ipython.store.owner import describe_owner, is_alive
from playbooks_ipython.store.rewriting import LogMaker
from playbooks_ipython.store.writer import FilesystemWriter, sweep

_ENDS = frozenset({"finished", "failed", "interrupted"})
_MOVES = frozenset({"open", "issue", "done", "state"})


@dataclass(frozen=True, slots=True)
class Contest:
    """One attempt to get hold of a run, as it stood when the attempt began."""

    name: str
    chain: Chain
    owner: Owner
    maker: LogMaker
    clock: Callable[[], float]

    @property
    def directory(self) -> RunDirectory:
        return self.maker.directory

    def refuse_if_held(self, *, at_rest: bool) -> None:
        """Raise ClaimHeld unless the claim is this owner's, a dead one's, or of a run at rest."""
        newest = self.chain.newest
        if newest.owner == self.owner or at_rest:
            return
        if owner_alive(self.directory, newest, self.clock) is not False:
            raise ClaimHeld(self.name, describe_owner(newest.owner))

    def next_opening(self, seals: Sealed | None) -> Opening:
        # After the newest file that there was when the claim was judged: a later one is a rival's,
        # and must make the link fail. Also after one that cannot be read: its owner is told by it.
        epoch = self.chain.latest + 1
        return Opening(epoch, self.owner, self.chain.newest.header, seals)

    def writer(self, opening: Opening, appender: LogAppender) -> FilesystemWriter:
        return FilesystemWriter(self.name, opening, self.maker, appender, self.clock)


Step = Callable[[Contest], FilesystemWriter | None]
"""One attempt: a writer, or None where the run changed meanwhile and must be looked at again."""


def owner_alive(
    directory: RunDirectory, opening: Opening, clock: Callable[[], float]
) -> bool | None:
    """Tell whether the owner of an epoch lives; None for another host's that may."""
    alive = is_alive(opening.owner)
    if alive is None and clock() - directory.seen_s(opening.epoch) > TTL_S:
        return False
    return alive


def take_over(contest: Contest) -> FilesystemWriter | None:
    """Claim a run that was signed with this key."""
    directory, maker = contest.directory, contest.maker
    chain = without_unwritten(directory, contest.chain)
    reading = Pass(directory, chain, contest.name, maker.sealer)
    ended = _has_ended(reading.newest())
    contest.refuse_if_held(at_rest=ended and len(chain.links) == len(contest.chain.links))
    tip = reading.tip
    if tip is None:
        raise CorruptLog(str(directory.path), "; ".join(reading.notes))
    opening = contest.next_opening(Sealed(tip.epoch, tip.end, tip.seal))
    try:
        appender = maker.open_log(opening, tip, reading.places)
    except FileExistsError:
        return None
    last = chain.links[-1]
    try:
        if _is_newest(contest, opening) and not _grew(directory, last, tip):
            return contest.writer(opening, appender)
    except BaseException:  # an interrupt as well: no file may stay open
        appender.close()
        raise
    appender.close()
    return None


def _grew(directory: RunDirectory, last: Link, tip: Tip) -> bool:
    """Tell whether the log that was sealed has bytes that it had not when it was read."""
    epoch = last.opening.epoch
    return tip.epoch == epoch and directory.size_of(log_name(epoch)) > last.limit


def take_on(contest: Contest) -> FilesystemWriter | None:
    """Claim a run that was signed with any key, once all of it was found whole."""
    directory, maker = contest.directory, contest.maker
    reading = Pass(directory, contest.chain, contest.name)
    records = list(reading.records())
    contest.refuse_if_held(at_rest=_has_ended(records))
    if reading.notes and not reading.torn:
        raise CorruptLog(str(directory.path), "; ".join(reading.notes))
    for name in reading.places:
        read_blob(directory, reading.places, name)
    opening = contest.next_opening(None)
    kept = [record for record in records if record.kind != "open"]
    try:
        appender = maker.rewrite(opening, kept, reading.places)
    except FileExistsError:
        return None
    if not _is_newest(contest, opening):
        appender.close()
        return None
    sweep(directory, opening.epoch, appender)
    return contest.writer(opening, appender)


def _has_ended(records: Iterable[Record]) -> bool:
    """Read to the end and tell whether the run's end is the last that happened to it."""
    ended = False
    for record in records:
        if record.kind in _MOVES:
            ended = record.kind == "state" and record.fields.get("state") in _ENDS
    return ended


def _is_newest(contest: Contest, opening: Opening) -> bool:
    """Tell whether no later epoch exists: the name may have been free because it was swept."""
    if contest.directory.epochs()[-1] == opening.epoch:
        return True
    contest.directory.remove(log_name(opening.epoch))
    return False
