"""Functions and classes of the notebook come back by definition, in a new process."""

from __future__ import annotations

import inspect

import pytest

from playbooks_ipython.snapshot import decode
from tests.snapshot.conftest import Restarted, other_pythons
from tests.snapshot.notebook import Notebook

CASES = {
    "function": (
        "rate = 2\ndef price(n, *, tax=1): return n * rate + tax",
        "assert price(3) == 7\nrate = 10\nassert price(3) == 31",
    ),
    "lambdas_on_one_line": (
        "one, two, three = lambda: 1, lambda: 2, lambda: 3",
        "assert (one(), two(), three()) == (1, 2, 3)",
    ),
    "equal_lambdas_on_one_line": (
        "one, two = (lambda x: x), (lambda x: x)",
        "assert one is not two and one(1) == two(1) == 1",
    ),
    "lambda_in_a_comprehension": (
        "made = [lambda: i for i in range(3)]",
        "assert [f() for f in made] == [2, 2, 2]",
    ),
    "closures_share_a_cell": (
        """
def counter():
    n = 0
    def add():
        nonlocal n
        n += 1
    def get(): return n
    return add, get
add, get = counter()
add()
""",
        "assert get() == 1\nadd()\nassert get() == 2",
    ),
    "recursive_closure": (
        """
def outer():
    def down(n): return n and down(n - 1)
    return down
down = outer()
""",
        "assert down(5) == 0 and down.__closure__[0].cell_contents is down",
    ),
    "cell_filled_later": (
        """
def outer():
    def get(): return late
    if False: late = 1
    return get
get = outer()
""",
        """
try: get()
except NameError: pass
else: assert False
""",
    ),
    "function_attributes": (
        '''
def f(a: int = 3, *rest: str) -> float:
    """Says."""
f.tag = [f]
''',
        """
assert f.__defaults__ == (3,) and f.tag[0] is f and f.__doc__ == "Says."
assert f.__annotations__ == {"a": int, "rest": str, "return": float}
assert f.__module__ == "__main__" and f.__globals__ is globals()
""",
    ),
    "kinds_of_functions": (
        """
async def call(): return 1
def numbers(): yield 2
async def later():
    yield 3
""",
        """
import asyncio
async def all_of(): return [await call(), *numbers(), *[n async for n in later()]]
assert asyncio.run(all_of()) == [1, 2, 3]
""",
    ),
    "decorated_by_itself": (
        """
def twice(f):
    def wrapped(*args): return 2 * f(*args)
    return wrapped
def f(n): return n + 1
f = twice(f)
""",
        "assert f(3) == 8",
    ),
    "decorator_of_the_standard_library": (
        """
import functools, contextlib
@contextlib.contextmanager
def opened(log):
    log.append(1)
    yield log
@functools.lru_cache(maxsize=7)
def slow(n): return n * 2
@functools.singledispatch
def show(x): return "thing"
@show.register(int)
def _show(x): return "int"
add = functools.partial(slow, 4)
""",
        """
with opened([]) as log: assert log == [1]
assert slow(4) == 8 and slow.cache_info().maxsize == 7 and add() == 8
assert show(1) == "int" and show("") == "thing"
""",
    ),
    "redefined_function": (
        "def f(): return 1\nold = f\ndef f(): return 2",
        "assert old() == 1 and f() == 2",
    ),
    "globals_is_the_namespace": (
        "g = globals()\nkept = [g]",
        "assert g is globals() and kept[0] is g",
    ),
    "the_main_module": (
        "import __main__\nme = __main__",
        "import sys\nassert me is sys.modules['__main__'] and me.__dict__ is globals()",
    ),
    "source_of_a_restored_function": (
        "def f():\n    return 1  # says why\n",
        "import inspect\nassert 'says why' in inspect.getsource(f)",
    ),
    "future_flags_of_an_earlier_cell": (
        "from __future__ import annotations\ndef f(a: nothing): return a\n",
        "assert f.__annotations__ == {'a': 'nothing'}",
    ),
    "exec_without_source": (
        "exec('def made(a): return a + base')\nbase = 3",
        "assert made(1) == 4",
    ),
    "globals_of_their_own": (
        "own = {'k': 5}\nexec('def made(): return k', own)\nmade = own['made']",
        "assert made() == 5\nown['k'] = 6\nassert made() == 6 and made.__globals__ is own",
    ),
    "super_and_class_cell": (
        """
class A:
    def m(self): return 1
class B(A):
    def m(self): return super().m() + len(__class__.__name__)
b = B()
m = b.m
""",
        "assert b.m() == 2 and m() == 2 and m.__self__ is b and isinstance(b, A)",
    ),
    "redefined_class_with_live_instances": (
        """
class A:
    def m(self): return "old"
a = A()
class A:
    def m(self): return "new"
b = A()
""",
        """
assert a.m() == "old" and b.m() == "new"
assert type(b) is A and type(a) is not A and type(a).__name__ == "A"
""",
    ),
    "class_that_refers_to_itself": (
        """
class Node:
    root = None
    def __init__(self, *below): self.below = list(below)
Node.root = Node(Node())
Node.kinds = {"node": Node}
""",
        "assert type(Node.root) is Node and Node.kinds['node'] is Node",
    ),
    "init_subclass_runs_no_more": (
        """
class Plugin:
    known = []
    def __init_subclass__(cls, *, key, **kwargs):
        super().__init_subclass__(**kwargs)
        Plugin.known.append((key, cls))
class One(Plugin, key=1): pass
""",
        """
assert Plugin.known == [(1, One)]
class Two(Plugin, key=2): pass
assert Plugin.known == [(1, One), (2, Two)]
""",
    ),
    "init_subclass_with_arguments": (
        """
class Plugin:
    def __init_subclass__(cls, *, key): cls.key = key
class One(Plugin, key=1): pass
""",
        "assert One.key == 1 and issubclass(One, Plugin)",
    ),
    "metaclass": (
        """
class Meta(type):
    made = []
    def __new__(meta, name, bases, body, **options):
        cls = super().__new__(meta, name, bases, body)
        meta.made.append(name)
        return cls
    def __getitem__(cls, key): return cls.__name__, key
class A(metaclass=Meta): pass
class B(A): pass
""",
        "assert type(B) is Meta and B[1] == ('B', 1) and Meta.made == ['A', 'B']",
    ),
    "slots_and_descriptors": (
        """
class Positive:
    def __set_name__(self, owner, name): self.name = "_" + name
    def __get__(self, one, owner): return self if one is None else getattr(one, self.name)
    def __set__(self, one, value): setattr(one, self.name, abs(value))
class P:
    __slots__ = ("_x", "y", "__hidden")
    x = Positive()
    def __init__(self): self.x, self.__hidden = -3, 9
    @property
    def double(self): return 2 * self.x
    @double.setter
    def double(self, value): self.x = value / 2
    @classmethod
    def make(cls): return cls()
    @staticmethod
    def four(): return 4
    def hidden(self): return self.__hidden
p = P()
""",
        """
assert (p.x, p.double, p.hidden(), p.four(), type(p.make())) == (3, 6, 9, 4, P)
p.double = -8
assert p.x == 4 and not hasattr(p, "__dict__") and not hasattr(p, "y")
""",
    ),
    "cached_property": (
        """
import functools
class A:
    @functools.cached_property
    def slow(self): return object()
a = A()
seen = a.slow
""",
        "assert a.slow is seen and A().slow is not seen",
    ),
    "dataclasses": (
        """
import dataclasses
from typing import ClassVar
@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 2
    tags: list = dataclasses.field(default_factory=list, compare=False)
    start: dataclasses.InitVar[int] = 0
    count: ClassVar[int] = 5
    def __post_init__(self, start): self.x += start
@dataclasses.dataclass(frozen=True)
class Solid(Point if False else object):
    r: float
@dataclasses.dataclass(slots=True, kw_only=True)
class Slim:
    a: int = 1
@dataclasses.dataclass
class Deep(Point):
    z: int = 3
p, s, t, d = Point(1), Solid(2.0), Slim(a=4), Deep(1)
""",
        """
import dataclasses
assert p == Point(1) and p < Point(2) and repr(p) == "Point(x=1, y=2, tags=[])"
assert Point(1, start=5).x == 6 and Point.count == 5 and Point(1).tags is not Point(2).tags
assert [f.name for f in dataclasses.fields(p)] == ["x", "y", "tags"]
assert dataclasses.replace(s, r=1.0) == Solid(1.0) and hash(s) == hash(Solid(2.0))
for name in ("r", "another"):
    try: setattr(s, name, 3)
    except dataclasses.FrozenInstanceError: pass
    else: assert False
assert t == Slim(a=4) and not hasattr(t, "__dict__") and repr(d) == "Deep(x=1, y=2, tags=[], z=3)"
@dataclasses.dataclass
class More(Deep):
    more: int = 9
assert More(1).more == 9 and dataclasses.asdict(d)["z"] == 3
""",
    ),
    "enums": (
        """
import enum
class Colour(enum.Enum):
    RED = 1
    GREEN = 2
    ROUGE = 1
    @classmethod
    def best(cls): return cls.GREEN
    @property
    def low(self): return self.name.lower()
class Level(enum.IntEnum):
    LOW = enum.auto()
    HIGH = enum.auto()
class Name(str, enum.Enum):
    A = "a"
class Mode(enum.Flag):
    R = 1
    W = 2
    RW = 3
class Planet(enum.Enum):
    EARTH = (5, 6)
    def __new__(cls, mass, radius):
        made = object.__new__(cls)
        made._value_ = mass
        made.radius = radius
        return made
class Base(enum.Enum):
    def hello(self): return "hello " + self.name
class Child(Base):
    X = 1
red, mode = Colour.RED, Mode.R | Mode.W
kept = {Colour.GREEN: 1}
""",
        """
import enum
assert red is Colour.RED is Colour(1) is Colour.ROUGE and list(Colour) == [red, Colour.GREEN]
assert Colour.best().low == "green" and kept[Colour.GREEN] == 1
assert Level.HIGH > Level.LOW == 1 and isinstance(Level.HIGH, int) and Name.A == "a"
assert mode is Mode.RW and Mode.R in mode
assert Planet.EARTH.value == 5 and Planet.EARTH.radius == 6 and Planet(5) is Planet.EARTH
assert Child.X.hello() == "hello X" and repr(red) == "<Colour.RED: 1>"
""",
    ),
    "named_tuples": (
        """
import collections, typing
class N(typing.NamedTuple):
    a: int
    b: str = "k"
    def both(self): return self.a, self.b
C = collections.namedtuple("C", "x y", defaults=[3])
class D(C):
    __slots__ = ()
    @property
    def sum(self): return self.x + self.y
n, c, d = N(1), C(1), D(1)
""",
        """
assert n.both() == (1, "k") and type(n) is N and N(2)._replace(a=3) == (3, "k")
assert c._asdict() == {"x": 1, "y": 3} and d.sum == 4 and isinstance(d, C)
assert N.__annotations__ == {"a": int, "b": str}
""",
    ),
    "abstract_classes_protocols_generics": (
        """
import abc, typing
class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
class Square(Shape):
    def area(self): return 4
Shape.register(int)
@typing.runtime_checkable
class Runs(typing.Protocol):
    def run(self) -> int: ...
class Car:
    def run(self): return 1
T = typing.TypeVar("T")
class Box(typing.Generic[T]):
    def __init__(self, value: T): self.value = value
class Film(typing.TypedDict, total=False):
    title: str
UserId = typing.NewType("UserId", int)
boxes = [Box[int](1)]
kind = Box[int]
square, car = Square(), Car()
""",
        """
assert isinstance(square, Shape) and square.area() == 4
try: Shape()
except TypeError: pass
else: assert False
assert isinstance(car, Runs) and not isinstance(square, Runs)
assert Box[str].__args__ == (str,) and boxes[0].value == 1 and Box.__parameters__ == (T,)
assert kind == Box[int] and boxes[0].__orig_class__ == kind
assert Film(title="a") == {"title": "a"} and Film.__optional_keys__ == {"title"}
assert UserId(3) == 3 and UserId.__name__ == "UserId"
""",
    ),
    "nested_classes": (
        """
class A:
    class B:
        def m(self): return A.B
def make(n):
    class Local:
        def get(self): return n
    return Local
one, two = make(1)(), make(2)()
b = A.B()
""",
        "assert b.m() is A.B is type(b) and (one.get(), two.get()) == (1, 2)",
    ),
    "classes_that_need_each_other": (
        """
class A:
    def other(self): return B()
class B(A):
    parent = A
A.child = B
""",
        "assert A.child is B and B.parent is A and type(A().other()) is B",
    ),
}
ONE_VERSION = {"exec_without_source", "globals_of_their_own"}


@pytest.mark.parametrize("name", CASES)
def test_definition_comes_back(restarted: Restarted, name: str) -> None:
    """Each kind of definition works in a new process as it did before."""
    restarted(*CASES[name])


@pytest.mark.parametrize("name", sorted(CASES.keys() - ONE_VERSION))
@pytest.mark.parametrize("python", other_pythons())
def test_definition_comes_back_on_another_python(
    restarted: Restarted, name: str, python: str
) -> None:
    """A stream written by one minor version of Python is read by another."""
    restarted(*CASES[name], python=python)


@pytest.mark.parametrize("name", CASES)
def test_definition_is_stored_again(notebook: Notebook, restarted: Restarted, name: str) -> None:
    """What came back can be stored and come back once more."""
    cell, check = CASES[name]
    notebook.run(cell)
    notebook.bring_back(notebook.encode())
    restarted(check)


@pytest.mark.parametrize("name", CASES)
def test_unchanged_namespace_gives_the_same_bytes(notebook: Notebook, name: str) -> None:
    """Encoding twice gives equal streams, so an unchanged namespace costs no new blob."""
    notebook.run(CASES[name][0])
    assert notebook.encode().stream == notebook.encode().stream


def test_a_generator_that_types_coroutine_made_is_still_awaitable(notebook: Notebook) -> None:
    """The flag is set on the code after it was compiled, so the text alone does not give it."""
    notebook.run("import types\n\n@types.coroutine\ndef pause():\n    yield 1\n")
    variables = {"pause": notebook.namespace["pause"]}
    encoding = notebook.encoder.encode(variables, {})
    made = decode(encoding.stream, [], namespace={}, sources=encoding.sources.__getitem__)
    assert made.variables["pause"].__code__.co_flags & inspect.CO_ITERABLE_COROUTINE
