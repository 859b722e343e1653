"""Random programs, crashed at every mark."""

import os
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.continuation.generated import random_program, write_program
from tests.continuation.harness import check

SEED = int(os.environ.get("PLAYBOOKS_SEED", "20261120"))
ALL = os.environ.get("PLAYBOOKS_FAULTS") == "all"


@pytest.mark.parametrize("number", range(2000 if ALL else 30))
def test_random_program_continues_exactly(number: int) -> None:
    """Whatever statements are nested in one another, the run ends as CPython's does."""
    seed = f"{SEED} {number}"
    check(random_program(seed), twice=ALL and random.Random(seed).random() < 0.1)


@st.composite
def programs(draw: Callable[[st.SearchStrategy[int]], int]) -> str:
    """Programs that hypothesis can make smaller when one fails."""
    return write_program(lambda count: draw(st.integers(0, count - 1)))


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(programs())
def test_program_that_can_be_made_smaller_continues_exactly(text: str) -> None:
    """The same, by choices that hypothesis makes and, where one fails, reduces."""
    check(text, twice=False)
