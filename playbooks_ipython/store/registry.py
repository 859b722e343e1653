"""Registry: the stores that kernels of this user have written, for a server that may look there.

Kernel and server often live in different environments; both know Jupyter's data folder.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir


@dataclass(frozen=True, slots=True)
class RecordedStore:
    """A store on disk and the notebook whose kernel wrote it; None for no notebook."""

    path: Path
    notebook: str | None


def record_store(path: Path, notebook: str | None) -> None:
    """Remember that this user's kernel writes this store. Raises OSError.

    Cost: nothing but one stat where it is remembered already.
    """
    entry = {"path": str(path.absolute()), "notebook": notebook}
    text = json.dumps(entry, sort_keys=True)
    folder = _folder()
    file = folder / f"{sha256(text.encode()).hexdigest()[:32]}.json"
    if file.exists():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{file.name}-{secrets.token_hex(8)}"
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as out:
        out.write(text)
    draft.replace(file)


def recorded_stores() -> list[RecordedStore]:
    """Return every recorded store that is still there, sorted by path; changes nothing."""
    found = (_read(file) for file in _folder().glob("[0-9a-f]*.json"))
    stores = [store for store in found if store is not None and store.path.is_dir()]
    return sorted(stores, key=lambda store: (str(store.path), store.notebook or ""))


def _read(file: Path) -> RecordedStore | None:
    """Return one entry; None for what another version, or somebody, put there."""
    try:
        entry = json.loads(file.read_text())
        path, notebook = entry["path"], entry["notebook"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not isinstance(path, str) or not (notebook is None or isinstance(notebook, str)):
        return None
    return RecordedStore(Path(path), notebook)


def _folder() -> Path:
    return Path(jupyter_data_dir()) / "playbooks_ipython" / "stores"
