"""What went wrong in the predecessor goes right here: one test for each row of its defects.

B rows are those of its durability, E rows those of its executor. Each runs the real order of
events: text in chunks, a real SIGKILL in the middle, the rest from the newest checkpoint.
"""

from __future__ import annotations

import ast
import asyncio
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from playbooks_ipython.checkpoints import (
    CheckpointManager,
    FilesystemCheckpointProvider,
    RecoveryCoordinator,
)
from playbooks_ipython.errors import BadName, CheckpointNotFound, CorruptLog, StoreFull
from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor
from tests.support.kernels import effects
from tests.support.streamed import ROOT, chunks, in_a_process, stream

SIZES = (1, 2, 3, 5, 7, 16, 61, 10_000)
# In the first, what is known at a kill ends with a whole line; in the second it is the whole text.
KILL_SIZES = (1, 10_000)
TOOL = "from tests.support.outside import effect, tool\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder, a key and an outside world of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OUTSIDE", str(tmp_path / "outside.txt"))
    yield tmp_path


def newest(name: str = "1000") -> dict[str, Any]:
    provider = FilesystemCheckpointProvider()
    whole = asyncio.run(CheckpointManager(name, provider).get_latest_checkpoint())
    assert whole is not None
    return whole


def resumed(name: str = "1000") -> StreamingPythonExecutor:
    who = SimpleNamespace(id=name, state={})
    return asyncio.run(StreamingPythonExecutor.resume_from_checkpoint(who, newest(name)))


def whole_metadata(name: str = "1000") -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        provider = FilesystemCheckpointProvider()
        found = [
            await provider.load_checkpoint(one) for one in await provider.list_checkpoints(name)
        ]
        return [whole["metadata"] for whole in found if whole is not None]

    return asyncio.run(read())


def killed(folder: Path, program: str, size: int, k: int, kind: str = "done") -> None:
    assert in_a_process(folder, program, size, kind, k) == -9, (folder / "said.txt").read_text()


# -- its durability

THREE = TOOL + "x = 1\nawait tool('a')\nx = 2\nawait tool('b')\nx = 3\nawait tool('c')\n"


@pytest.mark.parametrize("size", KILL_SIZES)
def test_b1_a_checkpoint_made_while_text_streams_knows_the_text_so_far(
    folder: Path, size: int
) -> None:
    """B1: the response was announced after the stream had ended, so resuming executed nothing."""
    killed(folder, THREE, size, 1)
    metadata = newest()["metadata"]
    assert metadata["llm_response"].startswith(metadata["executed_code"])
    assert "await tool('a')" in metadata["executed_code"]
    known = metadata["llm_response"].count("await tool(")
    resumed()
    assert effects(folder) == [f"tool {name} ()" for name in "abc"[:known]]


@pytest.mark.parametrize("size", [11, 12, 13, 14, 17, 19, 23])
def test_b1_the_torn_end_of_a_stream_is_not_executed(folder: Path, size: int) -> None:
    """B1: what was streamed last may be half a statement, and `x = 1` may become `x = 123`."""
    program = TOOL + "await tool('a')\nvalue = 123456789123456789\nawait tool('b')\n"
    killed(folder, program, size, 1)
    assert not newest()["metadata"]["llm_response"].endswith("\n")
    assert resumed().namespace.get("value", 123456789123456789) == 123456789123456789


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("size", KILL_SIZES)
def test_b2_a_completed_await_is_not_executed_again(folder: Path, size: int, k: int) -> None:
    """B2: the statement just completed was not in `executed_code`, so it always ran again."""
    killed(folder, THREE, size, k)
    resumed()
    done = effects(folder)
    assert done[:k] == [f"tool {name} ()" for name in "abc"[:k]]
    assert len(done) == len(set(done))


def test_b3_each_await_of_one_chunk_has_a_place_of_its_own() -> None:
    """B3: all checkpoints of one chunk carried the same `executed_code`."""
    asyncio.run(stream(THREE, 10_000))
    executed = [metadata["executed_code"] for metadata in whole_metadata()]
    assert [text.count("await tool(") for text in executed] == [1, 2, 3]
    assert all(THREE.startswith(text) for text in executed)


AWKWARD = {
    "blank lines": TOOL + "a = 1\n\n\n\nawait tool('a')\n\n\nb = 2\n\nawait tool('b')\n\n\nc = 3\n",
    "equal statements": TOOL + "x = 0\nx += 1\nawait tool('a', x)\nx += 1\nawait tool('a', x)\n",
    "in a comment": TOOL
    + "# await tool('a')\n'await tool(\"a\")'\nawait tool('a')\nawait tool('b')\n",
    "one line": TOOL + "await tool('a'); x = 1; await tool('b'); x = 2\n",
}


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("size", KILL_SIZES)
def test_b4_b5_the_place_does_not_depend_on_text_being_found(
    folder: Path, name: str, size: int
) -> None:
    """B4: a blank line made it replay from the top; B5: an equal text earlier gave a wrong cut."""
    program = AWKWARD[name]
    asyncio.run(stream(program, 10_000, "undisturbed"))
    undisturbed = effects(folder)
    (folder / "outside.txt").unlink()
    killed(folder, program, size, 1)
    known = newest()["metadata"]["llm_response"]
    resumed()
    expected = undisturbed if known == program else undisturbed[: len(effects(folder))]
    assert effects(folder) == expected


def test_b6_numbers_go_on_over_the_responses_of_one_agent() -> None:
    """B6: the second response began at 1 again, and "newest" was of the first."""

    async def two_responses() -> None:
        await stream(TOOL + "await tool('a')\nawait tool('b')\nlast = 'first'\n", 5)
        await stream(TOOL + "last = 'second'\nawait tool('c')\n", 5)

    asyncio.run(two_responses())
    assert [metadata["counter"] for metadata in whole_metadata()] == [1, 2, 3]
    assert newest()["namespace"]["last"] == "second"


def test_b7_a_nested_program_of_another_agent_leaves_the_callers_alone(folder: Path) -> None:
    """B7: the inner program overwrote the caller's files, and the caller's text was lost."""
    inner = TOOL + "await tool('inner')\n"
    outer = (
        TOOL
        + "from tests.support.streamed import stream\n"
        + "await tool('before')\n"
        + f"await stream({inner!r}, 7, 'inner')\n"
        + "await tool('after')\n"
    )
    killed(folder, outer, 10_000, 4)  # before, inner, the call, after
    assert newest()["metadata"]["llm_response"] == outer
    assert newest("inner")["metadata"]["llm_response"] == inner
    resumed()
    assert effects(folder) == ["tool before ()", "tool inner ()", "tool after ()"]


def test_b7_a_nested_program_of_the_same_agent_leaves_the_callers_alone(folder: Path) -> None:
    """B7, as it was there: both executors have the agent's id."""
    inner = TOOL + "await tool('inner')\n"
    outer = (
        TOOL
        + "from tests.support.streamed import stream\n"
        + "await tool('before')\n"
        + f"await stream({inner!r}, 7, '1000')\n"
        + "await tool('after')\n"
    )
    assert in_a_process(folder, outer, 10_000) == 0
    assert effects(folder) == ["tool before ()", "tool inner ()", "tool after ()"]
    assert newest()["metadata"]["llm_response"] == outer


@pytest.mark.parametrize("location", ["Main:01", "Main:03.2", "Sub_Playbook:10"])
def test_b8_where_a_program_stands_survives_the_round_trip(location: str) -> None:
    """B8: "Main:01" came back as a playbook called "Main:01 (path.pbasm"."""
    asyncio.run(stream(TOOL + f"await Step('{location}:EXE')\nawait tool('a')\n", 10_000))
    assert newest()["execution_state"]["call_stack"] == [location]
    seen = resumed()
    assert seen.host.location == location


@pytest.mark.parametrize("k", [1, 2, 3])
def test_b9_the_locals_of_a_function_come_back(folder: Path, k: int) -> None:
    """B9: frames came back without their locals, arguments and return targets."""
    program = TOOL + (
        "async def twice(x, *, by):\n"
        "    kept = [x]\n"
        "    kept.append(await tool('a', x))\n"
        "    for n in range(by):\n"
        "        kept.append(await tool('b', n))\n"
        "    return kept\n"
        "got = await twice(5, by=2)\n"
    )
    killed(folder, program, 10_000, k)
    assert resumed().namespace["got"] == [5, 2, 2, 2]
    assert effects(folder) == ["tool a (5,)", "tool b (0,)", "tool b (1,)"]


def test_b10_the_result_of_what_was_resumed_is_given_back(folder: Path) -> None:
    """B10: it was thrown away, and the same program was entered again."""
    killed(folder, TOOL + "a = await tool('a')\nb = await tool('b')\na + b + 40\n", 10_000, 1)
    executor = resumed()
    assert executor.result.value == 42
    assert effects(folder) == ["tool a ()", "tool b ()"]


def test_b11_another_sessions_run_of_the_same_agent_id_is_kept(folder: Path) -> None:
    """B11: ids began at 1000 in every session, which overwrote and resumed each other's files."""
    assert in_a_process(folder, TOOL + "who = 'first'\nawait tool('a')\nawait tool('b')\n", 9) == 0
    assert in_a_process(folder, TOOL + "who = 'second'\nawait tool('c')\n", 9) == 0
    assert newest("1000")["namespace"]["who"] == "second"
    assert newest("1000~1")["namespace"]["who"] == "first"
    assert [metadata["counter"] for metadata in whole_metadata("1000")] == [1]


def test_b13_a_truncated_newest_checkpoint_falls_back_to_the_one_before(folder: Path) -> None:
    """B13: `UnpicklingError: pickle data was truncated`."""
    killed(folder, THREE, 10_000, 2)
    (log,) = (folder / ".checkpoints" / "1000").glob("log-*")
    os.truncate(log, log.stat().st_size - 30)
    assert newest()["metadata"]["counter"] == 1
    resumed()
    assert effects(folder) == ["tool a ()", "tool b ()", "tool b ()", "tool c ()"]


def test_b13_a_truncated_file_is_refused_whole() -> None:
    """B13, of one checkpoint's own file."""
    asyncio.run(stream(THREE, 10_000))
    provider = FilesystemCheckpointProvider()
    path = provider.file_of("1000", 2)
    assert provider.read_file(path)["metadata"]["counter"] == 2
    for length in (0, 10, path.stat().st_size // 2, path.stat().st_size - 1):
        path.write_bytes(path.read_bytes()[:length])
        with pytest.raises(CorruptLog):
            provider.read_file(path)


class Hostile:
    """Runs code where it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("hacked",)


def test_b14_nothing_in_the_folder_runs_when_it_is_asked_what_there_is(folder: Path) -> None:
    """B14: any .pkl in the folder ran its code, for `can_recover()` already."""
    asyncio.run(stream(THREE, 10_000))
    hostile = pickle.dumps(Hostile())
    for name in ("1000_ckpt_3.pkl", "1000_ckpt_99.pkl"):
        (folder / ".checkpoints" / "1000" / name).write_bytes(hostile)
    manager = CheckpointManager("1000", FilesystemCheckpointProvider())
    assert asyncio.run(RecoveryCoordinator(manager).can_recover())
    assert asyncio.run(manager.list_checkpoints())[-1] == "1000_ckpt_3"
    assert newest()["namespace"]["x"] == 3
    with pytest.raises(CorruptLog):
        FilesystemCheckpointProvider().read_file(
            folder / ".checkpoints" / "1000" / "1000_ckpt_99.pkl"
        )
    assert not (folder / "hacked").exists()


@pytest.mark.parametrize("bad", ["../evil", "..", "a/b", "/tmp/evil", "a\\b", "", "a\n", " a"])
def test_b15_an_id_never_leads_out_of_the_folder(folder: Path, bad: str) -> None:
    """B15: `../evil_ckpt_1` was written outside."""
    provider = FilesystemCheckpointProvider()
    with pytest.raises(BadName):
        asyncio.run(provider.save_checkpoint(f"{bad}_ckpt_1", {}, {"x": 1}, {}))
    with pytest.raises(BadName):
        asyncio.run(stream("x = 1\n", 5, bad))
    found = [*folder.rglob("*"), *folder.parent.glob("*")]
    assert not [path for path in found if path.name.startswith("evil")]


def test_b15_an_id_with_the_mark_in_its_name_is_listed() -> None:
    """B15: it was saved and never listed."""
    asyncio.run(stream(TOOL + "await tool('a')\n", 5, "my_ckpt_run"))
    provider = FilesystemCheckpointProvider()
    assert asyncio.run(provider.list_checkpoints("my_ckpt_run")) == ["my_ckpt_run_ckpt_1"]
    assert asyncio.run(provider.load_checkpoint("my_ckpt_run_ckpt_1")) is not None


def test_b15_asking_for_what_is_not_there_makes_nothing(folder: Path) -> None:
    """B15: a missing id made a folder."""
    provider = FilesystemCheckpointProvider()
    assert asyncio.run(provider.load_checkpoint("nobody_ckpt_1")) is None
    assert asyncio.run(provider.list_checkpoints("nobody")) == []
    assert not (folder / ".checkpoints").exists()


def test_b16_what_cannot_be_saved_is_not_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    """B16: a failed save was a line in a log."""
    program = (
        TOOL + "lock = [__import__('sqlite3').connect(':memory:') for _ in (1, 2)][0]\n"
        "await tool('a')\nlock.close()\n"
    )
    asyncio.run(stream(program, 10_000))
    assert "lock (Connection) is not stored" in capsys.readouterr().err
    provider = FilesystemCheckpointProvider("/proc/nowhere")
    who = SimpleNamespace(id="1000", state={})
    executor = StreamingPythonExecutor(who, manager=CheckpointManager("1000", provider))
    with pytest.raises(StoreFull):
        asyncio.run(executor.run("x = 1\n"))


def test_b16_recovering_nothing_is_an_error() -> None:
    """B16: "restored 1/1", though nothing could go on."""
    coordinator = RecoveryCoordinator(CheckpointManager("1000", FilesystemCheckpointProvider()))
    assert not asyncio.run(coordinator.can_recover())
    with pytest.raises(CheckpointNotFound):
        asyncio.run(coordinator.recover_execution_state(SimpleNamespace(id="1000", state={})))


def python(folder: Path, code: str) -> str:
    environ = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_b17_an_installed_provider_wins_over_the_built_in_one(folder: Path) -> None:
    """B17: importing the package registered its own over it."""
    (folder / "theirs.py").write_text("class Provider: pass\n")
    about = folder / "theirs-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[playbooks_ipython.stores]\nfilesystem = theirs:Provider\n"
    )
    code = (
        "import playbooks_ipython.checkpoints\n"
        "from playbooks_ipython.extensions.registry import ExtensionRegistry as R\n"
        "print(R.checkpoint_provider().__module__)"
    )
    assert python(folder, code) == "theirs\n"


def test_b18_importing_the_executor_alone_is_enough(folder: Path) -> None:
    """B18: no provider was registered, and saving was silently off."""
    code = (
        "import asyncio, types\n"
        "from playbooks_ipython.execution.streaming_python_executor import *\n"
        "executor = StreamingPythonExecutor(types.SimpleNamespace(id='alone', state={}))\n"
        "asyncio.run(executor.run('x = 1\\nawait Say(\"hi\")\\n'))\n"
    )
    python(folder, code)
    assert (folder / ".checkpoints" / "alone" / "alone_ckpt_1.pkl").exists()


@pytest.mark.parametrize("size", KILL_SIZES)
def test_b19_deleted_variables_stay_deleted(folder: Path, size: int) -> None:
    """B19: they came back."""
    program = TOOL + "gone = 1\nawait tool('a')\ndel gone\nawait tool('b')\nend = 1\n"
    killed(folder, program, size, 2)
    executor = resumed()
    assert "gone" not in executor.namespace
    assert "gone" not in newest()["namespace"]


def test_b20_a_message_is_shown_when_its_statement_runs_and_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """B20: it was shown while its text streamed, before it ran, and again after a crash."""

    async def half_a_message() -> str:
        executor = StreamingPythonExecutor(SimpleNamespace(id="half", state={}))
        for chunk in chunks("await Say('user', 'hello')", 3):
            await executor.add_chunk(chunk)
        return capsys.readouterr().out

    assert asyncio.run(half_a_message()) == ""
    killed(folder, TOOL + "await Say('user', 'hello')\nawait tool('a')\n", 10_000, 1)
    assert (folder / "said.txt").read_text() == "hello\n"
    resumed()
    assert capsys.readouterr().out == ""


# -- its executor


async def plainly(program: str) -> dict[str, Any]:
    """Run a program as Python itself does: its names, and nothing else."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    code = compile(program, "plain", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    coroutine = eval(code, namespace)
    if coroutine is not None:
        await coroutine
    return namespace


DATA = int | float | str | list | dict | tuple | type(None)


def data_of(namespace: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in namespace.items()
        if not name.startswith("__") and isinstance(value, DATA)
    }


LIKE_PYTHON = {
    "E1 after a block": (
        "async def f():\n    return 1\nfor i in range(2):\n    await f()\nq = f\ny = q\n"
        "s = 'from' + 'fake'\nawait f()\nlast = [i, s]\n"
    ),
    "E2 a block "
    "at the end": "done = []\nfor i in range(3):\n    done.append(await tool('e2', i))\n",
    "E2 a block at the end, unfinished line": "done = []\nfor i in (1, 2):\n    done.append(i)",
    "E3 if, elif, else": (
        "got = []\nfor n in range(4):\n    if n == 0:\n        got.append('zero')\n"
        "    elif n == 1:\n        got.append(await tool('one'))\n"
        "    else:\n        got.append(n)\n"
        "if got == 1:\n    x = 1\nelif got == 2:\n    x = 2\nelse:\n    x = 3\n"
    ),
    "E3 for and while with else": (
        "for i in []:\n    pass\nelse:\n    a = 'no break'\n"
        "while True:\n    break\nelse:\n    b = 'never'\nc = 1\n"
    ),
    "E3 try": (
        "got = []\ntry:\n    await tool('t')\n    1 / 0\nexcept KeyError:\n    got.append('key')\n"
        "except ZeroDivisionError as e:\n    got.append(str(e))\nelse:\n    got.append('else')\n"
        "finally:\n    got.append('finally')\n"
    ),
    "E5 targets": (
        "async def pair():\n    return 1, [2, 3]\na, (b, *c) = await pair()\n"
        "(n := await tool('w'))\nd = {}\nd['k'] = await tool('k')\n"
        "for i, j in [(1, 2), (3, 4)]:\n    await tool('l')\nimport json as late\n"
        "if await tool('i'):\n    import math\nroot = math.floor(late.loads('2.5'))\n"
    ),
    "E6 an annotated name": "x: int = await tool('e6')\ny: list = []\nz: str\n",
    "E7 augmented": "n = 1\nn += await tool('e7', 5)\nl = [1]\nl[0] += await tool('e7b')\n",
    "E8 names in functions": (
        "k = 7\na = (lambda: k)()\ndef f():\n    return k\nb = f()\nc = [k + i for i in range(2)]\n"
        "async def g():\n    return k + await tool('g')\nd = await g()\nk = 8\ne = f()\n"
    ),
    "E12 one-line if and else": "x = 0\nif x: y = 1\nelse: y = 2\nawait tool('e12')\nz = y\n",
    "match": (
        "match [1, 2]:\n    case [a, b]:\n"
        "        c = await tool('m', a, b)\n    case _:\n        c = 0\n"
    ),
    "strings": (
        "s = '''a\n\n  b'''\nt = f'''{s}\n{\n1 + 1\n}'''\nu = 'x' \\\n    'y'\nawait tool('s')\n"
    ),
    "with": (
        "from contextlib import asynccontextmanager\nlog = []\n@asynccontextmanager\n"
        "async def cm(n):\n    log.append(f'in {n}')\n    yield n\n    log.append(f'out {n}')\n"
        "async with cm(1) as one, cm(2) as two:\n    log.append(await tool('with', one, two))\n"
    ),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", LIKE_PYTHON)
def test_a_program_does_what_python_does_wherever_it_was_cut(
    folder: Path, name: str, size: int
) -> None:
    """E1 to E3, E5 to E8, E12, each in many chunk sizes: the same names, values and effects."""
    program = TOOL + LIKE_PYTHON[name]
    expected = asyncio.run(plainly(program))
    happened = effects(folder)
    (folder / "outside.txt").unlink(missing_ok=True)
    executor = asyncio.run(stream(program, size))
    assert data_of(executor.namespace) == data_of(expected)
    assert effects(folder) == happened


@pytest.mark.parametrize("size", SIZES)
def test_e4_a_syntax_error_is_reported_at_its_line_after_what_stands_before_it(
    folder: Path, size: int
) -> None:
    """E4: the statement and all after it were silently never executed."""
    program = TOOL + "await tool('before')\nb = = 2\nawait tool('after')\n"
    with pytest.raises(SyntaxError) as raised:
        asyncio.run(stream(program, size))
    assert raised.value.lineno == 3
    assert effects(folder) == ["tool before ()"]


@pytest.mark.parametrize("size", SIZES)
def test_e4_the_result_says_so_too_and_later_chunks_are_ignored(size: int) -> None:
    async def go() -> StreamingPythonExecutor:
        executor = StreamingPythonExecutor(SimpleNamespace(id="1000", state={}))
        errors = 0
        for chunk in chunks(TOOL + "x = 1\nb = = 2\ny = 2\n", size):
            try:
                await executor.add_chunk(chunk)
            except SyntaxError:
                errors += 1
        try:
            await executor.finalize()
        except SyntaxError:
            errors += 1
        assert errors == 1
        return executor

    executor = asyncio.run(go())
    assert executor.result.syntax_error is not None
    assert executor.result.runtime_error is None
    assert executor.namespace["x"] == 1
    assert "y" not in executor.namespace


@pytest.mark.parametrize("size", SIZES)
def test_e9_what_ran_before_an_error_is_known_to_have_run(folder: Path, size: int) -> None:
    """E9: `executed_code` was empty, so side effects were asked for twice."""
    program = TOOL + "await tool('one')\nawait tool('two')\n1 / 0\nawait tool('four')\n"

    async def go() -> StreamingPythonExecutor:
        executor = StreamingPythonExecutor(SimpleNamespace(id="1000", state={}))
        with pytest.raises(ZeroDivisionError):
            for chunk in chunks(program, size):
                await executor.add_chunk(chunk)
        return executor

    executor = asyncio.run(go())
    assert executor.result.executed_code.count("await tool(") == 2
    assert executor.result.error_message == "ZeroDivisionError: division by zero"
    assert effects(folder) == ["tool one ()", "tool two ()"]


@pytest.mark.parametrize("size", SIZES)
def test_e10_a_return_outside_a_function_is_refused_at_its_line(folder: Path, size: int) -> None:
    """E10: as Python does, and what stands before it has run."""
    with pytest.raises(SyntaxError, match="'return' outside function") as raised:
        asyncio.run(stream(TOOL + "await tool('a')\nreturn 1\nawait tool('b')\n", size))
    assert raised.value.lineno == 3
    assert effects(folder) == ["tool a ()"]


@pytest.mark.parametrize("size", SIZES)
def test_e11_a_traceback_names_the_programs_own_lines(size: int) -> None:
    """E11: each statement was line 1 of a text of its own."""
    program = "def f(x):\n    return 1 / x\n\n\nasync def g():\n    return f(0)\n\nawait g()\n"
    with pytest.raises(ZeroDivisionError) as raised:
        asyncio.run(stream(program, size))
    lines = [entry.lineno + 1 for entry in raised.traceback if "<playbook" in str(entry.path)]
    assert lines == [8, 6, 2]
    executor_text = "".join(str(entry.statement) for entry in raised.traceback[-3:])
    assert "return 1 / x" in executor_text
