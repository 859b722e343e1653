"""Every program of the corpus, crashed at every mark, and once more at every later one."""

import pytest

from tests.continuation.corpus import PROGRAMS
from tests.continuation.harness import check


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_continues_exactly(name: str) -> None:
    """Effects, namespace and error equal those of the plain program, undisturbed."""
    assert check(PROGRAMS[name]) > 0
