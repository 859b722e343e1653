"""The filesystem store: a directory of runs, each a chain of logs, one log for each claim.

Everything that decides who goes on is one link(2): `log-<epoch+1>` comes into being whole or not
at all, and for one claimant only. Needs a POSIX file system.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playbooks_ipython.errors import ClaimHeld, CorruptLog, NameTaken, RunNotFound, StoreFull
from playbooks_ipython.records import Owner, RunHeader
from playbooks_ipython.store.chain import Chain, Tip, find_chain
from playbooks_ipython.store.claiming import Contest, Step, owner_alive, take_on, take_over
from playbooks_ipython.store.directory import DIRECTORY_MODE, FILE_MODE, RunDirectory
from playbooks_ipython.store.labels import check_label, is_label, same_label
from playbooks_ipython.store.opening import Opening
from playbooks_ipython.store.owner import describe_owner
from playbooks_ipython.store.protocol import Sealer
from playbooks_ipython.store.reader import FilesystemReader
from playbooks_ipython.store.rewriting import LogMaker
from playbooks_ipython.store.writer import FilesystemWriter

_ATTEMPTS = 20
_TAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR})
_TRASH = ".trash-"
_NEW = ".new-"
_ABANDONED_S = 3600.0  # nobody takes an hour to make a run


class FilesystemStore:
    """A Store in a directory, which is made when the first run is."""

    def __init__(
        self,
        root: Path,
        *,
        sync: Literal["process", "power"] = "process",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            sync: what each commit survives: the death of the process, or a loss of power too.
            clock: seconds since 1970, for the heartbeats that other hosts see.
        """
        self._root, self._power, self._clock = Path(root).absolute(), sync == "power", clock

    @property
    def root(self) -> Path:
        return self._root

    def names(self) -> list[str]:
        """Return the labels of all runs, sorted. Cost: lists the root and each run's directory."""
        try:
            with os.scandir(self._root) as entries:
                labels = [
                    entry.name
                    for entry in entries
                    if is_label(entry.name) and entry.is_dir(follow_symlinks=False)
                ]
        except FileNotFoundError:
            return []
        return sorted(filter(self._has_run, labels))

    def read(self, name: str) -> FilesystemReader:
        """Raises BadName, RunNotFound, CorruptLog. Cost: reads the first record of each log."""
        directory, chain = self._find(name)
        return FilesystemReader(
            directory, name, chain, owner_alive(directory, chain.newest, self._clock)
        )

    def create(self, header: RunHeader, owner: Owner, sealer: Sealer) -> FilesystemWriter:
        """Make a run and claim it. Raises BadName, NameTaken, StoreFull; then no run is made.

        Of two that make runs of one name at once, at most one succeeds.
        """
        label = check_label(header.name)
        self._refuse_if_taken(label, header.notebook)
        opening = Opening(1, owner, header, None)
        with contextlib.ExitStack() as undo:  # whatever happens, a whole run or nothing
            draft, directory = self._draft_run(label, undo)
            maker = LogMaker(directory, sealer, self._power)
            appender = maker.open_log(opening, Tip(0, 0, b"", -1), {})
            undo.callback(appender.close)
            self._publish_run(draft, label, header.notebook)
            undo.pop_all()
        return FilesystemWriter(label, opening, maker, appender, self._clock)

    def claim(self, name: str, owner: Owner, sealer: Sealer) -> FilesystemWriter:
        """Take a run over: exclusive creation of the next epoch, which seals the one before.

        A claim is free at once when its owner is dead, is `owner` itself, or has recorded the
        run's end; on another host when it gave no sign of life for a minute.
        Raises: BadName, RunNotFound, ClaimHeld, UntrustedRun, CorruptLog, StoreFull.
        Cost: reads what was written since the newest record that stands alone, once.
        """
        return self._contend(name, owner, sealer, take_over)

    def reseal(self, name: str, owner: Owner, sealer: Sealer) -> FilesystemWriter:
        """Claim a run whatever key it was signed with, by rewriting it with this one.

        Only after every checksum and every blob held; all records stay but the earlier openings.
        Raises as `claim` does, never UntrustedRun; CorruptLog names what does not hold.
        """
        return self._contend(name, owner, sealer, take_on)

    def rename(self, name: str, new: str) -> None:
        """Give a run another label. Raises BadName, RunNotFound, NameTaken, StoreFull.

        A writer of it goes on, and readers that are open too.
        """
        check_label(new)
        self._find(name)
        if name.casefold() != new.casefold():
            self._refuse_if_taken(new, None)
        self._move(self._root / name, new, name)

    def delete(self, name: str) -> None:
        """Delete a run with everything in its directory. Raises BadName, RunNotFound.

        Whoever was running it loses the claim. It has gone as soon as its directory was renamed.
        """
        self._find(name)
        trash = self._root / f"{_TRASH}{secrets.token_hex(8)}"
        (self._root / name).rename(trash)
        for left in self._root.glob(f"{_TRASH}*"):  # also what an interrupted deletion left
            shutil.rmtree(left, ignore_errors=True)
        for left in self._root.glob(f"{_NEW}*"):
            if self._clock() - left.lstat().st_mtime > _ABANDONED_S:
                shutil.rmtree(left, ignore_errors=True)

    def _find(self, name: str) -> tuple[RunDirectory, Chain]:
        path = self._root / check_label(name)
        try:
            directory = RunDirectory(path)
            chain = find_chain(directory)
        except (FileNotFoundError, NotADirectoryError):  # the latter also for a link
            chain = None
        except OSError as error:
            raise CorruptLog(str(path), str(error)) from error
        if chain is None:
            raise RunNotFound(name, str(self._root), tuple(self.names()))
        return directory, chain

    def _has_run(self, label: str) -> bool:
        try:
            return bool(RunDirectory(self._root / label).epochs())
        except OSError:
            return False

    def _refuse_if_taken(self, label: str, asker: str | None) -> None:
        holder = same_label(label, self.names())
        if holder is not None:
            raise NameTaken(label, self._notebook_of(holder), asker or "a run without a notebook")

    def _notebook_of(self, label: str) -> str:
        try:
            return self.read(label).header.notebook or f"the run {label}"
        except (RunNotFound, CorruptLog):
            return f"the run {label}"

    def _make_root(self) -> None:
        self._root.parent.mkdir(parents=True, exist_ok=True)
        self._root.mkdir(DIRECTORY_MODE, exist_ok=True)
        ignore = self._root / ".gitignore"
        if ignore.exists():
            return
        draft = self._root / f"{_NEW}{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(draft, flags, FILE_MODE), "wb") as file:
                file.write(b"*\n")
            draft.replace(ignore)
        finally:
            draft.unlink(missing_ok=True)

    def _draft_run(self, label: str, undo: contextlib.ExitStack) -> tuple[Path, RunDirectory]:
        try:
            self._make_root()
            draft = self._root / f"{_NEW}{secrets.token_hex(8)}"
            undo.callback(shutil.rmtree, draft, ignore_errors=True)
            draft.mkdir(DIRECTORY_MODE)
            directory = RunDirectory(draft)
        except OSError as error:
            raise StoreFull(str(self._root), str(error)) from error
        directory.path = self._root / label
        return draft, directory

    def _move(self, path: Path, label: str, asker: str | None) -> None:
        """Give a run's directory its label. A rename refuses one that holds anything already."""
        try:
            path.rename(self._root / label)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise StoreFull(str(self._root), str(error)) from error
            asker = asker or "a run without a notebook"
            raise NameTaken(label, "another directory of that name", asker) from error

    def _publish_run(self, draft: Path, label: str, asker: str | None) -> None:
        self._move(draft, label, asker)
        # Two labels that differ in case are two directories here: whoever sees another yields.
        other = same_label(label, [name for name in self.names() if name != label])
        if other is not None:
            shutil.rmtree(self._root / label, ignore_errors=True)
            raise NameTaken(label, self._notebook_of(other), asker or "a run without a notebook")

    def _contend(self, name: str, owner: Owner, sealer: Sealer, step: Step) -> FilesystemWriter:
        for _ in range(_ATTEMPTS):
            directory, chain = self._find(name)
            maker = LogMaker(directory, sealer, self._power)
            try:
                writer = step(Contest(name, chain, owner, maker, self._clock))
            except (CorruptLog, FileNotFoundError):
                if directory.epochs()[-1:] == [chain.latest]:
                    raise
                continue  # a rival rewrote the run while it was read
            if writer is not None:
                return writer
        raise ClaimHeld(name, describe_owner(chain.newest.owner))
