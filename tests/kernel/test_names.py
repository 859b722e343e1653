"""A run's name: which are allowed, whose it is, and which one a cell gets that gives none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kernel.conftest import Start, names
from tests.support.kernels import Kernel


def notebook(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    return path


@pytest.mark.parametrize(
    "bad", ["..", ".", ".hidden", "a/b", "a\\\\b", "ä", "a" * 101, "a:b", "_x"]
)
def test_what_is_no_name_is_refused_before_anything_runs(shared: Kernel, bad: str) -> None:
    shown = shared.run(f"%%playbook {bad}\nprint('ran')\nawait tool('bad')")
    assert "is not a run's name" in shown.stderr
    assert shown.stdout == ""


@pytest.mark.parametrize("good", ["a", "9", "a.b", "A_b-c.9", "a" * 100, "x_ckpt_1"])
def test_what_is_a_name_is_taken(shared: Kernel, good: str) -> None:
    assert shared.run(f"%%playbook {good}\nawait asyncio.sleep(0, 'ran')").value == "'ran'"


def test_names_are_one_if_only_their_case_differs(shared: Kernel) -> None:
    shared.run("%%playbook Alpha\nawait tool('x')\n1 / 0")
    assert "Alpha failed" in shared.run("%%playbook ALPHA\nawait tool('x')\n1 / 0").stderr


def test_a_run_begun_anew_in_another_case_keeps_the_one_before(shared: Kernel) -> None:
    shared.run("%%playbook Beta\nawait tool('x')")
    shared.run("%%playbook BETA --fresh\nawait tool('x')")
    assert sorted(n.casefold() for n in names(shared) if n.casefold().startswith("beta")) == [
        "beta",
        "beta~1",
    ]


def test_a_run_is_found_in_another_case(shared: Kernel) -> None:
    shared.run("%%playbook Gamma\nfound = await asyncio.sleep(0, 7)")
    assert shared.run("%playbook restore GAMMA").stderr.count("UsageError") == 0


# -- default names


def test_a_default_name_begins_with_the_notebooks(start: Start, tmp_path: Path) -> None:
    path = notebook(tmp_path, "My Analysis 2.ipynb")
    one = start(JPY_SESSION_NAME=str(path))
    one.run("%%playbook\nawait tool('x')", cell_id="c1")
    assert [name.rpartition("-")[0] for name in names(one)] == ["My-Analysis-2"]


def test_a_default_name_is_of_the_cell_whatever_it_holds(start: Start, tmp_path: Path) -> None:
    one = start(JPY_SESSION_NAME=str(notebook(tmp_path, "a.ipynb")))
    one.run("%%playbook\nawait tool('x')", cell_id="c1")
    one.run("%%playbook\nawait tool('another text')", cell_id="c1")
    assert len({name.partition("~")[0] for name in names(one)}) == 1


def test_two_cells_of_one_text_have_names_of_their_own(start: Start, tmp_path: Path) -> None:
    one = start(JPY_SESSION_NAME=str(notebook(tmp_path, "a.ipynb")))
    one.run("%%playbook\nawait tool('x')", cell_id="c1")
    one.run("%%playbook\nawait tool('x')", cell_id="c2")
    assert len(names(one)) == 2
    assert not any("~" in name for name in names(one))


def test_without_a_cell_id_the_text_decides(start: Start) -> None:
    one = start()
    for text in ("await tool('x')", "await tool('y')", "await tool('x')"):
        one.run(f"%%playbook\n{text}")
    assert len({name.partition("~")[0] for name in names(one)}) == 2


def test_a_renamed_notebook_adopts_its_runs(start: Start, tmp_path: Path) -> None:
    before = notebook(tmp_path, "before.ipynb")
    one = start(JPY_SESSION_NAME=str(before))
    one.run("%%playbook\nawait tool('x')\n1 / 0", cell_id="c1")
    (name,) = names(one)
    before.rename(tmp_path / "after.ipynb")
    other = start(JPY_SESSION_NAME=str(tmp_path / "after.ipynb"))
    said = other.run("%%playbook\nawait tool('x')\n1 / 0", cell_id="c1").stderr
    assert f"{name} failed" in said
    assert names(other) == [name]


def test_a_copied_notebook_gets_names_of_its_own(start: Start, tmp_path: Path) -> None:
    original = notebook(tmp_path, "original.ipynb")
    one = start(JPY_SESSION_NAME=str(original))
    one.run("%%playbook\nawait tool('x')\n1 / 0", cell_id="c1")
    shutil.copy(original, tmp_path / "copy.ipynb")
    other = start(JPY_SESSION_NAME=str(tmp_path / "copy.ipynb"))
    shown = other.run("%%playbook\nawait tool('x')\n1 / 0", cell_id="c1")
    assert shown.error is not None
    assert [name.rpartition("-")[0] for name in names(one)] == ["original"]
    assert [name.rpartition("-")[0] for name in names(other)] == ["copy"]


# -- whose a name is


def interrupted_elsewhere(start: Start, folder: Path) -> Path:
    path = notebook(folder, "first.ipynb")
    victim = start(JPY_SESSION_NAME=str(path))
    victim.run("kill_after('done', 1)")
    assert victim.run("%%playbook mine\nawait tool('x')\nawait tool('y')").died
    return path


def test_a_name_of_another_notebooks_interrupted_run_is_refused_with_both(
    start: Start, tmp_path: Path
) -> None:
    first = interrupted_elsewhere(start, tmp_path)
    second = notebook(tmp_path, "second.ipynb")
    one = start(JPY_SESSION_NAME=str(second))
    for option in ("", "--fresh", "--resume"):
        shown = one.run(f"%%playbook mine {option}\nprint('ran')")
        assert str(first) in shown.stderr
        assert str(second) in shown.stderr
        assert shown.stdout == ""


def test_the_name_is_free_once_that_notebook_is_gone(start: Start, tmp_path: Path) -> None:
    interrupted_elsewhere(start, tmp_path).unlink()
    second = notebook(tmp_path, "second.ipynb")
    one = start(JPY_SESSION_NAME=str(second))
    assert one.run("%%playbook mine --fresh\nawait asyncio.sleep(0, 'ran')").value == "'ran'"


def test_a_name_of_another_notebooks_finished_run_may_be_used(start: Start, tmp_path: Path) -> None:
    one = start(JPY_SESSION_NAME=str(notebook(tmp_path, "first.ipynb")))
    one.run("%%playbook both\nawait tool('x')")
    other = start(JPY_SESSION_NAME=str(notebook(tmp_path, "second.ipynb")))
    assert other.run("%%playbook both\nawait asyncio.sleep(0, 'ran')").value == "'ran'"
