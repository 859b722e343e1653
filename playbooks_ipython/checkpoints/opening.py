"""Opening: how a process comes to hold a run: as a new one, or by taking an old one over."""

from __future__ import annotations

import platform
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import count, takewhile

from playbooks_ipython.errors import ClaimHeld, RunNotFound
from playbooks_ipython.records import Json, RunHeader
from playbooks_ipython.store import Store, this_owner
from playbooks_ipython.store.protocol import RunWriter, Sealer
from playbooks_ipython.store.summary import summarize

SealerFor = Callable[[str], Sealer]
"""Gives the sealer of a run by its immutable id."""

KEPT_OLDER_RUNS = 3  # and those of which a checkpoint is pinned
_PACKAGES = ("playbooks-ipython", "ipython", "ipykernel", "dill")


def new_header(
    name: str,
    notebook: str | None = None,
    cell_id: str | None = None,
    forked_from: Mapping[str, Json] | None = None,
) -> RunHeader:
    """Describe a run that begins now, with the versions that it begins under."""
    return RunHeader(
        run_id=uuid.uuid4().hex,
        name=name,
        created_s=time.time(),
        notebook=notebook,
        cell_id=cell_id,
        python=platform.python_version(),
        forked_from=forked_from,
        packages={p: v for p in _PACKAGES if (v := _version(p))},
    )


def create_run(store: Store, header: RunHeader, sealer_for: SealerFor) -> RunWriter:
    """Begin a run. One that bears its name is kept as NAME~1, older ones move up, the fourth goes.

    One with a pinned checkpoint never goes.

    Raises ClaimHeld if a live process holds it: nothing is moved away under a run.
    """
    if _exists(store, header.name):
        _make_way(store, header.name, sealer_for)
    return store.create(header, this_owner(), sealer_for(header.run_id))


def claim_run(store: Store, name: str, sealer_for: SealerFor) -> RunWriter:
    """Take a run over. Raises RunNotFound, ClaimHeld, UntrustedRun, CorruptLog."""
    run_id = store.read(name).header.run_id
    return store.claim(name, this_owner(), sealer_for(run_id))


def continue_or_create(store: Store, header: RunHeader, sealer_for: SealerFor) -> RunWriter:
    """Take the run over if it is there, else begin it."""
    if _exists(store, header.name):
        return claim_run(store, header.name, sealer_for)
    return store.create(header, this_owner(), sealer_for(header.run_id))


def is_ours(store: Store, name: str) -> bool:
    """Tell whether the last to hold this run is this very process."""
    try:
        return store.read(name).claim.owner == this_owner()
    except RunNotFound:
        return False


def _make_way(store: Store, name: str, sealer_for: SealerFor) -> None:
    older = list(takewhile(partial(_exists, store), (f"{name}~{n}" for n in count(1))))
    summaries = [summarize(store.read(label)) for label in older]
    for label, held in zip(older, summaries, strict=True):
        if held.state == "running":
            raise ClaimHeld(label, held.owner or "another kernel")
    before = summarize(store.read(name))
    if before.state == "running":
        claim_run(store, name, sealer_for).close()  # a live owner refuses; this process may
    going = [label for label, run in zip(older, summaries, strict=True) if not run.pinned]
    for label in going[KEPT_OLDER_RUNS - 1 :][-1:]:
        store.delete(label)
        older = older[: older.index(label)]
    for number in range(len(older), 0, -1):
        store.rename(f"{name}~{number}", f"{name}~{number + 1}")
    store.rename(name, f"{name}~1")


def _exists(store: Store, name: str) -> bool:
    return name.casefold() in {known.casefold() for known in store.names()}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
