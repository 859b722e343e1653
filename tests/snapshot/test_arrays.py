"""NumPy views: what shares memory shares it again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playbooks_ipython.snapshot import Encoder, decode


def restored(**variables: Any) -> dict[str, Any]:
    encoding = Encoder({}).encode(variables, {})
    buffers = [bytearray(b) for b in encoding.buffers]
    return decode(encoding.stream, buffers, namespace={}, sources=dict).variables


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_write_through_a_view_is_seen_in_its_base(size: int) -> None:
    base = np.arange(size)
    after = restored(base=base, view=base[2:8:2], backward=base[::-1])
    after["view"][1] = -1
    assert after["base"][4] == -1
    assert after["backward"][-5] == -1


def test_views_of_one_base_that_has_no_name_share_it() -> None:
    base = np.arange(12).reshape(3, 4)
    first, second = base[0], base[:, 0]
    del base
    after = restored(first=first, second=second)
    after["first"][0] = 99
    assert after["second"][0] == 99


def test_a_column_of_a_fortran_array_is_a_column_again() -> None:
    base = np.asfortranarray(np.arange(6).reshape(2, 3))
    after = restored(base=base, column=base[:, 1])
    after["column"][0] = 77
    assert after["base"][0, 1] == 77


def test_a_view_that_may_not_be_written_may_not_be_again() -> None:
    base = np.arange(5)
    view = base[1:]
    view.flags.writeable = False
    after = restored(base=base, view=view)
    assert not after["view"].flags.writeable
    assert after["base"].flags.writeable


def test_a_small_view_of_a_large_array_that_nobody_else_holds_is_stored_alone() -> None:
    view = np.arange(1_000_000)[5:8]
    encoding = Encoder({}).encode({"view": view}, {})
    assert len(encoding.stream) + sum(b.nbytes for b in encoding.buffers) < 1000


def test_a_view_of_objects_keeps_its_values() -> None:
    base = np.array([{"a": 1}, [2]], dtype=object)
    after = restored(base=base, view=base[1:])
    assert after["view"][0] == [2]
