"""Differences between two checkpoints: what came, went and changed, without code of the user's."""

from __future__ import annotations

from playbooks_ipython.checkpoints import parse_reference
from playbooks_ipython.execution.differences import Difference, differences_text
from tests.execution.place import Place

PROGRAM = """
same = {"a": [1, 2]}
words = {"one", "two", "three"}
def f(x):
    return x
class Agent:
    name: str = "a"
    def __repr__(self):
        effect("repr")
        return "agent"
    __str__ = __repr__
    def __len__(self):
        effect("len")
        return 1
    def __eq__(self, other):
        effect("eq")
        return False
    __hash__ = None
agent, quiet = Agent(), Agent()
gone = 1
count = 1
a = await tool('a')
del gone
count = 'two'
agent.n = 2
new = [1, 2]
b = await tool('b')
"""


def found(place: Place, one: str, other: str) -> list[Difference]:
    return place.runs().differences(parse_reference(one), parse_reference(other))


def test_what_came_went_and_changed_is_told_with_types_and_values(place: Place) -> None:
    place.run(PROGRAM)
    assert found(place, "program@1", "program@2") == [
        Difference("changed", "agent", "Agent", ""),
        Difference("added", "b", "int", "1"),
        Difference("changed", "count", "int -> str", "1 -> 'two'"),
        Difference("removed", "gone", "int", "1"),
        Difference("added", "new", "list", "[1, 2]"),
    ]


def test_no_code_of_the_users_is_asked(place: Place) -> None:
    place.run(PROGRAM)
    found(place, "program@1", "program@2")
    assert place.effects == ["tool a ()", "tool b ()"]


def test_nothing_of_the_users_namespace_is_touched(place: Place) -> None:
    place.run(PROGRAM)
    runs = place.runs()
    before = dict(place.namespace)
    runs.differences(parse_reference("program@1"), parse_reference("program@2"))
    assert place.namespace == before


def test_a_checkpoint_does_not_differ_from_itself(place: Place) -> None:
    place.run(PROGRAM)
    assert found(place, "program@2", "program@2") == []
    assert differences_text("a", "b", []) == "a and b have the same variables"


def test_two_runs_are_compared_as_well(place: Place) -> None:
    place.run("a = 1\nf = lambda: 1\nawait tool('a')\n")
    place.run("a = 2\nf = lambda: 1\nawait tool('a')\n")
    (only,) = found(place, "program~1", "program")
    assert (only.name, only.text) == ("a", "1 -> 2")


def test_what_could_not_be_stored_is_said_to_be_so(place: Place) -> None:
    place.run(
        "import socket\nawait tool('a')\nkept, other = socket.socketpair()\nother.close()\n"
        "await tool('b')\nkept.close()"
    )
    texts = {each.name: each.text for each in found(place, "program@1", "program@2")}
    assert texts["kept"] == "not stored"


def test_the_text_is_a_table() -> None:
    text = differences_text("a@1", "a@2", [Difference("added", "b", "int", "1")])
    assert text.splitlines()[0] == "a@1 -> a@2"
    assert text.splitlines()[-1].split() == ["added", "b", "int", "1"]
