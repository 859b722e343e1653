"""The demo: real kernels, a real SIGKILL after each await of the first notebook's cell in turn."""

from __future__ import annotations

from dataclasses import replace

import demo
import pytest
from demo import Ending, Timeline, differences, killed, undisturbed

AWAITS = 12
ENDING = Ending(awaits=2, effects=["read", "write"], report=b"# Report", variables=["{'x': 1}"])


@pytest.fixture(scope="module")
def expected() -> Ending:
    return undisturbed()


def test_the_cell_awaits_as_often_as_the_notebook_says(expected):
    """The first notebook's text speaks of twelve awaits."""
    assert expected.awaits == AWAITS


@pytest.mark.parametrize("kill_at", range(1, AWAITS + 1))
def test_a_kernel_killed_after_an_await_is_continued_as_if_nothing_had_happened(expected, kill_at):
    """Each effect once, plain code's too; the same report, the same variables."""
    assert differences(expected, killed(kill_at, Timeline())) == []


def test_the_demo_ends_with_its_result(capsys):
    """The last line states how often effects happened, and the exit status is 0."""
    assert demo.main(["--kill-at", "7"]) == 0
    *timeline, last = capsys.readouterr().out.splitlines()
    assert any("KILLED" in line for line in timeline)
    assert last.startswith("THE SAME: killed after await 7 of 12")
    assert "13 effects, each once" in last


@pytest.mark.parametrize("kill_at", ["0", "99"])
def test_an_await_that_there_is_not_is_refused_in_one_sentence(
    expected, monkeypatch, capsys, kill_at
):
    """With the numbers that there are, and exit status 2."""
    monkeypatch.setattr(demo, "undisturbed", lambda: expected)  # it has been run for real
    assert demo.main(["--kill-at", kill_at]) == 2
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"there is no await {kill_at}: choose 1 to 12"


@pytest.mark.parametrize(
    "changed",
    [
        {"awaits": 3},
        {"effects": ["read", "read", "write"]},
        {"effects": ["read"]},
        {"effects": ["write", "read"]},
        {"report": b"# Another"},
        {"variables": ["{'x': 2}"]},
    ],
)
def test_whatever_differs_is_named(changed):
    """A repeated, missing or misplaced effect, another report, other variables."""
    (name,) = changed
    assert any(name in one for one in differences(ENDING, replace(ENDING, **changed)))


def test_a_repeated_effect_is_named_even_where_both_runs_repeat_it():
    """ "Each once" is a promise about one run, not only about two being alike."""
    twice = replace(ENDING, effects=["read", "read", "write"])
    assert differences(twice, twice) == ["happened more than once: read"]


def test_the_demo_fails_when_an_effect_happens_twice(expected, monkeypatch, capsys):
    """A resume that starts over is found out by the counting process: exit status 1."""

    def start_over(stage, kernel):
        for cell in stage.cells:
            kernel.run(cell.replace("%%playbook audit", "%%playbook audit --fresh"))

    monkeypatch.setattr(demo, "undisturbed", lambda: expected)
    monkeypatch.setattr(demo, "_continue", start_over)
    assert demo.main(["--kill-at", "3"]) == 1
    assert "happened more than once: read the versions" in capsys.readouterr().out
