"""Compare: what may be edited after a crash, and what the user is shown otherwise."""

from __future__ import annotations

import pytest

from playbooks_ipython.source import first_difference, parse_cell

RAN = "a = 1\nfor b in c:\n    await d(b)\ne = 2\n"


def difference(new, upto):
    return first_difference(parse_cell(RAN), parse_cell(new), upto)


@pytest.mark.parametrize(
    "new",
    [
        RAN,
        "# why\n\n" + RAN,
        RAN.replace("a = 1", "a=(1)  # one"),
        RAN.replace("    ", "\t"),
        RAN.replace("for b in c:\n    ", "for b in c: "),
        "```python\n" + RAN + "```\n",
    ],
)
def test_layout_and_comments_are_no_difference(new):
    """Statements are equal as syntax trees."""
    assert difference(new, 2) is None


@pytest.mark.parametrize("new", [RAN.replace("e = 2", "e = 3"), "a = 1\nfor b in c: await d(b)\n"])
def test_what_has_not_run_may_change(new):
    """Statements after `upto` are not looked at, or gone."""
    assert difference(new, 1) is None


def test_the_first_difference_is_shown_with_its_line():
    """The line in the new cell, the old and the new text."""
    found = difference("# moved\n" + RAN.replace("d(b)", "d(b, 1)"), 2)
    assert (found.index, found.line) == (1, 3)
    assert found.diff.splitlines() == [
        "--- as it ran, line 2",
        "+++ now, line 3",
        "@@ -1,2 +1,2 @@",
        " for b in c:",
        "-    await d(b)",
        "+    await d(b, 1)",
    ]


def test_a_literal_of_another_type_is_a_difference():
    """1 == True == 1.0 to Python, not to the user."""
    assert difference(RAN.replace("a = 1", "a = True"), 0)
    assert difference(RAN.replace("a = 1", "a = 1.0"), 0)


def test_a_statement_put_before_is_a_difference():
    """Position is structural: the second statement is not searched for."""
    assert difference("x = 0\n" + RAN, 0).line == 1


def test_a_statement_that_is_gone_is_a_difference():
    """At the line after the last one that is left."""
    found = difference("a = 1\n", 1)
    assert (found.index, found.line) == (1, 2)
    assert "-for b in c:" in found.diff
    assert difference("", 0).line == 1


def test_nothing_has_run_before_the_first_statement():
    """A crash before the first statement fits any text."""
    assert difference("z = 0", -1) is None
