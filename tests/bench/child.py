"""One process of the bench: times a row until it is killed, or restores what was killed.

Prints JSON lines. A row is timed three times in the same process: native (nothing kept), plain
(the peer's machinery with nothing kept, where it has such a mode) and durable. The time of an
await is the time from one entry of the tool to the next, so a peer's start is not in it; that is
reported beside it, alone and as a share of every await.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from program import State, start_state, witness


@dataclass(frozen=True)
class Job:
    """What one process is to do. Awaits before `warm` are not timed, `kill_at` is not completed."""

    seed: int
    warm: int
    kill_at: int
    calls: int
    folder: Path

    @property
    def state(self) -> State:
        return start_state(self.seed)


@dataclass(frozen=True)
class Row:
    """One way to run the program. `native`, `plain` run kill_at + 1 awaits; `durable` runs all."""

    native: Callable[[Job], None]
    durable: Callable[[Job], None]
    resume: Callable[[Job], State]
    plain: Callable[[Job], None] | None = None


def time_await_us(job: Job) -> float:
    """Return the mean microseconds of one await after the warm-up."""
    entered = witness.entered_ns
    return (entered[job.kill_at] - entered[job.warm]) / (job.kill_at - job.warm) / 1000


def time_undisturbed(run: Callable[[Job], None], job: Job, name: str) -> float:
    """Run with nothing kept; the calls are witnessed in a file of their own."""
    witness.watch(job.seed, job.folder / f"{name}.effects")
    run(job)
    return time_await_us(job)


def emit(line: Mapping[str, object]) -> None:
    """Print one JSON line past any buffer: the process may be about to end."""
    os.write(1, (json.dumps(line) + "\n").encode())


def time_row(row: Row, job: Job) -> None:
    """Time the row; ends the process by SIGKILL inside await `kill_at`."""
    figures: dict[str, float | None] = {
        "native_us": time_undisturbed(row.native, job, "native"),
        "plain_us": row.plain and time_undisturbed(row.plain, job, "plain"),
    }

    def last_words() -> None:
        entered = witness.entered_ns
        figures["durable_us"] = time_await_us(job)
        figures["start_ms"] = (entered[0] - begun_ns) / 1e6
        figures["whole_us"] = (entered[-1] - begun_ns) / job.kill_at / 1000
        emit(figures)

    witness.watch(job.seed, job.folder / "durable.effects", job.kill_at, last_words)
    begun_ns = time.perf_counter_ns()
    row.durable(job)
    raise SystemExit("the run ended and was not killed: the tool was not called as often as asked")


def resume_row(row: Row, job: Job) -> None:
    """Continue what was killed, and print the state that the program ends with."""
    witness.watch(job.seed, job.folder / "durable.effects")
    begun_ns = time.perf_counter_ns()
    state = row.resume(job)
    if not witness.entered_ns:
        raise SystemExit("nothing was continued: the tool was not called again")
    emit({"state": state, "resume_ms": (witness.entered_ns[0] - begun_ns) / 1e6})


def main(rows: Mapping[str, Row], packages: tuple[str, ...]) -> None:
    """Do what the command line asks: `time` or `resume` one of `rows`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("time", "resume"))
    parser.add_argument("row", choices=tuple(rows))
    for name in ("seed", "warm", "kill-at", "calls"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    job = Job(asked.seed, asked.warm, asked.kill_at, asked.calls, asked.folder)
    emit({"versions": {name: version(name) for name in packages}})
    (time_row if asked.what == "time" else resume_row)(rows[asked.row], job)
