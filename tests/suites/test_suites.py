"""Other people's asynchronous code: their own tests, as they are, with twins, and as recorded runs.

The plain outcomes are taken in the same run of this test. `make suites` records every test and
writes tests/results/suites.json; `make test` records a seeded sample.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.suites.explained import DIFFERENT, TIMED
from tests.suites.sources import RUNNER, SUITES
from tests.support.results import write_results

ROOT = Path(__file__).parents[2]
IS_KEPT = "PLAYBOOKS_SUITES" in os.environ


@cache
def ran(name: str, way: str) -> dict[str, Any]:
    """What a suite's tests gave in a process of their own."""
    words = [sys.executable, "-m", "tests.suites.instrumented", name, way]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def differences(name: str, way: str) -> set[str]:
    """The tests that gave something else than they give plainly."""
    plain, other = (ran(name, one)["outcomes"] for one in ("plain", way))
    assert set(other) <= set(plain), "the same tests are collected"
    found = {test for test, outcome in other.items() if outcome != plain[test]}
    return {test for test in found if way != "recorded" or not test.startswith(TIMED)}


@pytest.mark.parametrize("name", SUITES)
def test_every_test_passes_with_twins_as_it_passes_without(name: str) -> None:
    """Library and tests are compiled by us; the same tests are collected and pass."""
    assert set(ran(name, "twins")["outcomes"]) == set(ran(name, "plain")["outcomes"])
    assert differences(name, "twins") == set()


@pytest.mark.parametrize("name", SUITES)
def test_every_test_passes_as_a_recorded_run(name: str) -> None:
    """Each difference is in the table, and each that is in the table is one."""
    explained = {
        test for test in ran(name, "recorded")["outcomes"] if function_of(test) in DIFFERENT
    }
    assert differences(name, "recorded") == explained


@pytest.mark.parametrize("name", SUITES)
def test_a_test_goes_on_from_a_checkpoint_to_its_end(name: str) -> None:
    """It passes, or what cannot go on exactly was named before."""
    kinds = {test: kind_of(one) for test, (one,) in restored(name).items()}
    wrong = {test for test, kind in kinds.items() if kind == "wrong"}
    assert {test for test in wrong if not test.startswith(TIMED)} == set()


def function_of(test: str) -> str:
    """The test without its parameters."""
    return test.partition("[")[0]


def restored(name: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = ran(name, "recorded")["restored"]
    return {test: ones for test, ones in found.items() if ones}


def kind_of(one: Mapping[str, Any]) -> str:
    """`equal`; `refused` before anything ran; `named`: it ended otherwise, and what could not be
    had again was said; `wrong`."""
    if one["found"] == "equal" or one["found"].startswith("refused"):
        return str(one["found"]).partition(":")[0]
    return "named" if one["said"] else "wrong"


if IS_KEPT:  # by `make suites`

    def test_the_counts_are_kept() -> None:
        counts = {f"{suite.name} {suite.version}": counted(suite.name) for suite in SUITES.values()}
        write_results("suites", {**counts, "runner": RUNNER})


def counted(name: str) -> dict[str, Any]:
    """How many tests passed in each way, and what came of going on from a checkpoint of each."""
    passed = {way: passes(name, way) for way in ("plain", "twins", "recorded")}
    again = Counter(kind_of(one) for ones in restored(name).values() for one in ones)
    whole = "every test" if os.environ.get("PLAYBOOKS_FAULTS") == "all" else "a seeded sample"
    return {**passed, "recorded were": whole, "gone on from a checkpoint": dict(again)}


def passes(name: str, way: str) -> dict[str, int]:
    outcomes = ran(name, way)["outcomes"].values()
    return dict(Counter(outcome.partition(" ")[0] for outcome in outcomes))
