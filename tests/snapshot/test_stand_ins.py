"""What cannot be stored or rebuilt is a stand-in where it stood, and costs nothing else."""

from __future__ import annotations

import asyncio
import copy
import operator
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playbooks_ipython.errors import UnstorableValue
from playbooks_ipython.records import Refused
from playbooks_ipython.snapshot import Encoder, StandIn, decode
from tests.snapshot.conftest import Restarted
from tests.snapshot.notebook import Notebook, check_in_new_process

STAND_IN = StandIn("agent.client", "Client", "it holds a connection")


async def _await() -> None:
    await STAND_IN  # type: ignore[misc] # that is the test


async def _enter() -> None:
    async with STAND_IN:  # type: ignore[attr-defined] # that is the test
        pass


def _with() -> None:
    with STAND_IN:  # type: ignore[attr-defined] # that is the test
        pass


USES: dict[str, Callable[[Any], object]] = {
    "attribute": lambda x: x.anything,
    "set attribute": lambda x: setattr(x, "anything", 1),
    "delete attribute": lambda x: delattr(x, "anything"),
    "its own fields": lambda x: x._name,
    "call": lambda x: x(),
    "iterate": lambda x: list(x),
    "next": lambda x: next(x),
    "length": len,
    "truth": bool,
    "item": lambda x: x[0],
    "set item": lambda x: operator.setitem(x, 0, 1),
    "contains": lambda x: 1 in x,
    "add": lambda x: x + 1,
    "add from the right": lambda x: 1 + x,
    "negate": operator.neg,
    "equal": lambda x: x == 1,
    "less": lambda x: x < 1,
    "str": str,
    "format": lambda x: f"{x}",
    "index": lambda x: [1][x],
    "float": float,
    "await": lambda _: asyncio.run(_await()),
    "with": lambda _: _with(),
    "async with": lambda _: asyncio.run(_enter()),
}


@pytest.mark.parametrize("use", USES)
def test_any_use_raises_with_name_type_and_reason(use: str) -> None:
    """A stand-in never takes part in a computation."""
    with pytest.raises(UnstorableValue, match=r"agent\.client.*Client.*holds a connection"):
        USES[use](STAND_IN)


def test_looking_at_a_stand_in_is_safe() -> None:
    """repr, isinstance, hashing and copying say what it is and raise nothing."""
    assert repr(STAND_IN) == "<stand-in for agent.client (Client): it holds a connection>"
    assert isinstance(STAND_IN, StandIn)
    assert repr(copy.deepcopy([STAND_IN])) == f"[{STAND_IN!r}]"
    assert STAND_IN in {STAND_IN}
    assert dir(STAND_IN) == []


def test_only_the_bad_value_is_lost(notebook: Notebook, tmp_path: Path) -> None:
    """An attribute, an item and a variable are named; what holds them is whole."""
    notebook.run("""
import socket
class Agent: pass
agent = Agent()
agent.client, agent.history = socket.socket(), [1]
many = [0, socket.socket(), {"inner": agent.client}]
generator = (i for i in range(3))
next(generator)
""")
    encoding = notebook.encode()
    check_in_new_process(
        tmp_path,
        encoding,
        """
assert sorted(stand_ins) == ["agent.client", "generator", "many[1]"], sorted(stand_ins)
assert agent.history == [1] and many[0] == 0
assert many[2]["inner"] is agent.client
assert stand_ins["agent.client"].type_name == "socket"
""",
    )
    assert {one.variable for one in encoding.refused} == {"agent.client", "generator", "many[1]"}
    notebook.run("agent.client.close(); many[1].close()")


def test_stand_in_stays_one_when_stored_again(notebook: Notebook) -> None:
    """Two restores later the name and the reason are still those of the first."""
    notebook.run("import socket\ns = socket.socket()\nrest = [1]")
    first = notebook.encode()
    notebook.run("s.close()")
    notebook.bring_back(first)
    again = notebook.encode()
    assert again.refused == first.refused
    assert notebook.bring_back(again).stand_ins == first.refused
    assert notebook.namespace["rest"] == [1]


def test_refused_in_what_the_run_keeps(notebook: Notebook) -> None:
    """The run's own part is as forgiving as the variables."""
    notebook.run("g = (i for i in range(3))\nnext(g)")
    encoding = notebook.encoder.encode({}, {"agent": {"state": notebook.namespace["g"]}})
    assert encoding.refused[0].variable == "agent['state']"


BAD_CODE = {
    "reduce raises": "def __reduce__(self): raise ValueError('no')",
    "reduce returns nonsense": "def __reduce__(self): return 5",
    "reduce names what is not there": "def __reduce__(self): return 'nothing_of_this_name'",
    "getstate raises": "def __getstate__(self): return self.missing.deeper",
    "items raise": """
    def __reduce__(self):
        def items():
            yield 1
            raise RuntimeError("half-way")
        return list, (), None, items()
""",
    "class lies": "@property\n    def __class__(self): return int",
    "state recurses": "def __getstate__(self): return self.__getstate__()",
}


@pytest.mark.parametrize("bad", BAD_CODE)
def test_foreign_code_that_fails_costs_itself_only(notebook: Notebook, bad: str) -> None:
    """Whatever an object does while it is asked for its state, the rest is stored."""
    notebook.run(f"class Bad:\n    {BAD_CODE[bad].strip()}\nbad = [1, Bad()]\ngood = [2]")
    encoding = notebook.encode()
    decoded = notebook.bring_back(encoding)
    assert decoded.variables["good"] == [2]
    assert decoded.variables["bad"][0] == 1
    assert [one.variable for one in encoding.refused] == ["bad[1]"]


FAILS_TO_LOAD = {
    "setstate raises": "def __setstate__(self, state): raise ValueError('no')\n    x = 1\n"
    "    def __init__(self): self.y = 1",
    "constructor raises": "def __reduce__(self): return (int, ('not a number',))",
    "hash raises": "def __hash__(self):\n        return self.late\n"
    "    def __init__(self): self.late = 1; self.me = {self: 1}",
}


@pytest.mark.parametrize("bad", FAILS_TO_LOAD)
def test_value_that_fails_to_load_costs_itself_only(notebook: Notebook, bad: str) -> None:
    """What cannot be rebuilt is a stand-in with a name, and the rest is loaded."""
    notebook.run(
        f"class Bad:\n    {FAILS_TO_LOAD[bad]}\nbad = [1, Bad()]\nagain = bad[1]\ngood = [2]"
    )
    decoded = notebook.bring_back(notebook.encode())
    assert decoded.variables["good"] == [2]
    assert decoded.variables["bad"][0] == 1
    assert decoded.variables["again"] is decoded.variables["bad"][1]
    assert [one.variable[:5] in ("again", "bad[1") for one in decoded.stand_ins] == [True]


def test_missing_module_costs_its_objects_only(notebook: Notebook, tmp_path: Path) -> None:
    """What needs a package that is not installed is a stand-in; functions that use it come back."""
    (tmp_path / "gone_by_then.py").write_text("class Thing: pass\ndef f(): return 1\n")
    notebook.namespace["folder"] = str(tmp_path)
    notebook.run(
        "import sys\nsys.path.insert(0, folder)\nimport gone_by_then as m\nsys.path.pop(0)"
    )
    notebook.run("things = [m.Thing(), 1]\nf = m.f\nclass Mine(m.Thing): pass\nmine = Mine()")
    notebook.run("def use(): return len(things)")
    encoding = notebook.encode()
    check = """
assert things[1] == 1 and use() == 2
assert {"m", "f", "things[0]", "Mine", "mine"} <= set(stand_ins), stand_ins
assert "gone_by_then" in stand_ins["m"].reason
assert stand_ins["things[0]"].type_name == "Thing"
"""
    check_in_new_process(tmp_path, encoding, check)
    del sys.modules["gone_by_then"]


def test_missing_source_costs_its_functions_only(notebook: Notebook) -> None:
    """A definition whose text is absent is a stand-in."""
    notebook.run("def f(): return 1\nx = [1]")
    encoding = notebook.encode()

    def sources(name: str) -> str:
        raise KeyError(name)

    decoded = decode(encoding.stream, [], namespace={}, sources=sources)
    assert decoded.variables["x"] == [1]
    assert [one.variable for one in decoded.stand_ins] == ["f"]


def test_interrupt_is_never_swallowed(notebook: Notebook) -> None:
    """KeyboardInterrupt while a value is asked for its state goes up."""
    notebook.run("class A:\n    def __reduce__(self): raise KeyboardInterrupt\na = A()")
    with pytest.raises(KeyboardInterrupt):
        notebook.encode()


def test_repr_of_the_users_is_never_called(notebook: Notebook) -> None:
    """Naming what was refused asks no object for its text."""
    notebook.run("""
class Loud(dict):
    def __repr__(self): raise SystemExit
    __str__ = __repr__
    def __reduce__(self): raise TypeError("no")
loud = {Loud: Loud(), "all": [Loud()]}
""")
    assert {one.type_name for one in notebook.encode().refused} == {"Loud"}


@pytest.mark.parametrize(
    "deep",
    [
        "x = []\nfor _ in range(20_000): x = [x]",
        "class N: pass\nx = None\nfor _ in range(20_000):\n    n = N(); n.below = x; x = n\ndel n",
    ],
)
def test_deep_nesting_is_stored(notebook: Notebook, deep: str) -> None:
    """Depth beyond the C pickler's is stored all the same."""
    notebook.run(deep)
    encoding = notebook.encode()
    assert not encoding.refused
    limit = sys.getrecursionlimit()
    x = notebook.bring_back(encoding).variables["x"]
    depth = 0
    while x:
        x, depth = (x[0] if isinstance(x, list) else x.below), depth + 1
    assert depth == 20_000
    assert sys.getrecursionlimit() == limit


def test_dictionary_that_grows_meanwhile_is_stored(notebook: Notebook) -> None:
    """A change while it is written, as a thread makes it, costs another try and no value."""
    notebook.run("""
grows = {}
class Grows:
    def __reduce__(self):
        if len(grows) < 4: grows[len(grows)] = 1
        return int, ()
grows["it"] = Grows()
grows["last"] = 1
""")
    encoding = notebook.encode()
    assert not encoding.refused
    assert notebook.bring_back(encoding).variables["grows"] == {"it": 0, "last": 1, 2: 1, 3: 1}


def test_reducers_are_asked_first() -> None:
    """A further reducer decides for the objects that it knows."""
    namespace: dict[str, object] = {}

    def reducer(obj: object) -> object:
        return (int, ("7",)) if type(obj).__name__ == "generator" else NotImplemented

    encoder = Encoder(namespace, [reducer])
    encoding = encoder.encode({"g": (i for i in ())}, {})
    decoded = decode(encoding.stream, [], namespace=namespace, sources={}.__getitem__)
    assert decoded.variables == {"g": 7}
    assert not encoding.refused


def test_second_encoding_of_a_bad_namespace_is_one_pass(notebook: Notebook) -> None:
    """Refusals are remembered: what failed once is not tried at full length again."""
    notebook.run("""
asked = []
class Bad:
    def __reduce__(self):
        asked.append(1)
        raise ValueError
bad = [Bad(), Bad()]
""")
    notebook.encode()
    notebook.namespace["asked"].clear()
    encoding = notebook.encode()
    assert len(notebook.namespace["asked"]) == 2
    assert encoding.refused == (
        Refused("bad[0]", "Bad", "ValueError: "),
        Refused("bad[1]", "Bad", "ValueError: "),
    )


def test_restart_with_stand_ins(restarted: Restarted) -> None:
    """A stand-in in a new process says what to do."""
    restarted(
        "import socket\ns = socket.socket()\ns.close()",
        """
try: s.send(b"")
except Exception as error: assert "make it again" in str(error)
else: assert False
""",
    )
