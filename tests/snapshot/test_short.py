"""Short texts of values: built-in types are written out, nothing of the user's is called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from playbooks_ipython.snapshot.short import short_text


class Rude:
    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(name)

    __repr__ = __len__ = __iter__ = __hash__ = __getattribute__


class OwnInt(int):
    def __repr__(self) -> str:
        raise AssertionError("asked")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (True, "True"),
        (None, "None"),
        ("word", "'word'"),
        ([1, "a"], "[1, 'a']"),
        ((1, (2, 3)), "(1, (2, 3))"),
        ({"a": [1]}, "{'a': [1]}"),
        ([], "[]"),
        ([[[1]]], "[[1 item]]"),
        (list(range(1000)), "1,000 items"),
        ([object()], "1 item"),
        ([10**5000], "[16610 bits]"),
        (np.zeros((2, 3)), "2 x 3 float64"),
        (pd.DataFrame({"dtype": ["secret"]}), "1 x 1"),
    ],
)
def test_a_value_is_told_in_a_few_words(value: object, text: str) -> None:
    assert short_text(value) == text


def test_nothing_of_the_users_is_called() -> None:
    assert short_text(object.__new__(Rude)) == ""
    assert short_text(OwnInt(3)) == ""
    assert short_text([OwnInt(3)]) == "1 item"


def test_a_text_has_at_most_60_characters() -> None:
    for value in ("x" * 1000, ["y" * 58, "z" * 58], {"k" * 70: "v" * 70}):
        assert len(short_text(value)) <= 60


def test_a_list_that_holds_itself_has_a_text() -> None:
    endless: list[object] = []
    endless.append(endless)
    assert short_text(endless) == "[[1 item]]"
