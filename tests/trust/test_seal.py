"""A seal binds a record to its run, to what came before, and to its own bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks_ipython.trust import KeySealer

KEY = b"k" * 32


def test_seal_holds_for_what_was_sealed():
    """The same key, run, previous seal and body."""
    seal = KeySealer(KEY, "run").seal(b"", b"body")
    assert len(seal) == 32
    assert KeySealer(KEY, "run").holds(b"", b"body", seal)


@pytest.mark.parametrize(
    ("key", "run", "previous", "body"),
    [
        (b"K" * 32, "run", b"p" * 32, b"body"),
        (KEY, "ruN", b"p" * 32, b"body"),
        (KEY, "run", b"P" * 32, b"body"),
        (KEY, "run", b"", b"body"),
        (KEY, "run", b"p" * 32, b"bodY"),
        (KEY, "run", b"p" * 32, b""),
        (KEY, "runp", b"p" * 31, b"body"),
        (KEY, "run", b"p" * 31, b"pbody"),
        (KEY, "run", b"p" * 32 + b"b", b"ody"),
    ],
)
def test_seal_holds_for_nothing_else(key, run, previous, body):
    """Another key, run, predecessor or body, or the same bytes cut elsewhere."""
    seal = KeySealer(KEY, "run").seal(b"p" * 32, b"body")
    assert not KeySealer(key, run).holds(previous, body, seal)


@given(st.binary(max_size=40))
def test_no_other_bytes_are_the_seal(forged):
    """Whatever else is offered as a seal, also of another length, does not hold."""
    sealer = KeySealer(KEY, "run")
    assert sealer.holds(b"", b"body", forged) == (forged == sealer.seal(b"", b"body"))
