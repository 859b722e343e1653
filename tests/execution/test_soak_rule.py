"""What the soak accepts: a part may begin a little before the one before ended, and no more."""

import pytest

from tests.soak import fits

PLAIN, FIRST, SECOND = '["eff", 1]', '["leaf", 1]', '["leaf", 2]'
WHOLE = [FIRST, PLAIN, SECOND, PLAIN]


@pytest.mark.parametrize(
    ("parts", "fine"),
    [
        ([WHOLE], True),
        ([[FIRST, PLAIN, SECOND], [SECOND, PLAIN]], True),
        ([[FIRST, PLAIN], [PLAIN, SECOND, PLAIN]], True),
        ([[FIRST, PLAIN, SECOND], [FIRST, PLAIN, SECOND, PLAIN]], False),
        ([[FIRST, PLAIN], [SECOND]], False),
        ([[FIRST], [SECOND, PLAIN]], False),
    ],
)
def test_one_operation_at_most_is_issued_again(parts: list[list[str]], fine: bool) -> None:
    assert fits(parts, WHOLE) is fine
