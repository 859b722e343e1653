"""Every program of the corpus, crashed at every mark, and once more at every later one."""

import pytest

from tests.continuation import corpus_expressions, corpus_functions, corpus_statements
from tests.continuation.harness import check

PROGRAMS = {
    **corpus_statements.PROGRAMS,
    **corpus_expressions.PROGRAMS,
    **corpus_functions.PROGRAMS,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_continues_exactly(name: str) -> None:
    """Effects, namespace and error equal those of the plain program, undisturbed."""
    assert check(PROGRAMS[name]) > 0
