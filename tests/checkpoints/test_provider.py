"""Whole checkpoints, as the provider saves and gives them, and what of them lies in the folder."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from playbooks_ipython.checkpoints import CheckpointManager, FilesystemCheckpointProvider
from playbooks_ipython.checkpoints.reference import (
    END,
    BadReference,
    Reference,
    checkpoint_id,
    parse_reference,
    split_checkpoint_id,
)
from playbooks_ipython.errors import BadName, CorruptLog

T = TypeVar("T")


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FilesystemCheckpointProvider:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return FilesystemCheckpointProvider(tmp_path / "store")


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def save(provider: FilesystemCheckpointProvider, run: str, *numbers: int) -> None:
    for n in numbers:
        now(provider.save_checkpoint(f"{run}_ckpt_{n}", {"s": n}, {"x": n}, {"statement": f"x{n}"}))


def test_all_parts_of_a_checkpoint_come_back(provider: FilesystemCheckpointProvider) -> None:
    state = {"variables": {"$x": 1}, "call_stack": ["Main:01"], "agents": [], "meetings": []}
    about = {"statement": "await f()", "llm_response": "await f()\nx", "executed_code": "await f()"}
    shared = [1]
    now(provider.save_checkpoint("r_ckpt_1", state, {"a": shared, "b": shared}, about))
    whole = now(provider.load_checkpoint("r_ckpt_1"))
    assert whole is not None
    assert whole["checkpoint_id"] == "r_ckpt_1"
    assert whole["execution_state"] == state
    assert whole["namespace"] == {"a": [1], "b": [1]}
    assert whole["namespace"]["a"] is whole["namespace"]["b"]
    assert about.items() <= whole["metadata"].items()
    assert whole["metadata"]["counter"] == 1


def test_what_is_not_there_is_none_and_no_error(provider: FilesystemCheckpointProvider) -> None:
    save(provider, "r", 1)
    assert now(provider.load_checkpoint("r_ckpt_2")) is None
    assert now(provider.load_checkpoint("other_ckpt_1")) is None
    now(provider.delete_checkpoint("r_ckpt_9"))
    now(provider.delete_checkpoint("other_ckpt_1"))
    assert now(provider.list_checkpoints("other")) == []


def test_ids_are_listed_by_number_not_by_letter(provider: FilesystemCheckpointProvider) -> None:
    save(provider, "r", 1, 2, 3, 10, 11, 20)
    assert now(provider.list_checkpoints("r")) == [f"r_ckpt_{n}" for n in (1, 2, 3, 10, 11, 20)]


def test_runs_are_kept_apart(provider: FilesystemCheckpointProvider) -> None:
    save(provider, "one", 1)
    save(provider, "two", 1, 2)
    assert now(provider.list_checkpoints("one")) == ["one_ckpt_1"]
    assert now(provider.list_checkpoints("two")) == ["two_ckpt_1", "two_ckpt_2"]


def test_a_deleted_checkpoint_is_gone_with_its_file(provider: FilesystemCheckpointProvider) -> None:
    save(provider, "r", 1, 2)
    now(provider.delete_checkpoint("r_ckpt_1"))
    assert now(provider.list_checkpoints("r")) == ["r_ckpt_2"]
    assert now(provider.load_checkpoint("r_ckpt_1")) is None
    assert not provider.file_of("r", 1).exists()


def test_cleaning_up_keeps_the_newest(provider: FilesystemCheckpointProvider) -> None:
    save(provider, "r", *range(1, 13))
    assert now(provider.cleanup_old_checkpoints("r", 10)) == 2
    assert now(provider.list_checkpoints("r")) == [f"r_ckpt_{n}" for n in range(3, 13)]
    assert now(provider.cleanup_old_checkpoints("r", 10)) == 0


def test_files_of_others_in_the_folder_are_left_out(provider: FilesystemCheckpointProvider) -> None:
    save(provider, "r", 1)
    (provider.base_path / "r" / "notes.txt").write_text("mine")
    (provider.base_path / "r" / "r_ckpt_7.pkl").write_bytes(b"not ours")
    (provider.base_path / "loose.pkl").write_bytes(b"not ours")
    assert now(provider.list_checkpoints("r")) == ["r_ckpt_1"]
    assert provider.store.names() == ["r"]


def test_large_values_are_kept_whole(provider: FilesystemCheckpointProvider) -> None:
    """The predecessor refused 10 MB and more, with a line in a log."""
    large = bytes(range(256)) * 80_000
    now(provider.save_checkpoint("r_ckpt_1", {}, {"large": large}, {}))
    whole = now(provider.load_checkpoint("r_ckpt_1"))
    assert whole is not None
    assert whole["namespace"]["large"] == large


def test_each_checkpoint_has_a_file_that_is_read_alone(
    provider: FilesystemCheckpointProvider, tmp_path: Path
) -> None:
    save(provider, "r", 1, 2)
    elsewhere = tmp_path / "elsewhere.pkl"
    elsewhere.write_bytes(provider.file_of("r", 1).read_bytes())
    assert provider.read_file(elsewhere)["namespace"] == {"x": 1}


def test_a_file_with_one_flipped_bit_is_refused(provider: FilesystemCheckpointProvider) -> None:
    save(provider, "r", 1)
    path = provider.file_of("r", 1)
    data = path.read_bytes()
    for at in range(0, len(data), max(1, len(data) // 40)):
        changed = bytearray(data)
        changed[at] ^= 1
        path.write_bytes(changed)
        with pytest.raises(CorruptLog):
            provider.read_file(path)


def test_a_file_of_another_user_is_refused(
    provider: FilesystemCheckpointProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(provider, "r", 1)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "other"))
    with pytest.raises(CorruptLog, match="its seal does not hold"):
        provider.read_file(provider.file_of("r", 1))


def test_files_are_the_users_alone(provider: FilesystemCheckpointProvider) -> None:
    save(provider, "r", 1)
    files = [path for path in (provider.base_path / "r").iterdir() if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(provider.base_path.stat().st_mode) == 0o700


def test_the_manager_numbers_what_it_saves(provider: FilesystemCheckpointProvider) -> None:
    manager = CheckpointManager("r", provider)
    ids = [now(manager.save_checkpoint(f"s{n}", {"x": n}, {}, extra=n)) for n in range(3)]
    assert ids == ["r_ckpt_1", "r_ckpt_2", "r_ckpt_3"]
    newest = now(CheckpointManager("r", provider).get_latest_checkpoint())
    assert newest is not None
    assert (newest["namespace"]["x"], newest["metadata"]["extra"]) == (2, 2)
    assert now(CheckpointManager("none", provider).get_latest_checkpoint()) is None


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("a", Reference("a")),
        ("a@7", Reference("a", 7)),
        ("a@end", Reference("a", END)),
        ("a~1", Reference("a~1")),
        ("a~2@3", Reference("a~2", 3)),
        ("a.b-c_d@0", Reference("a.b-c_d", 0)),
    ],
)
def test_a_reference_is_read_and_written_alike(text: str, reference: Reference) -> None:
    assert parse_reference(text) == reference
    assert str(reference) == text


@pytest.mark.parametrize("text", ["", "@1", "a@", "a@-1", "a@x", "a@1@2", "a@1 ", "a@1\n", "a@٣"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises((BadReference, BadName)):
        parse_reference(text)


@pytest.mark.parametrize("name", ["r", "a_ckpt_b", "r_ckpt_1"])
def test_an_id_is_split_where_it_was_joined(name: str) -> None:
    assert split_checkpoint_id(checkpoint_id(name, 12)) == (name, 12)


@pytest.mark.parametrize(
    "text", ["", "r", "r_ckpt_", "r_ckpt_x", "_ckpt_1", "r_ckpt_1x", "r_ckpt_٣"]
)
def test_what_is_no_id_is_refused(provider: FilesystemCheckpointProvider, text: str) -> None:
    with pytest.raises(BadName):
        now(provider.load_checkpoint(text))
