"""Replacing: a checkpoint's variables put into the namespace, and what they replaced kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from playbooks_ipython.checkpoints import FRAME
from playbooks_ipython.execution.host import Host
from playbooks_ipython.execution.newer import newer_definitions
from playbooks_ipython.execution.restoring import Restored
from playbooks_ipython.execution.run import own_names
from playbooks_ipython.snapshot import Encoder, Replaced, replace


class Replacer:
    """Brings variables back into one namespace, and says what that replaced."""

    def __init__(self, namespace: dict[str, Any], host: Host) -> None:
        self.namespace, self.host = namespace, host
        self._undo: list[Replaced] = []

    def bring_back(
        self,
        restored: Restored,
        keep: tuple[str, ...] = (),
        given: Collection[str] = (),
        *,
        exact: bool = False,
    ) -> None:
        """Put a checkpoint's variables into the namespace, but for those in `keep`.

        Args:
            given: what the program was given by the notebook; named if that is another now.
            exact: definitions that are newer here give way too, and live objects that the
                checkpoint has only stand-ins for.
        """
        hidden = own_names(self.namespace, self.host)
        frame, edits, newer = restored.extra.get(FRAME), restored.edits, set[str]()
        if not exact:
            newer = newer_definitions(self.namespace, restored.variables, frame, edits) - set(keep)
        if newer:
            self.host.notice(f"kept as it is here, which is newer: {', '.join(sorted(newer))}")
        keep = (*keep, *newer)
        variables = {k: v for k, v in restored.variables.items() if k not in keep}
        before = dict(self.namespace)
        replaced = replace(self.namespace, variables, hidden | set(keep), exact=exact)
        self._undo.append(replaced)
        changed = [n for n in replaced.replaced if not self._equal(before[n], variables[n])]
        for line in _told(changed, list(replaced.removed), restored, given):
            self.host.notice(line)

    def note_bound(self, before: dict[str, Any]) -> None:
        """Let the last undo take back, too, what was bound since the namespace was `before`."""
        self._undo[-1] = self._undo[-1].including(before, self.namespace)

    def undo(self) -> Replaced | None:
        """Bring back what the last restore or resume replaced; None if there is nothing."""
        if not self._undo:
            return None
        replaced = self._undo.pop()
        replaced.undo(self.namespace)
        return replaced

    def _equal(self, old: object, new: object) -> bool:
        """Tell whether two values would be stored alike, which is all that a restore can bring."""
        one, other = (Encoder(self.namespace).encode({"": value}, {}) for value in (old, new))
        return one.stream == other.stream and list(one.buffers) == list(other.buffers)


def _told(
    replaced: list[str], removed: list[str], restored: Restored, given: Collection[str]
) -> list[str]:
    lines = []
    if replaced or removed:
        said = [
            f"{what} {', '.join(sorted(names))}"
            for what, names in (("replaced", replaced), ("removed", removed))
            if names
        ]
        lines.append(f"{'; '.join(said)} (%playbook undo brings them back)")
    if differ := sorted(set(replaced).intersection(given)):
        lines.append(
            f"different now from what the cell was given: {', '.join(differ)}; "
            "it goes on with what it had"
        )
    if restored.edits is not None and restored.edits.kept:
        lines.append(f"goes on as it was before the edit: {', '.join(sorted(restored.edits.kept))}")
    lines += [f"{s.variable} ({s.type_name}) is a stand-in: {s.reason}" for s in restored.stand_ins]
    return lines
