"""Keys: one per user, in Jupyter's data folder, like the secret of notebook signatures.

Code in the kernel is the user's own and can read the key; it guards against other people's bytes.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from playbooks_ipython.errors import TrustError

KEY_BYTES = 32


def user_key() -> bytes:
    """Return this user's key, made on first use.

    Raises TrustError: the file is readable by others, is not a key, or cannot be made.
    """
    path = key_path()
    try:
        return _read_key(path)
    except FileNotFoundError:
        return _make_key(path)
    except OSError as error:
        raise TrustError(f"the key {path} cannot be read: {error}") from error


def key_path() -> Path:
    """Return where this user's key is kept."""
    return Path(jupyter_data_dir()) / "playbooks_ipython" / "key"


def _read_key(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        key = file.read(KEY_BYTES + 1)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise TrustError(
            f"the key {path} can be read by others (mode {stat.S_IMODE(mode):o}), so it proves "
            f"nothing. If you are sure that nobody has, run `chmod 600 {path}`; else delete it, "
            "and runs that it signed are listed from then on, and not loaded"
        )
    if len(key) != KEY_BYTES:
        raise TrustError(
            f"the key {path} does not hold {KEY_BYTES} bytes. Put back a copy of it, or delete it, "
            "and runs that it signed are listed from then on, and not loaded"
        )
    return key


def _make_key(path: Path) -> bytes:
    """Write a key beside its place and link it there: nobody ever reads half of one."""
    draft = path.with_name(f".key-{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(fd)  # a key lost with the power would make every run a stranger's
        _link_unless_there(draft, path)
        return _read_key(path)
    except OSError as error:
        raise TrustError(f"no key could be made at {path}: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def _link_unless_there(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:  # another kernel was first, and its key is the user's
        return
