"""The summary says what a run depended on; `PLAYBOOKS_RESULTS=NAME` keeps it in tests/results."""

from __future__ import annotations

import os

import pytest

from tests.support.interpreters import interpreters
from tests.support.results import SEED, write_results


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print seed and versions; write the counts where that is asked for."""
    versions = ", ".join(interpreters())
    terminalreporter.write_line(f"seed {SEED}; chains through Python {versions}")
    name = os.environ.get("PLAYBOOKS_RESULTS")
    if name:
        kinds = ("passed", "failed", "error", "skipped")
        stats = terminalreporter.stats
        path = write_results(name, {kind: len(stats.get(kind, [])) for kind in kinds})
        terminalreporter.write_line(f"results: {path.name}")
