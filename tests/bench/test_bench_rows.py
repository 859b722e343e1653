"""The bench's own checks: a figure that was bought by skipping is never printed as a figure."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import run
from environments import UnavailableError, ensure_environment
from program import expected_state, start_state
from rows import Result, RowSpec, RunDiffersError, check_calls, check_state
from table import format_table

PEER = """
import json
from child import Row, main
import program

SKIP = {skip}

def keep(job, i, state):
    if not (SKIP and i % 2):
        (job.folder / "kept.json").write_text(json.dumps([i + 1, state]))

def go(job, i, state):
    for i in range(i, job.calls):
        program.take_reply(state, i, program.call_tool(i))
        keep(job, i, state)
    return state

native = lambda job: program.run_native(job.state, job.kill_at + 1)
resume = lambda job: go(job, *json.loads((job.folder / "kept.json").read_text()))
main({{"row": Row(native, lambda job: go(job, 0, job.state), resume)}}, ())
"""
FIGURES = {"native_us": 1.0, "plain_us": None, "durable_us": 11.0, "again": 0}
FIGURES |= {"bytes_per_await": 5.0, "whole_us": 12.0, "start_ms": 1.0, "resume_ms": 1.0}


def measure_peer(folder: Path, *, skip: bool) -> run.Figures:
    """Measure a peer of the test's own, which keeps its state in a file, or skips every other."""
    script = folder / "peer.py"
    script.write_text(PEER.format(skip=skip))
    spec = RowSpec(str(script.with_suffix("")), "row", "a peer", "process")
    work = folder / "work"
    work.mkdir()
    return run.measure_once(spec, Path(sys.executable), work, seed=3, kill_at=spec.warm + 20)


def test_peer_that_keeps_every_await_is_measured(tmp_path: Path) -> None:
    """A killed run that comes back as if never killed gives figures, and none done again."""
    figures = measure_peer(tmp_path, skip=False)
    assert figures["durable_us"] > figures["native_us"] > 0
    assert figures["again"] == 0


def test_peer_that_skips_saves_is_a_failure(tmp_path: Path) -> None:
    """A peer that is fast because it saves every other await only has no figures."""
    with pytest.raises(RunDiffersError, match="1 finished awaits were done again"):
        measure_peer(tmp_path, skip=True)


def test_calls_once_each_and_the_cut_one_twice_are_exact() -> None:
    assert check_calls([0, 1, 2, 2, 3], kill_at=2, total=4, may_repeat=False) == 0


@pytest.mark.parametrize(
    ("calls", "reason"),
    [
        ([0, 1, 2, 3], "1 awaits were left out"),
        ([0, 1, 2, 1, 2, 3], "1 finished awaits were done again"),
        ([0, 2, 2, 2, 3], "before the kill"),
        ([0, 1, 2, 2], "not a run to the end"),
        ([0, 1, 2], "not a run to the end"),
    ],
)
def test_calls_left_out_or_done_again_are_told(calls: list[int], reason: str) -> None:
    with pytest.raises(RunDiffersError, match=reason):
        check_calls(calls, kill_at=2, total=4, may_repeat=False)


def test_one_wrong_value_is_named() -> None:
    """A state that differs in one value fails, and the value is named."""
    state = expected_state(7, 30)
    check_state(state, 7, 30)
    state["messages"][3] = "lost"
    with pytest.raises(RunDiffersError, match="messages"):
        check_state(state, 7, 30)


def test_namespace_is_the_one_the_table_speaks_of() -> None:
    """26 values, 20 of them short messages."""
    state = start_state(7)
    assert len(state["messages"]) == 20
    assert len(state) - 1 + len(state["messages"]) == 26


def test_failed_row_says_so_in_place_of_figures() -> None:
    """A row that failed in one repetition shows no figure, though others passed."""
    spec = RowSpec("ours", "process", "a row", "process")
    line = format_table([Result(spec, figures=[FIGURES], failures=["why"])]).splitlines()[1]
    assert line.split("  ")[-1] == "FAILED: why"
    assert "10" not in line


def test_peer_without_environment_is_a_row_with_its_reason(tmp_path: Path) -> None:
    """Requirements that cannot be had make a row that says so, and leave nothing behind."""
    requirements = tmp_path / "none.txt"
    requirements.write_text("./no-such-folder-of-a-package\n")
    with pytest.raises(UnavailableError) as caught:
        ensure_environment(tmp_path / "environment", requirements)
    assert not (tmp_path / "environment").exists()
    spec = RowSpec("peer", "row", "a peer", "power")
    text = format_table([Result(spec, not_measured=f"no environment: {caught.value}")])
    assert "not measured: no environment: ERROR" in text


def test_only_a_failed_row_fails_the_bench() -> None:
    """One failed row gives exit status 1; a row without an environment gives 0."""
    spec = RowSpec("peer", "row", "a peer", "power")
    absent, failed = Result(spec, not_measured="why"), Result(spec, failures=["why"])
    assert run.exit_status([absent]) == 0
    assert run.exit_status([absent, failed]) == 1


def test_ratio_is_to_the_first_row() -> None:
    """A row that adds twice what ours adds is shown as 2.0."""
    ours = Result(RowSpec("ours", "process", "ours", "process"), figures=[FIGURES])
    peer = Result(
        RowSpec("peer", "row", "a peer", "process"), figures=[FIGURES | {"durable_us": 21.0}]
    )
    line = format_table([ours, peer]).splitlines()[2]
    assert " ".join(line.split()[3:]) == "20 (20-20) - 1.0 2.0 (2.0-2.0) 2.0 0.0 12 1 1 exact"


def test_without_our_row_there_is_no_ratio() -> None:
    """A peer measured alone is compared with nothing, not with itself."""
    peer = Result(RowSpec("peer", "row", "a peer", "process"), figures=[FIGURES])
    assert " ".join(format_table([peer]).splitlines()[1].split()[3:10]) == "10 (10-10) - 1.0 - - -"


def test_reason_of_a_failure_is_the_error_and_names_no_folder() -> None:
    """What follows an error on standard error does not hide it, and no path is kept."""
    said = (
        f"Traceback\nImportError: no x in {run.ROOT}/y.py\nsys:1: RuntimeWarning: never awaited\n"
    )
    assert run.last_words(said) == "ImportError: no x in ./y.py"
