"""Values come back with their identity, in a new process."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from playbooks_ipython.snapshot.leaves import dump_leaf, load_leaf
from tests.snapshot.conftest import Restarted
from tests.snapshot.notebook import Notebook

CASES = {
    "markers_of_modules": (
        """
import functools, inspect, httpx, traitlets, uuid
empty, member = inspect.Parameter.empty, inspect._ParameterKind.VAR_KEYWORD
safe = uuid.SafeUUID.safe
unset = httpx._client.USE_CLIENT_DEFAULT
undefined = traitlets.Undefined
word = functools._make_key.__defaults__[0][0]
own = object()
table = {own: 1}
""",
        """
assert unset is httpx._client.USE_CLIENT_DEFAULT
assert undefined is traitlets.Undefined and type(undefined).__module__ != "traitlets"
assert word is functools._make_key.__defaults__[0][0]
assert empty is inspect.Parameter.empty and member is inspect._ParameterKind.VAR_KEYWORD
assert safe is uuid.SafeUUID.safe and type(own) is object and table[own] == 1
""",
    ),
    "dictionaries_that_set_items_themselves": (
        """
class Frozen(dict):
    def __setitem__(self, key, value): raise ValueError
class Counting(dict):
    __slots__ = ("sets", "__dict__")
    def __setitem__(self, key, value):
        self.sets = getattr(self, "sets", 0) + 1
        dict.__setitem__(self, key.lower(), value)
shared = [1]
frozen, counting = Frozen(a=shared, B=2), Counting(LEFT=shared)
counting["Me"], counting.more = counting, shared
""",
        """
assert type(frozen) is Frozen and dict(frozen) == {"a": [1], "B": 2} and frozen["a"] is shared
assert list(counting) == ["LEFT", "me"] and counting["me"] is counting and counting.sets == 1
assert counting["LEFT"] is shared and counting.more is shared
counting["X"] = 1
assert counting.sets == 2 and counting["x"] == 1
""",
    ),
    "keys_that_keep_their_hash": (
        """
import functools, unittest.mock
class Key:
    __slots__ = ("_hash", "values")
    def __init__(self, *values): self.values, self._hash = values, hash(values)
    def __hash__(self): return self._hash
    def __eq__(self, other): return self.values == other.values
class Numbered:
    def __init__(self, number): self.number, self.twice = number, 2 * number
    def __hash__(self): return self.number
    def __eq__(self, other): return self.number == other.number
class Me: pass
me = Me()
asked = unittest.mock.MagicMock()
kept = {functools._make_key((me, "a"), {"x": "y"}, False): 1, Key("a", me): 2, Numbered(3): 3}
""",
        """
assert kept[functools._make_key((me, "a"), {"x": "y"}, False)] == 1
assert kept[Key("a", me)] == 2 and kept[Numbered(3)] == 3
assert not asked.mock_calls
assert [key.number for key in kept if type(key) is Numbered] == [3]
""",
    ),
    "aliases_and_cycles": (
        "x = [1]\ny = x\nx.append(x)\nd = {'x': x}\nd['d'] = d\nt = (d, x)",
        "assert x is y is x[1] is d['x'] is t[1] and d['d'] is d is t[0]",
    ),
    "alias_between_a_closure_and_a_variable": (
        "def make():\n    log = []\n    return log, lambda: log\nlog, get = make()",
        "assert get() is log",
    ),
    "cycle_through_instances_and_methods": (
        """
class A: pass
a, b = A(), A()
a.b, b.a = b, a
A.say = lambda self: self.b
a.say_later = a.say
""",
        "assert a.b.a is a and a.say() is b and a.say_later() is b and a.say_later.__self__ is a",
    ),
    "exceptions": (
        """
class Refused(Exception):
    def __init__(self, code, *, url):
        super().__init__(f"{code} at {url}")
        self.code, self.url = code, url
try:
    try: open("/nowhere/at/all")
    except OSError as inner: raise Refused(404, url="u") from inner
except Refused as caught:
    caught.add_note("tried twice")
    error = caught
group = ExceptionGroup("several", [error, KeyError("k")])
stop = StopIteration(3)
try: "a".nothing
except AttributeError as e: attribute = e
try: b"\\xff".decode()
except UnicodeDecodeError as e: decoding = e
error.me = error
""",
        """
assert str(error) == "404 at u" and error.code == 404 and error.url == "u"
assert error.__notes__ == ["tried twice"] and error.me is error
assert error.__cause__.errno == 2 and error.__cause__.filename == "/nowhere/at/all"
assert type(error.__cause__) is FileNotFoundError and error.__suppress_context__
assert error.__context__ is error.__cause__
assert group.exceptions[0] is error and group.message == "several"
assert stop.value == 3 and attribute.name == "nothing" and decoding.reason
""",
    ),
    "exception_of_a_library_that_pickles_and_does_not_load": (
        """
import httpx
request = httpx.Request("GET", "http://127.0.0.1/")
error = httpx.HTTPStatusError("no", request=request, response=httpx.Response(500))
""",
        "assert str(error) == 'no' and error.request is request",
    ),
    "iterators_half_way": (
        """
import itertools
count = itertools.count(5); next(count)
pairs = zip([1, 2, 3], "abc"); next(pairs)
numbered = enumerate(["x", "y"]); next(numbered)
chain = itertools.chain([1, 2], [3]); next(chain)
cycle = itertools.cycle("ab"); next(cycle)
some = iter([1, 2, 3]); next(some)
keys = iter({"a": 1, "b": 2}); next(keys)
mapped = map(str, [1, 2]); next(mapped)
shared = [1, 2]
rest = iter(shared); next(rest)
""",
        """
assert next(count) == 6 and list(pairs) == [(2, "b"), (3, "c")] and next(numbered) == (1, "y")
assert list(chain) == [2, 3] and next(cycle) == "b" and next(some) == 2 and next(keys) == "b"
assert list(mapped) == ["2"]
shared.append(3)
assert list(rest) == [2, 3]
""",
    ),
    "weak_references": (
        """
import weakref
class A: pass
a = A()
ref = weakref.ref(a)
cache = weakref.WeakValueDictionary(a=a)
gone = weakref.ref(A())
""",
        "assert ref() is a and cache['a'] is a and gone() is None",
    ),
    "mapping_proxy": (
        "import types\ninner = {'k': 1}\nproxy = types.MappingProxyType(inner)",
        "inner['k'] = 2\nassert proxy['k'] == 2",
    ),
    "context_variable": (
        """
import contextvars
who = contextvars.ContextVar("who", default="nobody")
who.set("me")
unset = contextvars.ContextVar("unset")
""",
        "assert who.get() == 'me' and who.name == 'who' and unset.get(None) is None\n"
        "assert contextvars.Context().run(who.get) == 'nobody'",
    ),
    "locks": (
        "import threading\nlock, held = threading.Lock(), threading.Lock()\n"
        "again = threading.RLock()\n"
        "held.acquire()",
        "assert not lock.locked() and held.locked()\nwith again: pass",
    ),
    "modules": (
        "import json, os.path as p\nimport xml.etree.ElementTree as tree",
        "import json as j, sys\nassert json is j and p.join and tree is sys.modules[tree.__name__]",
    ),
    "types_of_the_interpreter": (
        "kinds = [type(None), type(len), type(lambda: 1), type(...), int, list[int], int | str]",
        "assert kinds == [type(None), type(len), type(lambda: 1), type(...), int, list[int],"
        " int | str]",
    ),
    "views_code_and_super": (
        """
d = {"a": 1}
keys, values, items = d.keys(), d.values(), d.items()
code = compile("6 * 7", "<x>", "eval")
class A:
    def m(self): return self
class B(A):
    def m(self): return None
b = B()
above = super(B, b)
""",
        """
d["b"] = 2
assert list(keys) == ["a", "b"] and list(values) == [1, 2] and len(items) == 2
assert eval(code) == 42 and above.m() is b
""",
    ),
    "random_state": (
        "import random\nrng = random.Random(3)\nrng.random()\nahead = random.Random()\n"
        "ahead.setstate(rng.getstate())\nexpected = ahead.random()",
        "assert rng.random() == expected",
    ),
    "asyncio_primitives": (
        "import asyncio\nqueue = asyncio.Queue()\nqueue.put_nowait(1)\ngate = asyncio.Event()",
        "assert queue.get_nowait() == 1 and not gate.is_set()",
    ),
    "numpy": (
        """
import numpy as np
small, big = np.arange(3), np.arange(100_000.0).reshape(100, 1000)
same, turned = big, big.T
big[0, 0] = -1
fixed = np.arange(10_000)
fixed.flags.writeable = False
rng = np.random.default_rng(1)
rng.random()
words = np.array(["a", None], dtype=object)
""",
        """
assert same is big and big[0, 0] == -1 and small.sum() == 3 and turned.shape == (1000, 100)
big[0, 0] = 5
small[0] = 5
assert not fixed.flags.writeable and fixed[9] == 9 and words[0] == "a"
assert 0 < rng.random() < 1
""",
    ),
    "pandas": (
        """
import pandas as pd
frame = pd.DataFrame({"a": range(20_000), "b": ["x", "y"] * 10_000})
again, column = frame, frame["a"]
when = pd.Timestamp("2020-01-01", tz="UTC")
""",
        """
assert again is frame and frame.shape == (20_000, 2) and column.sum() == sum(range(20_000))
frame.loc[0, "a"] = 7
assert frame["a"][0] == 7 and when.year == 2020 and list(frame["b"][:2]) == ["x", "y"]
""",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_value_comes_back(restarted: Restarted, name: str) -> None:
    """Each kind of value is in a new process what it was."""
    restarted(*CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_unchanged_values_give_the_same_bytes(notebook: Notebook, name: str) -> None:
    """Encoding has no effect on what it encodes."""
    notebook.run(CASES[name][0])
    first, again = notebook.encode(), notebook.encode()
    assert first.stream == again.stream
    assert not first.refused


@pytest.mark.parametrize(
    ("mode", "use", "check"),
    [
        ("r", "assert file.readline() == 'one\\n'", "assert file.readline() == 'two\\n'"),
        ("rb", "file.read(2)", "assert file.read() == b'e\\ntwo\\n' and file.mode == 'rb'"),
        (
            "w",
            "file.write('new\\n')",
            "file.write('er')\nfile.close()\nassert text() == 'new\\ner'",
        ),
        (
            "a",
            "file.write('3')",
            "file.write('4')\nfile.close()\nassert text() == 'one\\ntwo\\n34'",
        ),
        ("r+", "file.read()", "file.write('5')\nfile.close()\nassert text() == 'one\\ntwo\\n5'"),
        ("r", "file.close()", "assert file.closed"),
    ],
)
def test_open_file_is_at_its_position(
    restarted: Restarted, notebook: Notebook, tmp_path: Path, mode: str, use: str, check: str
) -> None:
    """A file is open again where it was, and opening it again never empties it."""
    path = tmp_path / "file"
    path.write_text("one\ntwo\n")
    notebook.run(f"path = {str(path)!r}\ndef text(): return open(path).read()")
    notebook.run(f"file = open(path, {mode!r})\n{use}")
    restarted(check.replace("text()", "__import__('pathlib').Path(path).read_text()"))
    notebook.run("file.close()")


def test_missing_file_is_a_stand_in(restarted: Restarted, tmp_path: Path) -> None:
    """A file that is gone is said, and the rest comes back."""
    path = tmp_path / "file"
    path.write_text("")
    restarted(
        f"file = open({str(path)!r})\nrest = 1",
        f"import os\nfile.close()\nos.unlink({str(path)!r})\nkept = file",
        "assert rest == 1",
    )


def test_large_buffers_are_views_of_live_memory(notebook: Notebook) -> None:
    """An array's bytes stand beside the stream and are not copied."""
    notebook.run("import numpy as np\na = np.zeros(1_000_000)")
    encoding = notebook.encode()
    notebook.namespace["a"][3] = 1.0
    assert len(encoding.stream) < 2000
    assert encoding.buffers[0].cast("d")[3] == 1.0


def test_namespace_never_enters_the_stream(notebook: Notebook) -> None:
    """A function or `globals()` in a variable drags nothing else along."""
    notebook.run("secret = 'do not store this'\ndef f(): return secret\ng = globals()")
    kept = {name: notebook.namespace[name] for name in ("f", "g")}
    encoding = notebook.encoder.encode(kept, {})
    assert b"do not store" not in encoding.stream


def test_extra_shares_with_variables(notebook: Notebook) -> None:
    """What the run keeps beside the variables is one graph with them."""
    notebook.run("x = [1]")
    decoded = notebook.bring_back(notebook.encode(agent={"state": notebook.namespace["x"]}))
    assert decoded.extra["agent"]["state"] is decoded.variables["x"]


def test_dill_is_for_leaves_only() -> None:
    """An object that refers to another is never given to dill, which would copy that other."""
    shared = [1]
    leaf = dump_leaf(threading.Lock())
    assert leaf is not None
    assert not load_leaf("lock", leaf).locked()
    assert dump_leaf({"a": shared}.values()) is None
    assert dump_leaf(super(list, shared)) is None
