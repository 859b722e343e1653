"""What the language means in Python 3.14, which is Pyodide here: not promised, but known.

Collected where `make pyodide`, a part of `make matrix`, asks for it and has installed Pyodide.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.continuation.corpus import PROGRAMS
from tests.pyodide.crossing import STAYS

ROOT = Path(__file__).parents[2]
CROSSING = "tests.pyodide.crossing"


def outcome(*words: str) -> dict[str, Any]:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def in_pyodide(folder: Path, *words: str) -> dict[str, Any]:
    runner = str(ROOT / "tests" / "pyodide" / "run.mjs")
    found = outcome("node", runner, str(ROOT), str(folder), CROSSING, *words)
    assert found["python"].startswith("3.14.")
    assert found["platform"] == "emscripten"
    return found


def natively(*words: str) -> dict[str, Any]:
    return outcome(sys.executable, "-m", CROSSING, *words)


def test_programs_continue_exactly_in_python_3_14(tmp_path: Path) -> None:
    """Every program, crashed at every mark, ends as 3.14 ends it, but for what 3.14 took away."""
    found = in_pyodide(tmp_path, "corpus")
    assert found["programs"] == len(PROGRAMS)
    assert found["restores"] > 20 * len(PROGRAMS)
    gone = found["differ"].pop("for_iterators_of_itertools")
    assert "cannot pickle 'itertools._grouper' object" in gone
    assert found["differ"] == {}


def test_frames_go_over_to_python_3_14(tmp_path: Path) -> None:
    """What this interpreter saved, 3.14 continues."""
    saved = natively("save", str(tmp_path / "frames"))
    gone_on = in_pyodide(tmp_path, "go_on", "/handed/frames")
    assert_crossed(saved, gone_on)


def test_frames_come_back_from_python_3_14(tmp_path: Path) -> None:
    """What 3.14 saved, this interpreter continues."""
    saved = in_pyodide(tmp_path, "save", "/handed/frames")
    gone_on = natively("go_on", str(tmp_path / "frames"))
    assert_crossed(saved, gone_on)


def assert_crossed(saved: dict[str, Any], gone_on: dict[str, Any]) -> None:
    assert saved["differ"] == {}
    assert gone_on["differ"] == {}
    assert saved["programs"] == len(PROGRAMS) - len(STAYS)
    assert gone_on["restores"] == saved["marks"] > 20 * saved["programs"]
