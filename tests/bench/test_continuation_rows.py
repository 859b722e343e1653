"""The second table's own checks: its rows run, and one that differs has no figures."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import continuation_rows
import pytest
import run
import twins
from rows import OURS, Result, RowSpec

FIGURES = {"native_us": 1.0, "durable_us": 11.0, "resume_ms": 20.0, "bytes_per_await": 5.0}
FIGURES |= {"again": 0}


def test_every_twin_row_is_measured() -> None:
    """Each text runs natively and as a twin, computes the same, and has one figure a repetition."""
    results = continuation_rows.twin_results(only=None)
    continuation_rows.measure_twins(results, repetitions=1, scale=0.01)
    assert [(one.label, one.failures) for one in results if one.failures] == []
    assert all(one.figures[0]["native_us"] > 0 < one.figures[0]["x_outside"] for one in results)
    assert "FAILED" not in continuation_rows.format_twins(results)


def test_twin_that_computes_something_else_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is not all: the values must be Python's, else the row has none to show."""
    differs = twins.Text("async def work(count):\n    return __name__", count=1)
    monkeypatch.setitem(twins.PROGRAMS, "differs", differs)
    assert list(twins.measure("differs", 1, 1.0)) == ["failed"]


@pytest.mark.parametrize("spec", continuation_rows.FRAMES, ids=lambda spec: spec.name)
def test_every_frame_row_comes_back(spec: RowSpec, tmp_path: Path) -> None:
    """Killed in the innermost call and restored in a new process, calls and state are exact."""
    few = replace(spec, warm=2)
    figures = run.measure_once(few, Path(sys.executable), tmp_path, seed=5, kill_at=6)
    assert figures["again"] == 0
    assert figures["resume_ms"] > 0


def test_ratio_is_to_the_first_row_of_the_same_kind() -> None:
    """A hundred calls deep is compared with one call, never with another count of awaits."""
    shallow, deep, past = (
        Result(RowSpec(OURS, name, name, "process"), figures=[FIGURES | {"durable_us": us}])
        for name, us in (("depth-1", 11.0), ("depth-100", 31.0), ("past-10", 5.0))
    )
    rows = [shallow, past, deep]
    lines = continuation_rows.format_frames(rows).splitlines()
    assert [line.split()[3] for line in lines[1:]] == ["1.00", "1.00", "3.00"]


def test_failed_twin_has_its_reason_in_place_of_figures() -> None:
    result = continuation_rows.TwinResult("nested", "a row", "await", failures=["why"])
    assert continuation_rows.format_twins([result]).splitlines()[1].split() == [
        *("a", "row", "FAILED:", "why")
    ]
    assert run.exit_status([result]) == 1
