"""The second table: what continuing exactly costs, in running code and for each frame that is kept.

Twins are timed in one process beside the same text compiled by Python, and must compute the same.
Frames are rows as those of the first table: timed, killed, restored in a new process, compared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rows import OURS, Result, RowSpec
from table import added_us, format_check, format_spread, is_measured, ratios

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHILD_S = 60

FRAMES = (
    RowSpec(OURS, "depth-1", "frames: call depth 1", "process", timed=100),
    RowSpec(OURS, "depth-10", "frames: call depth 10", "process", timed=100),
    RowSpec(OURS, "depth-100", "frames: call depth 100", "process", timed=100),
    RowSpec(OURS, "beside-0", "frames: beside no task", "process", timed=50),
    RowSpec(OURS, "beside-10", "frames: beside 10 tasks", "process", timed=50),
    RowSpec(OURS, "beside-100", "frames: beside 100 tasks", "process", timed=50),
    RowSpec(OURS, "beside-1000", "frames: beside 1,000 tasks", "process", timed=50),
    RowSpec(OURS, "turns-1", "frames: 1 task in turn", "process", timed=50),
    RowSpec(OURS, "turns-1000", "frames: 1,000 tasks in turn", "process", timed=50),
    RowSpec(OURS, "fan-1", "frames: a semaphore, one by one", "process", timed=50),
    RowSpec(OURS, "fan-1000", "frames: a semaphore, 1,000 at once", "process", timed=50),
    RowSpec(OURS, "past-10", "frames: after 10 awaits", "process", warm=10, timed=50, most=3),
    RowSpec(
        OURS, "past-10000", "frames: after 10,000 awaits", "process", warm=10_000, timed=50, most=3
    ),
)


@dataclass
class TwinResult:
    """One text as a twin: figures of each repetition, or why there are none."""

    name: str
    label: str
    unit: str
    figures: list[dict[str, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def twin_results(only: str | None) -> list[TwinResult]:
    """Return an empty result for each row whose label contains `only`."""
    every = [
        TwinResult("arithmetic", "twins: CPU, arithmetic on locals", "1 ms block"),
        TwinResult("objects", "twins: CPU, objects and containers", "1 ms block"),
        TwinResult("closures", "twins: CPU, closures", "1 ms block"),
        TwinResult("nested", "twins: await of own function", "await"),
        TwinResult("generator", "twins: generator", "item"),
        TwinResult("async-generator", "twins: async generator", "item"),
        TwinResult("compile-async", "twins: compile, async code", "line"),
        TwinResult("compile-plain", "twins: compile, plain code", "line"),
    ]
    return [one for one in every if not only or only in one.label]


def measure_twins(results: Sequence[TwinResult], repetitions: int, scale: float = 1.0) -> None:
    """Fill in the results: each repetition is a process in which every text takes its turns."""
    names = [result.name for result in results]
    for _ in range(repetitions if results else 0):
        found = run_twins(names, scale)
        for result in results:
            figures = found.get(result.name, found)
            if "failed" in figures:
                result.failures.append(str(figures["failed"]))
            else:
                result.figures.append(figures)


def run_twins(names: Sequence[str], scale: float) -> dict[str, Any]:
    """Return what one process found, by row, or under "failed" why it did not end well."""
    command = [sys.executable, str(HERE / "twins.py"), f"--scale={scale}", *names]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), str(ROOT)])}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=CHILD_S
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {CHILD_S} s"}
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


TWINS_HEAD = (
    *("row", "of a", "native us", "twin us", "x native", "(min-max)"),
    *("in a run us", "x native", "(min-max)"),
)


def format_twins(results: Sequence[TwinResult]) -> str:
    """Return one line a row: a twin outside a run, and in one with nothing but its marks paid."""
    return align([TWINS_HEAD, *map(_twin_cells, results)], words=2)


def _twin_cells(result: TwinResult) -> tuple[str, ...]:
    if result.failures or not result.figures:
        reason = result.failures[0] if result.failures else "no figures"
        return (result.label, f"FAILED: {reason}")
    cells = [result.label, result.unit, _twin_us(result, "native")]
    for way in ("outside", "marked"):
        if f"x_{way}" not in result.figures[0]:
            cells += ["-", "-", "-"]
            continue
        against = [one[f"x_{way}"] for one in result.figures]
        cells += [_twin_us(result, way), f"{median(against):.3f}", format_spread(against, 3)]
    return tuple(cells)


def _twin_us(result: TwinResult, way: str) -> str:
    return f"{median(one[f'{way}_us'] for one in result.figures):.3f}"


FRAMES_HEAD = (
    *("row", "adds us/await", "(min-max)", "x first", "(min-max)", "kB/await"),
    *("resume ms", "(min-max)", "x first", "(min-max)", "killed, restored"),
)


def format_frames(results: Sequence[Result]) -> str:
    """Return one line a row; "x first" is to the first row of the same kind, side by side."""
    return align([FRAMES_HEAD, *(_frame_cells(one, results) for one in results)], words=1)


def _frame_cells(result: Result, results: Sequence[Result]) -> tuple[str, ...]:
    if not is_measured(result):
        failed = format_check(result) if result.failures else f"not measured: {result.not_measured}"
        return (result.spec.label, failed)
    base = first_of_kind(result, results)
    added, resume = added_us(result), _resume_ms(result)
    against = zip(resume, _resume_ms(base), strict=False) if base else []
    return (
        result.spec.label,
        *_spread(added, 0),
        *_spread(ratios(result, base) if base else [], 2),
        f"{median(one['bytes_per_await'] for one in result.figures) / 1000:.1f}",
        *_spread(resume, 0),
        *_spread([a / b for a, b in against], 2),
        format_check(result),
    )


def first_of_kind(result: Result, results: Sequence[Result]) -> Result | None:
    """Return the first row that differs from this one in its number only, if it has figures."""
    kind = result.spec.name.partition("-")[0]
    first = next(one for one in results if one.spec.name.partition("-")[0] == kind)
    return first if is_measured(first) else None


def _resume_ms(result: Result) -> list[float]:
    return [one["resume_ms"] for one in result.figures]


def _spread(values: Sequence[float], digits: int) -> tuple[str, str]:
    if not values:
        return "-", "-"
    return f"{median(values):.{digits}f}", format_spread(values, digits)


def align(lines: Sequence[tuple[str, ...]], words: int) -> str:
    """Return a table: `words` columns to the left, then figures to the right; short lines as is."""
    full = [line for line in lines if len(line) == len(lines[0])]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    return "\n".join(_aligned(line, widths, words) for line in lines)


def _aligned(cells: tuple[str, ...], widths: Sequence[int], words: int) -> str:
    if len(cells) < len(widths):
        return f"{cells[0].ljust(widths[0])}  {cells[1]}"
    left = [cell.ljust(width) for cell, width in zip(cells[:words], widths, strict=False)]
    right = [cell.rjust(width) for cell, width in zip(cells[words:], widths[words:], strict=True)]
    return "  ".join([*left, *right])


def report(twins: Sequence[TwinResult], frames: Sequence[Result]) -> dict[str, Any]:
    """Return all that was found as plain data."""
    return {
        "twins": [asdict(one) for one in twins],
        "frames": [asdict(one) | {"added_us": added_us(one)} for one in frames],
    }
