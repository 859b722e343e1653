"""Wherever IPython runs cells: in a terminal, under nbclient, nbval and papermill."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import papermill
import pexpect
import pytest

from tests.kernel.conftest import until
from tests.support.kernels import effects, kernel_environ

LOAD = "%load_ext playbooks_ipython\nfrom outside import gate, tool"
FIRST = "%%playbook work --resume\na = await tool('a')\nb = await tool('b', a)\n"
HALF = FIRST + "raise KeyError('half')"
WHOLE = FIRST + "print('end', b)"


@pytest.fixture(autouse=True)
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a place, for this process's children too."""
    own = kernel_environ(tmp_path)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    return own


def notebook(*sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells[-1].metadata["tags"] = ["raises-exception"] if sources[-1] == HALF else []
    made: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return made


def text_of(done: nbformat.NotebookNode) -> str:
    outputs = [out for cell in done.cells for out in cell.get("outputs", [])]
    return "".join(out.get("text", "") for out in outputs)


# -- a terminal


@pytest.fixture
def terminal(tmp_path: Path, environ: dict[str, str]) -> Iterator[Terminal]:
    one = Terminal(tmp_path, environ)
    yield one
    one.close()


class Terminal:
    """IPython in a terminal, one prompt after another."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        words = ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"]
        self.child = pexpect.spawn(
            sys.executable,
            words,
            cwd=folder,
            env={**environ, "TERM": "dumb"},
            timeout=20,
            encoding="utf-8",
            echo=False,
        )
        self._read()

    def run(self, code: str) -> str:
        """Type code, and two empty lines where it has several; return what is shown."""
        self.start(code)
        return self._read()

    def start(self, code: str) -> None:
        for line in code.splitlines() + [""] * 2 * ("\n" in code):
            self.child.sendline(line)

    def interrupt(self) -> str:
        self.child.sendintr()
        return self._read()

    def close(self) -> None:
        self.child.close(force=True)

    def _read(self) -> str:
        self.child.expect(r"In \[\d+\]: ")
        return str(self.child.before)


def test_a_playbook_runs_in_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("%load_ext playbooks_ipython")
    terminal.run("from outside import tool")
    assert "('value', 1)" in terminal.run("%%playbook work\na = await tool('a')\n'value', a")
    assert effects(tmp_path) == ["tool a ()"]


def test_a_terminals_run_is_resumed_in_another(
    terminal: Terminal, tmp_path: Path, environ: dict[str, str]
) -> None:
    terminal.run("%load_ext playbooks_ipython")
    terminal.run("from outside import tool")
    assert "KeyError" in terminal.run(HALF)
    other = Terminal(tmp_path, environ)
    try:
        other.run("%load_ext playbooks_ipython")
        assert "end 2" in other.run(WHOLE)
        assert "work" in other.run("%playbook")
    finally:
        other.close()
    assert effects(tmp_path) == ["tool a ()", "tool b (1,)"]


def test_ctrl_c_in_a_terminal_interrupts_and_leaves_the_run_resumable(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.run("%load_ext playbooks_ipython")
    terminal.run("from outside import gate, tool")
    terminal.start("%%playbook stopped\nawait tool('a')\nawait gate()")
    until(lambda: "gate" in effects(tmp_path))
    assert "KeyboardInterrupt" in terminal.interrupt()
    assert "interrupted" in terminal.run("%playbook")
    (tmp_path / "open").touch()
    terminal.run("%playbook resume stopped")
    assert effects(tmp_path) == ["tool a ()", "gate", "gate"]


# -- runners of notebooks


def test_a_playbook_is_run_and_resumed_under_nbclient(tmp_path: Path) -> None:
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook(LOAD, HALF), timeout=60, resources=resources).execute()
    done = nbclient.NotebookClient(notebook(LOAD, WHOLE), timeout=60, resources=resources).execute()
    assert "end 2" in text_of(done)
    assert effects(tmp_path) == ["tool a ()", "tool b (1,)"]


def test_a_playbook_is_run_and_resumed_under_papermill(tmp_path: Path) -> None:
    nbformat.write(notebook(LOAD, FIRST + "1 / 0"), tmp_path / "half.ipynb")
    nbformat.write(notebook(LOAD, WHOLE), tmp_path / "whole.ipynb")
    with pytest.raises(papermill.PapermillExecutionError, match="ZeroDivisionError"):
        run_papermill(tmp_path, "half")
    assert "end 2" in text_of(run_papermill(tmp_path, "whole"))
    assert effects(tmp_path) == ["tool a ()", "tool b (1,)"]


def run_papermill(folder: Path, name: str) -> nbformat.NotebookNode:
    done: nbformat.NotebookNode = papermill.execute_notebook(
        folder / f"{name}.ipynb", folder / f"{name}-out.ipynb", cwd=folder, progress_bar=False
    )
    return done


def test_a_notebook_with_playbooks_is_strict_under_nbval(tmp_path: Path) -> None:
    made = notebook(LOAD, FIRST + "(a, b)", "a + b")
    path = tmp_path / "strict.ipynb"
    resources = {"metadata": {"path": str(tmp_path)}}
    nbformat.write(nbclient.NotebookClient(made, timeout=60, resources=resources).execute(), path)
    for leftover in (tmp_path / ".checkpoints" / "work").glob("*"):
        leftover.unlink()
    words = ["-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, *words, str(path)],
        cwd=tmp_path,
        env=os.environ.copy(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert effects(tmp_path) == ["tool a ()", "tool b (1,)"] * 2
