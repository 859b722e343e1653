"""Directory: the files of one run, reached through an open descriptor of their directory.

    log-<epoch>            one claim's records, appended by that claim's owner alone
    packs/<epoch>-<k>      blobs too big for the log, page aligned; no byte with a name is cut
    .tmp-<epoch>-<random>  a log that is not yet linked to its name

Through a descriptor, so that a rename of the run and a chdir of the user change nothing, and so
that no link planted in a copied store leads out of it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

DIRECTORY_MODE = 0o700  # it holds the user's values
FILE_MODE = 0o600
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_PACK = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_as_log = re.compile(r"log-([1-9][0-9]{0,17})").fullmatch
_as_pack = re.compile(r"packs/([1-9][0-9]{0,17})-(?:0|[1-9][0-9]{0,17})").fullmatch
_as_draft = re.compile(r"\.tmp-([1-9][0-9]{0,17})-[0-9a-f]+").fullmatch


def log_name(epoch: int) -> str:
    """Return the name of an epoch's log."""
    return f"log-{epoch}"


def _names_in(fd: int) -> list[str]:
    return os.listdir(fd)


class RunDirectory:
    """An open directory of a run. Raises FileNotFoundError or NotADirectoryError on opening."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        self.close = weakref.finalize(self, os.close, self.fd)

    def epochs(self) -> list[int]:
        """Return the epochs that have a log, in order."""
        return sorted(int(found[1]) for name in _names_in(self.fd) if (found := _as_log(name)))

    def has_log(self, epoch: int) -> bool:
        """Tell whether that epoch has begun. Cost: one access(2)."""
        return os.access(log_name(epoch), os.F_OK, dir_fd=self.fd)

    @contextlib.contextmanager
    def open_file(self, name: str) -> Iterator[BinaryIO]:
        """Open a log or a pack for reading, and nothing else. Raises OSError."""
        if not (_as_log(name) or _as_pack(name)):
            raise FileNotFoundError(name)
        with os.fdopen(os.open(name, _READ, dir_fd=self.fd), "rb", buffering=1 << 18) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise FileNotFoundError(name)
            yield file

    def draft_log(self, epoch: int) -> tuple[int, str]:
        """Make an empty file to become that epoch's log; return a descriptor and its name."""
        draft = f".tmp-{epoch}-{secrets.token_hex(8)}"
        return os.open(draft, _APPEND, FILE_MODE, dir_fd=self.fd), draft

    def publish_log(self, draft: str, epoch: int) -> None:
        """Give a draft its name, or raise FileExistsError: of all who try, one succeeds.

        A link and not a rename: a rename would replace the log of whoever was first. Where later
        epochs were reached meanwhile, their sweep took the draft: others were first then, too.
        """
        try:
            os.link(draft, log_name(epoch), src_dir_fd=self.fd, dst_dir_fd=self.fd)
        except FileNotFoundError as error:
            raise FileExistsError(log_name(epoch)) from error
        self.remove(draft)

    def create_pack(self, epoch: int) -> tuple[int, str]:
        """Make a new pack. Returns a writing descriptor and the pack's name."""
        with contextlib.suppress(FileExistsError):
            os.mkdir("packs", DIRECTORY_MODE, dir_fd=self.fd)
        taken = {name for name, _ in self.packs()}
        number = 0
        while f"packs/{epoch}-{number}" in taken:  # left by a rewriting that never came to an end
            number += 1
        name = f"packs/{epoch}-{number}"
        return os.open(name, _PACK, FILE_MODE, dir_fd=self.fd), name

    def packs(self) -> list[tuple[str, int]]:
        """Return name and epoch of every pack."""
        try:
            packs = os.open("packs", _READ | os.O_DIRECTORY, dir_fd=self.fd)
        except (FileNotFoundError, NotADirectoryError):
            return []
        try:
            names = [f"packs/{name}" for name in _names_in(packs)]
        finally:
            os.close(packs)
        return [(name, int(found[1])) for name in names if (found := _as_pack(name))]

    def size_of(self, name: str) -> int:
        """Return the length of a file in bytes."""
        return os.stat(name, dir_fd=self.fd, follow_symlinks=False).st_size

    def seen_s(self, epoch: int) -> float:
        """Return when that epoch's owner last wrote or gave a sign of life, in epoch seconds."""
        log = log_name(epoch)
        return os.stat(log, dir_fd=self.fd, follow_symlinks=False).st_mtime

    def sweep(self, below: int, upto: int, used_packs: frozenset[str]) -> None:
        """Unlink what no reader of epoch `upto` needs; files of later epochs are not looked at.

        Args:
            below: logs of epochs before this one go, oldest first.
            upto: drafts and packs of epochs up to this one go, unless used.
        Order matters: an owner that was replaced knows it by the next epoch's log, or, where
        that went too, by its own being unlinked, which has then happened before.
        """
        for epoch in self.epochs():
            if epoch < below:
                self.remove(log_name(epoch))
        for name, epoch in self.packs():
            if epoch <= upto and name not in used_packs:
                self.remove(name)
        for name in _names_in(self.fd):
            if (found := _as_draft(name)) and int(found[1]) <= upto:
                self.remove(name)

    def remove(self, name: str) -> None:
        """Unlink a file, if it is still there."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.fd)

    def sync(self) -> None:
        """Make the names themselves survive a power failure."""
        os.fsync(self.fd)
