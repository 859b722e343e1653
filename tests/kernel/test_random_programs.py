"""Random programs in real kernels: SIGKILL after an await, twice, and other kernels go on.

`make test` takes three seeds, `make faults` takes thirty.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.continuation.generated import random_program
from tests.execution.chains import ALL, SEED, undisturbed
from tests.kernel.conftest import Start
from tests.support.kernels import effects

SET_UP = "%load_ext playbooks_ipython\nfrom tests.support.tools import *\nimport killing"
SHAPE = (
    "import json\nfrom tests.support.describing import shape\n"
    "print(json.dumps(shape({n: globals()[n] for n in NAMES if n in globals()})))"
)
RESUME = "import playbooks_ipython as pb\nawait pb.resume('program')"


@pytest.mark.parametrize("number", range(30 if ALL else 3))
def test_random_program_in_killed_kernels_ends_as_cpython_ends_it(
    number: int, tmp_path: Path, start: Start
) -> None:
    """The same effects, names, values, aliases and error as in a process without any of this."""
    text = random_program(f"{SEED} kernel {number}")
    expected, expected_effects = undisturbed(tmp_path / "plain", text)
    random_ = random.Random(f"{SEED} {number}")
    folder = tmp_path / "kernels"
    folder.mkdir()
    cell, died, kills = f"%%playbook program\n{text}", True, [random_.randint(1, 6) for _ in "12"]
    while died:
        one = start(folder, load=SET_UP)
        if kills:
            one.run(f"killing.kill_after('done', {kills.pop()})")
        outcome = one.run(cell)
        died, cell = outcome.died, RESUME
    # IPython shows a group of errors as Python does, on stderr, and reports no error.
    shown = outcome.error[0] if outcome.error else outcome.stderr
    assert (expected["error"] or "").partition(":")[0] in shown
    assert expected["error"] or outcome.error is None, outcome.traceback
    names = sorted(expected["namespace"])
    shown = one.run(SHAPE.replace("NAMES", repr(names))).stdout
    assert json.loads(shown) == expected["namespace"], f"seed {SEED}\n{text}"
    assert effects(folder) == expected_effects
