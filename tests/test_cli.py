"""The command line: what it prints, and how it ends, for people and for scripts."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from playbooks_ipython.checkpoints import CheckpointManager, FilesystemCheckpointProvider
from playbooks_ipython.cli import main
from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor

DONE, PROBLEM, USAGE = 0, 1, 2
PROGRAM = "total = 0\nawait Say('one')\ntotal += 1\nawait Say('two')\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path


def ran(name: str, program: str = PROGRAM, store: str = ".checkpoints") -> None:
    manager = CheckpointManager(name, FilesystemCheckpointProvider(store))
    executor = StreamingPythonExecutor(SimpleNamespace(id=name, state={}), manager=manager)
    asyncio.run(executor.run(program))


def failed(name: str) -> None:
    with pytest.raises(ZeroDivisionError):
        ran(name, PROGRAM + "1 / 0\n")


def damage(name: str) -> None:
    (log,) = Path(".checkpoints", name).glob("log-*")
    data = bytearray(log.read_bytes())
    data[len(data) // 2] ^= 0xFF
    log.write_bytes(data)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    return capsys


def test_list_without_runs_says_so(said: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == DONE
    assert said.readouterr().out == "no runs yet: begin a cell with %%playbook\n"


def test_list_shows_every_run_the_newest_first(said: pytest.CaptureFixture[str]) -> None:
    ran("older")
    failed("newer")
    said.readouterr()
    assert main(["list"]) == DONE
    rows = [line.split() for line in said.readouterr().out.splitlines()]
    assert rows[0][:3] == ["run", "state", "awaits"]
    assert [row[0] for row in rows[1:]] == ["newer", "older"]
    assert rows[2][1:3] == ["finished", "2"]


def test_list_says_why_a_run_failed(said: pytest.CaptureFixture[str]) -> None:
    failed("broken")
    main(["list"])
    assert "failed: ZeroDivisionError: division by zero" in said.readouterr().out


def test_list_reads_the_store_that_it_is_given(said: pytest.CaptureFixture[str]) -> None:
    ran("there", store="elsewhere")
    assert main(["--store", "elsewhere", "list"]) == DONE
    assert "there" in said.readouterr().out


def test_list_reads_the_store_of_the_settings(
    folder: Path, said: pytest.CaptureFixture[str]
) -> None:
    ran("there", store="elsewhere")
    (folder / "playbooks.toml").write_text("[durability]\nstorage_path = 'elsewhere'\n")
    main(["list"])
    assert "there" in said.readouterr().out


def test_list_tells_of_a_run_that_cannot_be_read_and_shows_the_others(
    said: pytest.CaptureFixture[str],
) -> None:
    ran("bad")
    ran("good")
    said.readouterr()
    next(Path(".checkpoints", "bad").glob("log-*")).write_bytes(bytes(1000))
    main(["list"])
    shown = said.readouterr()
    assert "good" in shown.out
    assert "bad" in shown.err


def test_show_marks_the_code(said: pytest.CaptureFixture[str]) -> None:
    ran("work")
    said.readouterr()
    assert main(["show", "work@1"]) == DONE
    lines = said.readouterr().out.splitlines()
    assert lines[0] == "work@1"
    assert lines[1:5] == [
        "done    1  total = 0",
        "done    2  await Say('one')",
        "here    3  total += 1",
        "left    4  await Say('two')",
    ]


def test_show_marks_what_was_begun_and_not_ended_as_here(said: pytest.CaptureFixture[str]) -> None:
    ran("work", "a = 1\nfor i in range(2):\n    await Say('x')\nb = 2\n")
    said.readouterr()
    main(["show", "work@1"])
    marks = [line.split()[0] for line in said.readouterr().out.splitlines()[1:5]]
    assert marks == ["done", "here", "here", "left"]


def test_show_of_a_finished_run_has_nothing_left(said: pytest.CaptureFixture[str]) -> None:
    ran("work")
    said.readouterr()
    main(["show", "work"])
    assert {line.split()[0] for line in said.readouterr().out.splitlines()[1:5]} == {"done"}


def test_show_names_the_variables_of_the_checkpoint(said: pytest.CaptureFixture[str]) -> None:
    ran("work", "a = 1\nawait Say('one')\nb = 'x'\nawait Say('two')\n")
    main(["show", "work@1"])
    first = said.readouterr().out
    main(["show", "work@2"])
    second = said.readouterr().out
    assert "a: int" in first and "b: str" not in first
    assert "b: str" in second


def test_diff_shows_what_differs(said: pytest.CaptureFixture[str]) -> None:
    ran("work")
    assert main(["diff", "work@1", "work@2"]) == DONE
    rows = said.readouterr().out.splitlines()[2:]
    assert rows[0] == "work@1 -> work@2"
    assert rows[2].split() == ["changed", "total", "int", "0", "->", "1"]


def test_show_loads_nothing_of_another_user(
    folder: Path, said: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran("theirs")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(folder / "mine"))
    assert main(["show", "theirs"]) == DONE
    assert "total = 0" in said.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "nobody"], "no run 'nobody' in"),
        (["show", "work@9"], "no checkpoint work@9; kept: work@1 to work@2"),
        (["show", "work@x"], "'work@x' is not NAME, NAME@N"),
        (["show", "a/b"], "is not a run's name"),
        (["verify", "nobody"], "no run 'nobody' in"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_problem(
    said: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    ran("work")
    said.readouterr()
    assert main(words) == PROBLEM
    shown = said.readouterr()
    assert message in shown.err
    assert shown.err.startswith("playbooks-ipython: ")
    assert len(shown.err.splitlines()) == 1


@pytest.mark.parametrize("words", [[], ["nonsense"], ["show"], ["list", "x"], ["gc", "--now"]])
def test_what_is_not_a_command_is_a_usage_error(
    said: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == USAGE
    assert "usage: playbooks-ipython" in said.readouterr().err


def test_a_wrong_setting_is_a_problem_that_names_it(
    folder: Path, said: pytest.CaptureFixture[str]
) -> None:
    (folder / "playbooks.toml").write_text("[durability]\nkeep_last = 1\n")
    assert main(["list"]) == PROBLEM
    assert "keep_last: unknown setting" in said.readouterr().err


def test_verify_of_sound_runs_is_done(said: pytest.CaptureFixture[str]) -> None:
    ran("one")
    ran("two", "await Say('x')\n")
    said.readouterr()
    assert main(["verify"]) == DONE
    assert said.readouterr().out.splitlines() == [
        "one: 2 checkpoints, all sound",
        "two: 1 checkpoint, all sound",
    ]


def test_verify_of_a_damaged_run_is_a_problem(said: pytest.CaptureFixture[str]) -> None:
    ran("good")
    ran("bad")
    damage("bad")
    said.readouterr()
    assert main(["verify"]) == PROBLEM
    shown = said.readouterr()
    assert "good: 2 checkpoints, all sound" in shown.out
    assert "bad: " in shown.out and "bad: 2 checkpoints, all sound" not in shown.out
    assert shown.err == "playbooks-ipython: 1 not sound\n"


def test_verify_of_named_runs_looks_at_those_only(said: pytest.CaptureFixture[str]) -> None:
    ran("good")
    ran("bad")
    damage("bad")
    said.readouterr()
    assert main(["verify", "good"]) == DONE
    assert "bad" not in said.readouterr().out


def test_verify_of_another_users_run_is_a_problem(
    folder: Path, said: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran("theirs")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(folder / "mine"))
    assert main(["verify"]) == PROBLEM
    assert "theirs is not signed by you" in said.readouterr().out


def test_gc_gives_back_what_the_settings_do_not_keep(
    folder: Path, said: pytest.CaptureFixture[str]
) -> None:
    ran("work", "".join(f"x{n} = bytes(5000)\nawait Say('x')\n" for n in range(9)))
    (folder / "playbooks.toml").write_text("[durability]\nkeep_last_n = 2\n")
    said.readouterr()
    assert main(["gc"]) == DONE
    given = said.readouterr().out
    assert given.endswith(" bytes given back\n") and not given.startswith("0 ")
    provider = FilesystemCheckpointProvider()
    kept = asyncio.run(provider.list_checkpoints("work"))
    assert kept == ["work_ckpt_8", "work_ckpt_9"]
    whole = asyncio.run(provider.load_checkpoint("work_ckpt_9"))
    assert whole is not None
    assert len(whole["namespace"]) == 9


def test_gc_twice_gives_back_nothing_more(said: pytest.CaptureFixture[str]) -> None:
    ran("work")
    main(["gc"])
    said.readouterr()
    assert main(["gc"]) == DONE
    assert said.readouterr().out == "nothing to drop\n"


def test_gc_of_a_store_with_another_users_run_tidies_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran("theirs")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(folder / "mine"))
    ran("work", "".join(f"x{n} = bytes(5000)\nawait Say('x')\n" for n in range(9)))
    (folder / "playbooks.toml").write_text("[durability]\nkeep_last_n = 1\n")
    main(["gc"])
    assert asyncio.run(FilesystemCheckpointProvider().list_checkpoints("work")) == ["work_ckpt_9"]


def test_help_names_every_command(said: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == DONE
    text = said.readouterr().out
    assert [word for word in ("list", "show", "verify", "gc") if word not in text] == []


def test_the_command_line_works_as_a_module(folder: Path) -> None:
    ran("work")
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from playbooks_ipython.cli import main; sys.exit(main())",
            "list",
        ],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == DONE
    assert "work" in done.stdout


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    """`playbooks-ipython list | head -1` ends quietly."""
    for n in range(3):
        ran(f"work{n}")
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    code = "import sys; from playbooks_ipython.cli import main; sys.exit(main(['list']))"
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -c "{code}" | true'],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
