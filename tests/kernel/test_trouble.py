"""Full disks, damaged files, other people's runs: the work goes on where it can, and it is said."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from tests.kernel.conftest import Start, value

Happened = Callable[[], list[str]]

CELL = (
    "%%playbook work {}\na = await tool('a')\nb = await tool('b')\nc = await tool('c')\n(a, b, c)"
)

LIMIT = (
    "import resource\n"
    "def limit(size):\n"
    "    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
    "    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))\n"
)


def log_of(folder: Path, name: str = "work") -> Path:
    return sorted((folder / ".checkpoints" / name).glob("log-*"))[-1]


# -- a store that cannot be written


def test_a_full_store_does_not_stop_the_cell(start: Start, happened: Happened) -> None:
    one = start()
    one.run(LIMIT)
    shown = one.run(
        "%%playbook full\nawait tool('a')\nlimit(20000)\n"
        "big = bytes(range(256)) * 4000\nawait tool('b')\nawait tool('c')\nlimit(-1)\n'through'"
    )
    assert (shown.error, shown.value) == (None, "'through'")
    assert happened() == ["tool a ()", "tool b ()", "tool c ()"]


def test_a_full_store_is_told_of_once(start: Start) -> None:
    one = start()
    one.run(LIMIT)
    said = one.run(
        "%%playbook full\nawait tool('a')\nlimit(20000)\n"
        "big = bytes(range(256)) * 4000\nawait tool('b')\nawait tool('c')\nlimit(-1)"
    ).stderr
    assert said.count("not durable from here") == 1
    assert "could not write to" in said


def test_a_run_is_durable_again_once_there_is_room(start: Start, happened: Happened) -> None:
    one = start()
    one.run(LIMIT)
    one.run("kill_after('done', 4)")
    assert one.run(
        "%%playbook full\nawait tool('a')\nlimit(20000)\n"
        "big = bytes(range(256)) * 4000\nawait tool('b')\nlimit(-1)\nawait tool('c')\n"
        "await tool('d')\nawait tool('e')"
    ).died
    assert start().run("%playbook resume full").error is None
    assert [line.split()[1] for line in happened()].count("c") == 1


def test_a_folder_that_cannot_be_made_does_not_stop_the_cell(start: Start, tmp_path: Path) -> None:
    # Nobody, root included, makes a folder there.
    (tmp_path / "playbooks.toml").write_text('[durability]\nstorage_path = "/proc/nowhere"')
    shown = start().run(CELL.format(""))
    assert (shown.error, shown.value) == (None, "(1, 1, 1)")
    assert shown.stderr.count("The cell runs, but it is not saved") == 1


# -- damage


def test_a_torn_tail_costs_only_what_was_torn(
    start: Start, tmp_path: Path, happened: Happened
) -> None:
    one = start()
    one.run("kill_after('done', 2)")
    assert one.run(CELL.format("")).died
    log = log_of(tmp_path)
    os.truncate(log, log.stat().st_size - 20)
    assert start().run(CELL.format("--resume")).value == "(1, 1, 1)"
    assert happened() == ["tool a ()", "tool b ()", "tool b ()", "tool c ()"]


def damage(path: Path, at: float) -> None:
    data = bytearray(path.read_bytes())
    for n in range(8):
        data[int(len(data) * at) + n] ^= 0xFF
    path.write_bytes(data)


def test_flipped_bytes_cost_what_stands_after_them(
    start: Start, tmp_path: Path, happened: Happened
) -> None:
    one = start()
    one.run("kill_after('done', 3)")
    assert one.run(CELL.format("")).died
    damage(log_of(tmp_path), 0.7)
    shown = start().run(CELL.format("--resume"))
    assert (shown.error, shown.value) == (None, "(1, 1, 1)")
    assert happened()[:3] == ["tool a ()", "tool b ()", "tool c ()"]
    assert "tool a ()" not in happened()[3:]


def test_verify_says_what_is_damaged(start: Start, tmp_path: Path) -> None:
    one = start()
    one.run(CELL.format(""))
    assert "all sound" in str(one.run("%playbook verify work").value)
    damage(log_of(tmp_path), 0.5)
    assert "all sound" not in str(one.run("%playbook verify work").value)


def test_a_log_that_is_not_ours_at_all_is_one_message(start: Start, tmp_path: Path) -> None:
    one = start()
    one.run(CELL.format(""))
    log_of(tmp_path).write_bytes(bytes(5000))
    for ask in ("%playbook resume work", "%playbook restore work", CELL.format("--resume")):
        shown = one.run(ask)
        assert shown.error is None
        assert "cannot be read" in shown.stderr
        assert "nothing was changed in it" in shown.stderr


def test_a_damaged_run_hides_no_other(start: Start, tmp_path: Path) -> None:
    one = start()
    one.run(CELL.format(""))
    one.run("%%playbook other\nawait tool('x')")
    log_of(tmp_path).write_bytes(bytes(5000))
    assert "other" in str(one.run("%playbook").value)


def test_a_checkpoint_that_was_deleted_is_not_there(start: Start) -> None:
    one = start()
    one.run(CELL.format(""))
    assert "deleted work@2" in str(one.run("%playbook delete work@2").value)
    assert "no checkpoint work@2" in one.run("%playbook restore work@2").stderr
    assert one.run("%playbook restore work@3").stderr.count("UsageError") == 0


def test_a_deleted_run_leaves_no_file(start: Start, tmp_path: Path) -> None:
    one = start()
    one.run(CELL.format(""))
    one.run("%playbook delete work")
    assert not (tmp_path / ".checkpoints" / "work").exists()
    assert one.run("%playbook").value == "no runs yet: begin a cell with %%playbook"


def test_gc_gives_back_what_is_not_kept(start: Start, tmp_path: Path) -> None:
    one = start()
    one.run("%%playbook many\n" + "\n".join(f"x{n} = await tool('n{n}')" for n in range(20)))
    (tmp_path / "playbooks.toml").write_text("[durability]\nkeep_last_n = 1")
    other = start()
    given = str(other.run("%playbook gc").value)
    assert given.endswith("bytes given back") and not given.startswith("0 ")
    assert other.run("%playbook restore many").stderr.count("UsageError") == 0
    assert value(other, "x19") == 3


# -- other people's runs


def test_another_users_run_is_listed_and_shown_but_not_loaded(start: Start, tmp_path: Path) -> None:
    start().run(CELL.format("").replace("(a, b, c)", "1 / 0"))
    stranger = start(JUPYTER_DATA_DIR=str(tmp_path / "stranger"))
    assert "work" in str(stranger.run("%playbook").value)
    assert "a = await tool('a')" in str(stranger.run("%playbook show work").value)
    for ask in ("%playbook restore work", "%playbook resume work", CELL.format("--resume")):
        said = stranger.run(ask).stderr
        assert "work is not signed by you" in said
        assert "nothing was loaded" in said
    assert value(stranger, "'a' in globals()") is False


def test_the_refusal_promises_no_command_that_is_not_there(start: Start, tmp_path: Path) -> None:
    start().run(CELL.format(""))
    stranger = start(JUPYTER_DATA_DIR=str(tmp_path / "stranger"))
    said = stranger.run("%playbook restore work").stderr
    commands = str(stranger.run("%playbook nonsense").stderr).rpartition("It knows ")[2]
    assert ("%playbook trust" in said) == ("trust" in commands)


def test_a_run_that_was_edited_is_not_loaded(start: Start, tmp_path: Path) -> None:
    """The seal: bytes that were changed by somebody without the key are never unpickled."""
    one = start()
    one.run("%%playbook work\nsecret = 'aaaaaaaa'\nawait tool('a')")
    log = log_of(tmp_path)
    data = log.read_bytes()
    assert b"aaaaaaaa" in data
    log.write_bytes(data.replace(b"aaaaaaaa", b"bbbbbbbb"))
    one.run("%reset -f")
    one.run("%playbook restore work")
    assert value(one, "globals().get('secret')") != "bbbbbbbb"


# -- privacy and place


def test_everything_that_is_kept_is_the_users_alone(start: Start, tmp_path: Path) -> None:
    start().run(CELL.format(""))
    store = tmp_path / ".checkpoints"
    kept = [store, *store.rglob("*")]
    open_to_others = [
        path.name for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077 and path.is_dir()
    ]
    assert open_to_others == []
    files = [path for path in kept if path.is_file() and path.name != ".gitignore"]
    assert [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_git_is_told_to_leave_the_store_alone(start: Start, tmp_path: Path) -> None:
    start().run(CELL.format(""))
    assert (tmp_path / ".checkpoints" / ".gitignore").read_text().strip() == "*"


def test_changing_the_folder_in_a_cell_moves_nothing(start: Start, tmp_path: Path) -> None:
    one = start()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    one.run(
        f"%%playbook moved\nimport os\nawait tool('a')\nos.chdir({str(elsewhere)!r})\n"
        "await tool('b')"
    )
    one.run("%%playbook after\nawait tool('c')")
    assert list(elsewhere.iterdir()) == []
    assert sorted(p.name for p in (tmp_path / ".checkpoints").iterdir() if p.is_dir()) == [
        "after",
        "moved",
    ]


def test_checkpoint_files_are_written_at_the_end_and_can_be_read(
    start: Start, tmp_path: Path
) -> None:
    one = start()
    one.run(CELL.format(""))
    files = sorted((tmp_path / ".checkpoints" / "work").glob("*.pkl"))
    assert [path.name for path in files] == [f"work_ckpt_{n}.pkl" for n in (1, 2, 3)]
    read = value(
        one,
        "(lambda p, P: P().read_file(p)['namespace']['b'])("
        f"__import__('pathlib').Path({str(files[1])!r}), "
        "__import__('playbooks_ipython.checkpoints', fromlist=['x']).FilesystemCheckpointProvider)",
    )
    assert read == 1
