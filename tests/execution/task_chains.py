"""Chains of concurrent programs: killed and gone on with, and compared with CPython undisturbed."""

from __future__ import annotations

import itertools
import signal
from pathlib import Path

from tests.execution.chains import Kill, Process, ending, fork, run_chain, undisturbed
from tests.execution.happenings import happenings, note_death, wrong_requests, wrongs


class Undisturbed:
    """A concurrent program, and how CPython ends it."""

    def __init__(self, folder: Path, text: str, start: Process = fork) -> None:
        self.text = text
        self.end, lines = undisturbed(folder, text, start)
        self.happened = happenings(lines)

    def run_through(self, folder: Path, kills: list[Kill], start: Process = fork) -> int:
        """Run the program through kills to the same end. Returns how often it died."""
        starts = itertools.repeat(noting_deaths(start))
        deaths = run_chain(folder, self.text, kills, starts)
        end, lines = ending(folder)
        assert not (said := wrongs(happenings(lines), self.happened)), said
        assert not (said := wrong_requests(lines, self.happened)), said
        assert end["namespace"] == self.end["namespace"]
        assert end["error"] == self.end["error"]
        return deaths


def noting_deaths(start: Process) -> Process:
    """Processes whose deaths are noted among what happened."""

    def begin(folder: Path, verb: str, *kill: object) -> int:
        status = start(folder, verb, *kill)
        if status == -signal.SIGKILL:
            note_death(folder)
        return status

    return begin
