"""Demo: the first notebook is killed with SIGKILL after await k, and a new kernel continues it.

    python notebooks/demo.py --kill-at 5

Real kernels, a real SIGKILL, and effects that another process counts. The kill is exact: before an
effect happens, the kernel that asks for it waits for the counting process, which asks here. Here
the run's log is read, and once it holds k completed awaits, the kernel is killed and the effect
refused. Between any two awaits of the notebook's cell there is an effect, so no k is passed over.

Exit status: 0 the killed run ended like an undisturbed one, 1 it did not, 2 no such await.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from playbooks_ipython.errors import RunNotFound
from playbooks_ipython.store import FilesystemStore
from playbooks_ipython.store.summary import summarize

from kernel import Kernel, Shown
from scratch import scratch_folder
from world import World

NOTEBOOK = "01_first_run.ipynb"
REPORT = "report.md"
_PLAYBOOK = "%%playbook "
_VARIABLES = """
print({name: value for name, value in sorted(globals().items())
       if type(value) in (int, str, list, dict) and name not in ("In", "Out") and name[0] != "_"})
print(vars(agent))
"""


class Broken(Exception):
    """The demo itself could not be held; the text says why."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a run has left: in the log, outside, on disk and in the kernel."""

    awaits: int
    effects: list[str]
    report: bytes
    variables: list[str]


class Timeline:
    """Prints who did what, and when, in seconds since the start."""

    def __init__(self) -> None:
        self._start_s = time.monotonic()

    def tell(self, who: str, what: str) -> None:
        self.say(f"{time.monotonic() - self._start_s:6.2f} s  {who:<14}  {what}")

    def say(self, line: str) -> None:
        print(line, flush=True)  # noqa: T201 - a program's own output


class Stage:
    """A scratch folder with the notebook, its run's log, and the world that its effects reach."""

    def __init__(self, folder: Path, timeline: Timeline | None) -> None:
        self.notebook, self.timeline = folder / NOTEBOOK, timeline
        self.cells = _cells_up_to_the_playbook(self.notebook)
        self.run_name = self.cells[-1].split(maxsplit=2)[1]
        self.kill_at: int | None = None
        self.kernel: Kernel | None = None
        self._told = 0
        self._store = FilesystemStore(folder / ".checkpoints")
        self.world = World(folder.parent / "effects.sock", self._judge)

    @contextmanager
    def new_kernel(self) -> Iterator[Kernel]:
        with Kernel(self.notebook, self.world.address) as kernel:
            self.kernel = kernel
            self.tell("started")
            yield kernel

    def awaits(self) -> int:
        """Read from the run's log how many awaits have completed; nothing is unpickled."""
        try:
            return summarize(self._store.read(self.run_name)).awaits
        except RunNotFound:
            return 0

    def tell(self, what: str) -> None:
        if self.timeline is not None and self.kernel is not None:
            self.timeline.tell(f"kernel {self.kernel.pid}", what)

    def tell_awaits(self) -> int:
        """Tell which awaits have completed since the last time; return how many have in all."""
        completed = self.awaits()
        for n in range(self._told + 1, completed + 1):
            self.tell(f"await {n:2} done")
        self._told = completed
        return completed

    def ending(self, kernel: Kernel) -> Ending:
        self.tell_awaits()
        return Ending(
            awaits=self.awaits(),
            effects=self.world.performed(),
            report=self.notebook.with_name(REPORT).read_bytes(),
            variables=_run(kernel, _VARIABLES).printed,
        )

    def _judge(self, effect: str) -> bool:
        completed = self.tell_awaits()
        if self.kill_at is not None and completed >= self.kill_at:
            assert self.kernel is not None, "somebody asked"
            self.tell(f"KILLED with SIGKILL; it had asked for {effect!r}, which did not happen")
            self.kill_at = None
            self.kernel.kill()
            return False
        if self.timeline is not None:
            self.timeline.tell("outside", f"effect: {effect}")
        return True


def undisturbed() -> Ending:
    """Run the notebook's cells in one kernel, from the first to the playbook."""
    with _stage(None) as stage, stage.new_kernel() as kernel:
        for cell in stage.cells:
            _run(kernel, cell)
        return stage.ending(kernel)


def killed(kill_at: int, timeline: Timeline) -> Ending:
    """Run the same cells, kill the kernel after await `kill_at`, and continue in a new one."""
    with _stage(timeline) as stage:
        timeline.tell("outside", f"process {stage.world.pid} counts effects")
        stage.kill_at = kill_at
        with stage.new_kernel() as kernel:
            *before, playbook = stage.cells
            for cell in before:
                _run(kernel, cell)
            if not kernel.run(playbook).died:
                raise Broken("the kernel was not killed")
        if stage.awaits() != kill_at:
            raise Broken(f"the kill came after await {stage.awaits()}, not after await {kill_at}")
        with stage.new_kernel() as kernel:
            _continue(stage, kernel)
            return stage.ending(kernel)


def differences(expected: Ending, found: Ending) -> list[str]:
    """Return in sentences how a run's ending differs from the expected one."""
    repeated = [effect for effect, times in Counter(found.effects).items() if times > 1]
    said = [f"happened more than once: {effect}" for effect in repeated]
    for one in fields(Ending):
        here, there = getattr(expected, one.name), getattr(found, one.name)
        if here != there:
            said.append(f"{one.name} differ: undisturbed {here!r:.2000}, killed {there!r:.2000}")
    return said


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kill-at", type=int, default=5, metavar="K", help="after which await")
    kill_at: int = parser.parse_args(arguments).kill_at
    timeline = Timeline()
    timeline.tell("demo", f"{NOTEBOOK}, undisturbed, to compare with")
    expected = undisturbed()
    timeline.tell("demo", f"that was {expected.awaits} awaits, {len(expected.effects)} effects")
    if not 1 <= kill_at <= expected.awaits:
        timeline.say(f"there is no await {kill_at}: choose 1 to {expected.awaits}")
        return 2
    timeline.tell("demo", f"now again, with a kill after await {kill_at}")
    return _verdict(expected, killed(kill_at, timeline), kill_at, timeline)


def _verdict(expected: Ending, found: Ending, kill_at: int, timeline: Timeline) -> int:
    said = differences(expected, found)
    for sentence in said:
        timeline.tell("demo", sentence)
    if said:
        timeline.say(f"NOT THE SAME: killed after await {kill_at}, and what came of it differs")
        return 1
    timeline.say(
        f"THE SAME: killed after await {kill_at} of {found.awaits} and continued; "
        f"{len(found.effects)} effects, each once; {REPORT} ({len(found.report):,} bytes) "
        "and all variables as in the undisturbed run"
    )
    return 0


def _continue(stage: Stage, kernel: Kernel) -> None:
    _run(kernel, "%load_ext playbooks_ipython")
    call = f'await pb.resume("{stage.run_name}")'
    stage.tell(call)
    for notice in _run(kernel, f"import playbooks_ipython as pb\n{call}").notices:
        stage.tell(f"said: {notice}")


def _run(kernel: Kernel, cell: str) -> Shown:
    shown = kernel.run(cell)
    if shown.died or shown.error:
        raise Broken(f"{shown.error or 'the kernel died'} in the cell\n{cell}")
    return shown


def _cells_up_to_the_playbook(notebook: Path) -> list[str]:
    cells: list[str] = []
    for cell in json.loads(notebook.read_text())["cells"]:
        if cell["cell_type"] == "code":
            cells.append("".join(cell["source"]))
            if cells[-1].startswith(_PLAYBOOK):
                return cells
    raise Broken(f"{notebook.name} has no cell that begins with {_PLAYBOOK}NAME")


@contextmanager
def _stage(timeline: Timeline | None) -> Iterator[Stage]:
    with scratch_folder() as folder:
        stage = Stage(folder, timeline)
        with stage.world:
            yield stage


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as broken:
        sys.exit(f"NOT THE SAME: {broken}")  # status 1
