"""Clock values that a program keeps across an await are said by line, before they are used."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from playbooks_ipython.execution.streaming_python_executor import StreamingPythonExecutor
from tests.execution.chains import fork, prepare, said

TEXT = """import time
t = time.perf_counter()
await tool("one")
await tool("two")
effect("used") if time.perf_counter() - t else None
await tool("three")
"""
SAID = "playbook: line 2: a value of perf_counter() is kept in `t` across an await: after a restart"


def test_it_is_said_before_the_await_and_again_where_the_run_goes_on(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "killed", TEXT)
    assert fork(folder, "run", "issue", 1) == -signal.SIGKILL
    assert said(folder).count(SAID) == 1
    (folder / "log.txt").write_text("")
    assert fork(folder, "resume") == 0
    assert said(folder).count(SAID) == 1


def test_it_is_not_said_where_the_value_was_used_already(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "killed", TEXT)
    assert fork(folder, "run", "issue", 3) == -signal.SIGKILL
    (folder / "log.txt").write_text("")
    assert fork(folder, "resume") == 0
    assert SAID not in said(folder)


def test_it_is_said_of_a_streamed_text_before_the_value_is_used(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The use was not known when the clock was read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    lines = ["import time, asyncio", "t = time.monotonic()", "await asyncio.sleep(0)", "print(t)"]

    async def stream() -> None:
        executor = StreamingPythonExecutor(type("Agent", (), {"id": "a", "state": None})())
        for line in lines[:3]:
            await executor.add_chunk(line + "\n")
        assert "monotonic()" not in capsys.readouterr().err
        await executor.add_chunk(lines[3])
        await executor.finalize()

    asyncio.run(stream())
    out, err = capsys.readouterr()
    assert "line 2: a value of monotonic() is kept in `t`" in err
    assert out
