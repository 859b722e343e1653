"""Results: what a long run found, as a file that is committed with the code that it ran."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.interpreters import interpreters

ROOT = Path(__file__).parents[2]
SEED = os.environ.get("PLAYBOOKS_SEED", "20261120")


def write_results(name: str, counts: Mapping[str, object]) -> Path:
    """Write `tests/results/NAME.json`: commit, versions, seed and counts; no machine."""
    about = {
        "commit": _git("rev-parse", "HEAD"),
        "changed_since": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "python": platform.python_version(),
        "interpreters": list(interpreters()),
        "seed": SEED,
        "counts": dict(counts),
    }
    path = ROOT / "tests" / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return path


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
