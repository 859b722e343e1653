"""Concurrent programs in real kernels: SIGKILL after an await, twice, and other kernels go on.

`make test` takes two programs of the corpus, `make faults` twenty.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.execution.chains import ALL, SEED
from tests.execution.corpus_tasks import PROGRAMS
from tests.execution.happenings import happenings, note_death, wrongs
from tests.execution.task_chains import Undisturbed
from tests.kernel.conftest import Start
from tests.kernel.test_random_programs import RESUME, SHAPE
from tests.support.kernels import Kernel, Outcome, effects

SET_UP = "%load_ext playbooks_ipython\nimport killing"
# What a cell left behind goes on; another cell waits for it.
SETTLE = (
    "import asyncio\n"
    "while left := {t for t in asyncio.all_tasks() if type(t).__name__ == 'RunTask'}:\n"
    "    await asyncio.wait(left)"
)
CHOSEN = random.Random(SEED).sample(sorted(PROGRAMS), 20 if ALL else 2)


@pytest.mark.parametrize("name", CHOSEN)
def test_concurrent_program_in_killed_kernels_ends_as_cpython_ends_it(
    name: str, tmp_path: Path, start: Start
) -> None:
    """The same effects in each task, names, values, aliases and error as without any of this."""
    program = Undisturbed(tmp_path / "plain", PROGRAMS[name])
    folder = tmp_path / "kernels"
    folder.mkdir()
    one, outcome = through_kills(folder, program.text, start, random.Random(f"{SEED} {name}"))
    assert not (said := wrongs(happenings(effects(folder)), program.happened)), said
    shown = outcome.error[0] if outcome.error else outcome.stderr
    assert (program.end["error"] or "").partition(":")[0] in shown
    assert program.end["error"] or outcome.error is None, outcome.traceback
    names = sorted(program.end["namespace"])
    shown = one.run(SHAPE.replace("NAMES", repr(names))).stdout
    assert json.loads(shown) == program.end["namespace"], f"seed {SEED}"


def through_kills(
    folder: Path, text: str, start: Start, random_: random.Random
) -> tuple[Kernel, Outcome]:
    """Run a cell in kernels of which two are killed; return the last, and what came of the cell."""
    cell, kills = f"%%playbook program\n{text}", [random_.randint(1, 6) for _ in "12"]
    while True:
        one = start(folder, load=SET_UP)
        if kills:
            one.run(f"killing.kill_after('done', {kills.pop()})")
        outcome = one.run(cell)
        if not outcome.died and not one.run(SETTLE).died:
            return one, outcome
        note_death(folder)
        cell = RESUME
