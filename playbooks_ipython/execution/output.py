"""Output: what the cell printed and showed, kept with the run up to a limit."""

from __future__ import annotations

from dataclasses import dataclass

from playbooks_ipython.checkpoints import RunJournal
from playbooks_ipython.execution.host import Host, Part


@dataclass(slots=True)
class OutputKeeper:
    """Moves output from the host into the run's log. `limit` is in characters for the whole run."""

    host: Host
    limit: int = 1024 * 1024
    _kept: int = 0

    def keep(self, journal: RunJournal | None) -> None:
        parts = self.host.take_output()
        if journal is None or not parts or self._kept > self.limit:
            return
        fitting = [part for part in parts if self._fits(part)]
        if len(fitting) < len(parts):
            fitting.append(("stderr", "\n[more output was not kept: the run's limit is reached]\n"))
        journal.keep_output(fitting)

    def _fits(self, part: Part) -> bool:
        self._kept += len(part[1])
        return self._kept <= self.limit
