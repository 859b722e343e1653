"""The cells of a stranger in real kernels: SIGKILL after an await, and another kernel goes on.

`make test` takes a seeded sample of the awaits, `make faults` takes them all.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.execution.chains import ALL, SEED
from tests.execution.test_killed import STRANGERS
from tests.support.kernels import Kernel, effects, kernel

SETUP = "%load_ext playbooks_ipython\nfrom outside import effect, tool"
SHAPE = (
    "import json; from tests.support.describing import shape; "
    "print(json.dumps(shape(dict((k, v) for k, v in globals().items() if k in NAMES))))"
)


def ended(one: Kernel, folder: Path, names: list[str]) -> tuple[str, list[str]]:
    """Return the namespace, with its aliasing, and what happened outside."""
    return one.run(SHAPE.replace("NAMES", repr(names))).stdout, effects(folder)


@pytest.mark.parametrize("cell", STRANGERS, ids=lambda cell: cell.stem)
def test_a_killed_kernel_is_gone_on_from_as_if_nothing_had_happened(
    cell: Path, tmp_path: Path
) -> None:
    text, environ = f"%%playbook program\n{cell.read_text()}", {"PYTHONHASHSEED": "0"}
    whole = tmp_path / "whole"
    whole.mkdir()
    with kernel(whole, **environ) as one:
        before = set(one.run(f"{SETUP}\nprint(*globals())").stdout.split())
        error = one.run(text).error
        names = sorted(set(one.run("print(*globals())").stdout.split()) - before)
        names = [n for n in names if not n.startswith("_")]
        expected = ended(one, whole, names)
    points = list(range(1, 30))
    chosen = points if ALL else random.Random(f"{SEED}{cell.name}").sample(points[:12], 1)
    for count in chosen:
        folder = tmp_path / str(count)
        folder.mkdir()
        with kernel(folder, **environ) as one:
            one.run(f"{SETUP}\nfrom killing import kill_after\nkill_after('done', {count})")
            if not one.run(text).died:
                assert count > 10
                break
        with kernel(folder, **environ) as one:
            again = one.run("import playbooks_ipython as pb\nawait pb.resume('program')").error
            assert (again and again[0]) == (error and error[0]), f"killed after await {count}"
            assert ended(one, folder, names) == expected, f"killed after await {count}"
