"""The bench: what a checkpointed await costs, ours and our peers', side by side in one run.

`python tests/bench/run.py` prints the table and writes results.json beside this file. Every row is
a process of its own that is killed and restored; a row that does not come back exactly is printed
as FAILED, and the exit status is 1. A second table says what continuing exactly costs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from continuation_rows import (
    FRAMES,
    TwinResult,
    format_frames,
    format_twins,
    measure_twins,
    twin_results,
)
from continuation_rows import report as report_continuation
from environments import UnavailableError, ensure_environment
from program import start_state
from rows import (
    OURS,
    ROWS,
    TIMED,
    WARM,
    Figures,
    Result,
    RowSpec,
    RunDiffersError,
    check_calls,
    check_state,
)
from table import added_us, find_base, format_check, format_table, is_measured, ratios

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHILD_S = 60
TAIL = 5


class ChildFailedError(Exception):
    """A child process did not do what its row asks for."""


def find_pythons(results: list[Result]) -> dict[str, Path | UnavailableError]:
    """Return each peer's Python, or why there is none. Ours is the one that runs this file."""
    found: dict[str, Path | UnavailableError] = {OURS: Path(sys.executable)}
    for peer in dict.fromkeys(one.spec.peer for one in results if one.spec.peer != OURS):
        say(f"environment of {peer}")
        try:
            found[peer] = ensure_environment(
                ROOT / ".venvs" / f"bench-{peer}", HERE / "peers" / f"{peer}.txt"
            )
        except UnavailableError as reason:
            found[peer] = reason
    return found


def say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")


def run_child(
    spec: RowSpec, python: Path, what: str, arguments: list[str], folder: Path
) -> tuple[int, Figures, str]:
    """Run one child and return its exit status, its JSON lines as one, and its last words."""
    path = [str(HERE), *([str(ROOT)] if spec.peer == OURS else [])]
    # The peers' own telemetry stays off, and our signing key stays in the bench's own folder.
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(path),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "LANGSMITH_TRACING": "false",
    }
    command = [str(python), str(HERE / spec.script), what, spec.name, *arguments]
    try:
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, timeout=CHILD_S
        )
    except subprocess.TimeoutExpired as error:
        raise ChildFailedError(f"{what}: not done after {CHILD_S} s") from error
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    merged = {key: value for line in lines for key, value in line.items()}
    return done.returncode, merged, last_words(done.stderr)


def last_words(stderr: str) -> str:
    """Return the line that says what went wrong: the last error, not a warning that followed it.

    Results are kept and shown to others, so no path of this machine is left in it.
    """
    lines = stderr.strip().splitlines() or [""]
    errors = [line for line in lines if line.partition(":")[0].endswith("Error")]
    return (errors or lines)[-1].replace(str(ROOT), ".").replace(str(Path.home()), "~")


def measure_once(spec: RowSpec, python: Path, folder: Path, seed: int, kill_at: int) -> Figures:
    """Time one row until it is killed, restore it in a new process, and compare.

    Raises: ChildFailedError, RunDiffersError.
    """
    total = kill_at + 1 + TAIL
    arguments = [
        f"--seed={seed}",
        f"--warm={spec.warm}",
        f"--kill-at={kill_at}",
        f"--calls={total}",
    ]
    arguments.append(f"--folder={folder}")
    status, figures, said = run_child(spec, python, "time", arguments, folder)
    if status != -signal.SIGKILL or "durable_us" not in figures:
        raise ChildFailedError(f"time: ended with status {status}, not by the kill: {said}")
    figures["bytes_per_await"] = size_bytes(folder) / (kill_at + 1)
    status, resumed, said = run_child(spec, python, "resume", arguments, folder)
    if status != 0 or "state" not in resumed:
        raise ChildFailedError(f"resume: ended with status {status}: {said}")
    calls = [int(line) for line in (folder / "durable.effects").read_text().split()]
    check_state(resumed["state"], seed, total)
    figures["again"] = check_calls(calls, kill_at, total, spec.repeats)
    return figures | {"kill_at": kill_at, "resume_ms": resumed["resume_ms"]}


def size_bytes(folder: Path) -> int:
    """Return what the store took on disk; the witness's own files are not counted."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".effects")
    return sum(path.stat().st_size for path in files)


def measure(results: list[Result], seed: int, repetitions: int, work: Path) -> None:
    """Fill in the results: all rows once, then all rows again, so that drift hits all alike."""
    pythons = find_pythons(results)
    kills = random.Random(seed)
    for repetition in range(repetitions):
        later = 1 + kills.random() / 5
        for result in results:
            if repetition >= result.spec.most:
                continue
            kill_at = result.spec.warm + int(result.spec.timed * later)
            python = pythons[result.spec.peer]
            if isinstance(python, UnavailableError):
                result.not_measured = f"no environment: {python}"
                continue
            say(f"{repetition + 1}/{repetitions} {result.spec.label}")
            folder = Path(tempfile.mkdtemp(dir=work))
            try:
                figures = measure_once(result.spec, python, folder, seed, kill_at)
            except (ChildFailedError, RunDiffersError) as failure:
                result.failures.append(str(failure))
            else:
                result.versions = figures.pop("versions")
                result.figures.append(figures)
            finally:
                shutil.rmtree(folder)


def describe_machine(work: Path) -> dict[str, Any]:
    """Return what a reader needs to compare two runs, and nothing that names the machine."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load before": load(),
        "system": f"{platform.system()} {platform.release()}",
        "filesystem": filesystem(work),
        "python": platform.python_version(),
    }


def load() -> float | None:
    """Return how many processes wanted a core in the last minute, where the system tells it."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def filesystem(folder: Path) -> str:
    """Return the type of the file system that holds `folder`, where the system tells it."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unknown"
    fields = [line.split() for line in mounts.read_text().splitlines()]
    holding = [one for one in fields if folder.is_relative_to(one[1])]
    return max(holding, key=lambda one: len(one[1]))[2]


def commit_id() -> str:
    """Return the commit that was measured; "+" says that files differ from it."""
    git = ["git", "-C", str(ROOT)]
    try:
        found = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], **_TEXT)
        changed = subprocess.run([*git, "status", "--porcelain", "playbooks_ipython"], **_TEXT)
    except OSError:
        return "unknown"
    return (found.stdout.strip() or "unknown") + ("+" if changed.stdout.strip() else "")


_TEXT: dict[str, Any] = {"capture_output": True, "text": True}


def report(results: list[Result], facts: dict[str, Any]) -> dict[str, Any]:
    """Return all that was found as plain data."""
    base = find_base(results)
    return facts | {
        "rows": [
            asdict(result)
            | {
                "check": format_check(result) if result.figures or result.failures else None,
                "added_us": added_us(result),
                "ratios": ratios(result, base) if base and is_measured(result) else [],
            }
            for result in results
        ]
    }


def print_report(
    results: list[Result], frames: list[Result], twins: list[TwinResult], facts: dict[str, Any]
) -> None:
    write = sys.stdout.write
    write(f"{format_table(results)}\n\n" if results else "")
    write(f"{format_frames(frames)}\n\n" if frames else "")
    write(f"{format_twins(twins)}\n\n" if twins else "")
    write(f"machine   {', '.join(f'{key} {value}' for key, value in facts['machine'].items())}\n")
    for result in {result.spec.peer: result for result in [*frames, *results]}.values():
        found = ", ".join(f"{name} {version}" for name, version in result.versions.items())
        write(f"versions  {result.spec.peer}: {found or 'not known'}\n")
    write(
        f"run       commit {facts['commit']}, seed {facts['seed']}, "
        f"{facts['repetitions']} repetitions of {TIMED}+ awaits after {WARM}, "
        f"namespace {facts['namespace_bytes']} bytes of JSON, {facts['took_s']:.0f} s\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", help="measure only rows whose label contains this text")
    parser.add_argument("--results", type=Path, default=HERE / "results.json")
    asked = parser.parse_args()
    results = empty_results(ROWS, asked.only)
    frames = empty_results(FRAMES, asked.only)
    twins = twin_results(asked.only)
    # On the file system of the checkout: where temporary files lie in memory, a sync is free.
    (ROOT / ".venvs").mkdir(exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="bench-work-", dir=ROOT / ".venvs"))
    facts = {
        "machine": describe_machine(work),
        "commit": commit_id(),
        "seed": asked.seed,
        "repetitions": asked.repetitions,
        "namespace_bytes": len(json.dumps(start_state(asked.seed))),
    }
    begun = time.monotonic()
    try:
        measure_twins(twins, asked.repetitions)
        measure([*results, *frames], asked.seed, asked.repetitions, work)
    finally:
        shutil.rmtree(work)
    facts["took_s"] = time.monotonic() - begun
    facts["machine"]["load after"] = load()  # above 1 or 2, others were at work, and it shows
    print_report(results, frames, twins, facts)
    found = report(results, facts) | report_continuation(twins, frames)
    asked.results.write_text(json.dumps(found, indent=1) + "\n")
    return exit_status([*results, *frames, *twins])


def empty_results(rows: Sequence[RowSpec], only: str | None) -> list[Result]:
    return [Result(row) for row in rows if not only or only in row.label]


def exit_status(results: Sequence[Result | TwinResult]) -> int:
    """Return 1 if a row failed. A row that could not be measured says so and fails nothing."""
    return 1 if any(result.failures for result in results) else 0


if __name__ == "__main__":
    raise SystemExit(main())
