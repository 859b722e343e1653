"""Random programs, crashed at every mark."""

from hypothesis import HealthCheck, given, settings

from tests.continuation.generated import programs
from tests.continuation.harness import check


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(programs())
def test_random_program_continues_exactly(text: str) -> None:
    """Whatever statements are nested in one another, the run ends as CPython's does."""
    check(text, twice=False)
