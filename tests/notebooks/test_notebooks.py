"""The notebooks as files, and what nbval does not try: a second Run All in the same folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
import refresh
from scratch import HERE, scratch_environ, scratch_folder

NOTEBOOKS = sorted(path.name for path in HERE.glob("*.ipynb"))


def joined(outputs: list[dict]) -> list[dict]:
    """Join what a stream brought in one piece or in several: that is a matter of time."""
    found: list[dict] = []
    for one in outputs:
        before = found[-1] if found else {}
        if one["output_type"] == "stream" and before.get("name") == one["name"]:
            found[-1] = dict(before, text=before["text"] + one["text"])
        else:
            found.append(one)
    return found


def shown(notebook: Path) -> list[list[dict]]:
    """Return what each cell showed, without what is tagged as volatile."""
    cells = nbformat.read(notebook, as_version=4).cells
    return [
        joined([dict(output, execution_count=None) for output in cell.outputs])
        for cell in cells
        if cell.cell_type == "code" and "nbval-ignore-output" not in cell.metadata.get("tags", [])
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_run_all_twice_shows_the_same_twice(name):
    """A finished run left by the first time disturbs nothing."""
    with scratch_folder() as folder:
        environ = {**os.environ, **scratch_environ(folder)}
        seen = []
        for _ in range(2):
            refresh.execute(folder / name, environ)
            seen.append(shown(folder / name))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_outputs_name_no_place_of_the_machine_that_wrote_them(name):
    """A reader elsewhere would wonder whose folder that is."""
    text = (HERE / name).read_text()
    assert str(HERE.parent) not in text
    assert not re.search(r"/(home|root|tmp|usr|Users|opt)/", text)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_code_cell_has_been_run(name):
    """Outputs are stored: a reader without a kernel sees what happens."""
    cells = nbformat.read(HERE / name, as_version=4).cells
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")
