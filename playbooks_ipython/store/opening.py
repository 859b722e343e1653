"""Openings: the first record of each epoch's log: who claimed the run, and what came before.

    {"epoch": 2, "owner": {...}, "header": {...}, "seals": {"epoch": 1, "length": L, "seal": hex}}

`seals` is None in a log that builds on no other: a run's first, or one that was rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from playbooks_ipython.records import FORMAT, Json, Owner, Record, RunHeader

_HEADER_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "run_id": str,
    "name": str,
    "created_s": (int, float),
    "notebook": (str, type(None)),
    "cell_id": (str, type(None)),
    "python": str,
    "packages": dict,
    "format": int,
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where the log before ends for ever: bytes beyond `length` count no more."""

    epoch: int
    length: int
    seal: bytes


@dataclass(frozen=True, slots=True)
class Opening:
    """The claim and the run's header, as the first record of an epoch keeps them."""

    epoch: int
    owner: Owner
    header: RunHeader
    seals: Sealed | None

    def fields(self) -> dict[str, Json]:
        """Return the record's fields."""
        header = {**asdict(self.header), "packages": dict(self.header.packages)}
        if self.header.forked_from is None:
            del header["forked_from"]
        seals = (
            None if self.seals is None else {**asdict(self.seals), "seal": self.seals.seal.hex()}
        )
        return {
            "epoch": self.epoch,
            "owner": asdict(self.owner),
            "header": header,
            "seals": seals,
        }


def read_opening(record: Record) -> Opening:
    """Take an `open` record apart. Raises ValueError or KeyError or TypeError for a bad one."""
    fields = record.fields
    if record.kind != "open" or fields["epoch"] != record.epoch:
        raise ValueError("not the opening of this epoch")
    owner = Owner(**_strict(fields["owner"], {**dict.fromkeys(_OWNER, str), "pid": int}))
    header = RunHeader(
        **_strict(fields["header"], _HEADER_TYPES), forked_from=_read_lineage(fields["header"])
    )
    if header.format > FORMAT:
        raise ValueError(f"format {header.format} is newer than this version reads ({FORMAT})")
    return Opening(record.epoch, owner, header, _read_sealed(fields["seals"], record.epoch))


_OWNER = ("host", "pid", "started", "boot_id", "pid_namespace")


def _read_lineage(header: Json) -> dict[str, Any] | None:
    lineage = header.get("forked_from") if isinstance(header, dict) else None
    return None if lineage is None else _strict(lineage, {"run_id": str, "name": str, "n": int})


def _read_sealed(value: Json, epoch: int) -> Sealed | None:
    if value is None:
        return None
    loaded = _strict(value, {"epoch": int, "length": int, "seal": str})
    if not 0 < loaded["epoch"] < epoch or loaded["length"] < 0:
        raise ValueError("an epoch seals one before it")
    return Sealed(loaded["epoch"], loaded["length"], bytes.fromhex(loaded["seal"]))


def _strict(value: Json, types: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """Return exactly these keys with values of these types; further keys are a newer version's."""
    if not isinstance(value, dict):
        raise TypeError(value)
    for key, expected in types.items():
        if not isinstance(value[key], expected):
            raise TypeError(f"{key}: {value[key]!r}")
    return {key: value[key] for key in types}
