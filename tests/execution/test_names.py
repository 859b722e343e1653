"""What cannot be stored is told of by the name that the user gave it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.execution.place import Place

PROGRAM = """
import socket
class Box: pass
async def connect():
    box = Box()
    box.pair = socket.socketpair()
    return box
async def use():
    answer = await connect()
    await tool("b")
    for one in answer.pair:
        one.close()
await use()
for one in (await connect()).pair:
    one.close()
del one
"""


def test_a_variable_of_a_function_is_named_with_it(
    place: Place,
    capsys: pytest.CaptureFixture[Any],
) -> None:
    """And a value that has no name by its line; nothing of how we keep it is said."""
    place.run(PROGRAM)
    said = capsys.readouterr().err
    lost = "what this await gave cannot be stored"
    assert f"playbook: line 9: {lost}: answer.pair[0] in use() (socket)" in said
    assert f"playbook: line 14: {lost}: a value.pair[0] of line 14 (socket)" in said
    assert "frame" not in said
    assert "cr_" not in said
