"""A driver, a pickler and an oracle: run a program, crash it at every mark, compare with CPython.

The pickler is as small as one can be that keeps functions and classes of the program by value; the
project's own lives elsewhere.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import inspect
import io
import os
import pickle
import random
import re
import traceback
import warnings
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from inspect import CO_ITERABLE_COROUTINE
from types import (
    CellType,
    CodeType,
    FunctionType,
    ModuleType,
    SimpleNamespace,
    TracebackType,
)
from typing import Any

from playbooks_ipython.continuation import (
    Again,
    Notice,
    Outcome,
    Site,
    Source,
    compile_plain,
    compile_statement,
    current_outcome,
    instrument,
    needs_frame,
    recording,
    reduce_frame,
    restoring,
)
from playbooks_ipython.continuation.entering import judge, reduce_entered
from playbooks_ipython.continuation.marks import twin_of
from playbooks_ipython.continuation.unstarted import reduce_unstarted
from playbooks_ipython.snapshot.items import find_match, match_args
from playbooks_ipython.snapshot.steps import KINDS, iterator_args, iterator_over
from playbooks_ipython.snapshot.traces import make_trace, steps_of
from tests.support.tools import LOG, TOOLS

CELL = "<cell>"
SECOND_CRASHES = 4
# What Python 3.14 keeps to evaluate annotations later, in classes and in modules.
DEFERRED = {"__annotate_func__", "__annotations_cache__", "__classdictcell__"}
DEFERRED_OF_MODULE = {"__annotate__", "__conditional_annotations__"}


def instrument_module(module: ModuleType) -> None:
    """Give the functions and methods of a module their twins, as the executor does."""
    text = inspect.getsource(module)
    classes = [v for v in vars(module).values() if isinstance(v, type)]
    for space in (module, *classes):
        for value in vars(space).values():
            if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                instrument(value, text)


instrument_module(contextlib)


# Programs


@dataclass
class Program:
    text: str
    source: Source = field(init=False)
    nodes: list[ast.stmt] = field(init=False)
    steps: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.source = Source(self.text, CELL)
        self.source.show_lines()
        self.nodes = ast.parse(self.text).body
        self.steps = [self._compile(i, node) for i, node in enumerate(self.nodes)]

    def _compile(self, index: int, node: ast.stmt) -> Any:
        if needs_frame(node):
            return compile_statement(node, self.source, index)
        return compile_plain(node, self.source)


@dataclass
class End:
    """How a run ended: what it did outside, what it left behind, what it raised."""

    log: list[Any]
    namespace: Any
    error: Any
    lines: list[tuple[str, int]]

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, End)
        return (self.log, self.namespace, self.error) == (other.log, other.namespace, other.error)


def drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value


def fresh_namespace() -> dict[str, Any]:
    return {"__name__": "__main__", "__builtins__": __builtins__, **TOOLS}


def ended(namespace: dict[str, Any], error: BaseException | None) -> End:
    left_out = {"__builtins__", *TOOLS, *DEFERRED_OF_MODULE}
    kept = {k: v for k, v in namespace.items() if k not in left_out}
    lines = []
    if error is not None:
        found = traceback.extract_tb(error.__traceback__)
        lines = [(f.name, f.lineno) for f in found if f.filename == CELL]
    log = [canonical(entry) for entry in LOG]
    return End(log, canonical(kept), canonical(error), lines)


def run_plain(text: str) -> End:
    """The oracle: the program as CPython runs it."""
    LOG.clear()
    namespace = fresh_namespace()
    error = None
    for node in ast.parse(text).body:
        code = compile(
            ast.Module([node], []), CELL, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
        )
        try:
            result = eval(code, namespace)
            if result is not None:
                drive(result)
        except BaseException as caught:  # noqa: BLE001  # the program's own
            error = caught
            break
    return ended(namespace, error)


# Runs


@dataclass
class Shot:
    """A snapshot: the bytes, and the outside effects at that time."""

    data: bytes
    log: list[Any]
    what: str


@dataclass
class Run:
    program: Program
    namespace: dict[str, Any]
    index: int = 0
    coroutine: Any = None
    shots: list[Shot] = field(default_factory=list)
    takes: bool = True
    notices: list[str] = field(default_factory=list)

    def issued(self, site: Site) -> None:
        self._shoot(f"issued {site.function}:{site.line}#{site.number}")

    def completed(self, site: Site) -> None:
        assert isinstance(current_outcome(), Outcome)
        self._shoot(f"completed {site.function}:{site.line}#{site.number}")

    def refuses(self, obj: object) -> bool:
        try:
            with quietly():
                Pickler(io.BytesIO(), 5).dump(obj)
        except Exception:  # noqa: BLE001  # whatever it says
            return True
        return False

    def will_be_inexact(self, notice: Notice) -> None:
        self.notices.append(str(notice))

    def _shoot(self, what: str) -> None:
        data = self._stored() if self.takes else b""
        self.shots.append(Shot(data, list(LOG), what))

    def _stored(self) -> bytes:
        whole = self.namespace, self.index, self.coroutine
        try:
            return dumps(whole)
        except (TypeError, pickle.PicklingError):
            self.notices += map(str, judge(self.refuses))
            return dumps(whole)

    def go_on(self) -> End:
        """Run to the end, from the frame in hand if there is one."""
        error = None
        try:
            with recording(self):
                if self.coroutine is not None:
                    drive(self.coroutine)
                    self.index += 1
                while self.index < len(self.program.steps):
                    self._statement(self.program.steps[self.index])
                    self.index += 1
        except BaseException as caught:  # noqa: BLE001  # the program's own
            error = caught
        return ended(self.namespace, error)

    def _statement(self, step: Any) -> None:
        self.coroutine = None
        if isinstance(step, CodeType):
            with recording(self, step):
                exec(step, self.namespace)  # noqa: S102  # the program under test
        else:
            self.coroutine = step.start(self.namespace)
            drive(self.coroutine)
            self.coroutine = None


def run_twins(program: Program, takes: bool = True) -> tuple[End, list[Shot]]:
    LOG.clear()
    run = Run(program, fresh_namespace(), takes=takes)
    end = run.go_on()
    return end, run.shots


def resume(program: Program, shot: Shot, takes: bool = True) -> tuple[End, list[Shot]]:
    """A new process, as far as one can be had without one: only the bytes are taken over."""
    LOG[:] = shot.log
    namespace = fresh_namespace()
    with Again() as again, restoring(namespace, SOURCES.__getitem__):
        names, index, coroutine = loads(shot.data, program, namespace)
    namespace.update(names)
    drive(again.happen(lambda _: None))
    run = Run(program, namespace, index, coroutine, takes=takes)
    end = run.go_on()
    return end, run.shots


def check(text: str, twice: bool = True) -> int:
    """Crash a program at every mark, and again at later ones. Returns the restores made.

    Of the later ones a seeded sample is taken, so that the cost does not grow with their square;
    all are with `PLAYBOOKS_FAULTS=all`.
    """
    # A generator that a crash left behind ends when garbage is collected: not while another runs.
    gc.collect()
    gc.disable()
    try:
        return _check(text, twice)
    finally:
        gc.enable()


def _check(text: str, twice: bool) -> int:
    plain = run_plain(text)
    program = Program(text)
    end, shots = run_twins(program)
    assert end == plain, difference("undisturbed", end, plain)
    assert end.lines == plain.lines, f"traceback {end.lines} instead of {plain.lines}"
    count = 0
    for shot in shots:
        again, later = resume(program, shot, takes=twice)
        count += 1
        assert again == plain, difference(shot.what, again, plain)
        assert len(later) <= len(shots)
        for second in sample(later) if twice else ():
            last, _ = resume(program, second, takes=False)
            count += 1
            what = f"{shot.what}, then {second.what}"
            assert last == plain, difference(what, last, plain)
    return count


def sample(shots: list[Shot]) -> list[Shot]:
    if os.environ.get("PLAYBOOKS_FAULTS") == "all" or len(shots) <= SECOND_CRASHES:
        return shots
    return random.Random(len(shots)).sample(shots, SECOND_CRASHES)


def difference(what: str, found: End, expected: End) -> str:
    return (
        f"after a crash at {what}:\n found    {found.log}\n expected {expected.log}\n"
        f" found    {found.namespace}\n expected {expected.namespace}\n"
        f" found    {found.error} {found.lines}\n expected {expected.error} {expected.lines}"
    )


# The pickler


class Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, FunctionType) and obj.__code__.co_filename == CELL:
            return reduce_function(obj)
        if isinstance(obj, FunctionType) and (
            obj.__module__ == "__main__" or "<locals>" in obj.__qualname__
        ):
            return reduce_foreign(obj)
        if isinstance(obj, functools._lru_cache_wrapper):
            return functools.lru_cache, (obj.__wrapped__,)
        if isinstance(obj, type) and obj.__module__ == "__main__":
            return reduce_class(obj)
        if isinstance(obj, BaseException):
            return reduce_error(obj)
        if isinstance(obj, ModuleType):
            return __import__, (obj.__name__,)
        if isinstance(obj, re.Match):
            return find_match, match_args(obj)
        if isinstance(obj, TracebackType):
            return trace_of, (steps_of(obj, TEXTS.setdefault),)
        if type(obj) in KINDS and (args := iterator_args(obj)):
            return iterator_over, args
        if isinstance(obj, staticmethod | classmethod):
            return type(obj), (obj.__func__,)
        if isinstance(obj, property):
            return property, (obj.fget, obj.fset, obj.fdel)
        if (entered := reduce_entered(obj)) is not NotImplemented:
            return entered
        if twin := twin_of(obj):
            SOURCES[twin.source.id] = twin.source.text
        reduced = reduce_frame(obj)
        return reduce_unstarted(obj) if reduced is NotImplemented else reduced


SOURCES: dict[str, str] = {}
TEXTS: dict[str, str] = {}
_current: list[Any] = [None, None]


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Python 3.12 says at each iterator of itertools that pickling it will end with 3.14."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def dumps(obj: Any) -> bytes:
    namespace, index, coroutine = obj
    names = {k: v for k, v in namespace.items() if k != "__builtins__"}
    stream = io.BytesIO()
    with quietly():
        Pickler(stream, 5).dump((names, index, coroutine))
    return stream.getvalue()


def loads(data: bytes, program: Program, namespace: dict[str, Any]) -> Any:
    _current[:] = program, namespace
    with quietly():
        return pickle.loads(data)  # noqa: S301  # made a moment ago


def _codes(code: CodeType) -> list[CodeType]:
    found = [code]
    for value in code.co_consts:
        if isinstance(value, CodeType):
            found += _codes(value)
    return found


def _twins_of(program: Program) -> list[CodeType]:
    codes: list[CodeType] = []
    for step in program.steps:
        codes += _codes(step if isinstance(step, CodeType) else step.code)
    return codes


def _same(codes: list[CodeType], code: CodeType) -> list[CodeType]:
    key = (code.co_qualname, code.co_firstlineno)
    return [c for c in codes if (c.co_qualname, c.co_firstlineno) == key]


PROGRAMS: dict[str, Program] = {}


def reduce_function(function: FunctionType) -> Any:
    code = function.__code__
    key = (code.co_qualname, code.co_firstlineno, _columns(code))
    # From Python 3.14 on annotations are evaluated when they are asked for, and not by a pickler.
    annotate = getattr(function, "__annotate__", None)
    state = {
        "defaults": function.__defaults__,
        "kwdefaults": function.__kwdefaults__,
        "dict": function.__dict__,
        "annotations": {} if annotate else function.__annotations__,
        "annotate": annotate,
        "name": function.__name__,
        "qualname": function.__qualname__,
        "module": function.__module__,
        "contents": [c.cell_contents if _bound(c) else _EMPTY for c in function.__closure__ or ()],
    }
    made = (key, function.__closure__, code.co_flags & CO_ITERABLE_COROUTINE)
    return make_function, made, state, None, None, fill_function


def trace_of(steps: Any) -> Any:
    home: Any = SimpleNamespace(sources=TEXTS.__getitem__)
    return make_trace(home, steps)


class _Empty:
    def __reduce__(self) -> str:
        return "_EMPTY"


_EMPTY = _Empty()


def _bound(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018  # raises if empty
    except ValueError:
        return False
    return True


def _columns(code: CodeType) -> list[Any]:
    """What tells lambdas on one line apart."""
    constants = [c for c in code.co_consts if isinstance(c, str | int | tuple)]
    return [repr(constants), *sorted({p[2] for p in code.co_positions() if p[2]})]


def make_function(key: Any, closure: Any, flag: int) -> FunctionType:
    program, namespace = _current
    found = [c for c in _twins_of(program) if (c.co_qualname, c.co_firstlineno) == key[:2]]
    same = [c for c in found if _columns(c) == key[2]]  # another Python counts otherwise
    code = (same or found)[0]
    code = code.replace(co_flags=code.co_flags | flag) if flag else code
    return FunctionType(code, namespace, code.co_name, None, closure)


def reduce_foreign(function: FunctionType) -> Any:
    """A function that a library made for the program, like `contextmanager`'s helper."""
    FOREIGN[id(function.__code__)] = function.__code__, function.__globals__
    made = make_foreign, (id(function.__code__), function.__closure__)
    return *made, reduce_function(function)[2], None, None, fill_function


FOREIGN: dict[int, Any] = {}


def make_foreign(key: int, closure: Any) -> FunctionType:
    code, space = FOREIGN[key]
    return FunctionType(code, space, code.co_name, None, closure)


def fill_function(function: FunctionType, state: dict[str, Any]) -> None:
    function.__defaults__ = state["defaults"]
    function.__kwdefaults__ = state["kwdefaults"]
    function.__dict__.update(state["dict"])
    function.__name__, function.__qualname__ = state["name"], state["qualname"]
    function.__module__, function.__annotations__ = state["module"], state["annotations"]
    if state["annotate"]:
        function.__annotate__ = state["annotate"]  # type: ignore[attr-defined]  # as from 3.14
    for cell, content in zip(function.__closure__ or (), state["contents"], strict=True):
        if content is not _EMPTY:
            cell.cell_contents = content


def reduce_class(cls: type) -> Any:
    skipped = {"__dict__", "__weakref__", *DEFERRED, *getattr(cls, "__slots__", ())}
    state = {k: v for k, v in vars(cls).items() if k not in skipped}
    if not DEFERRED.isdisjoint(vars(cls)):
        state["__annotations__"] = cls.__annotations__
    state["__qualname__"] = cls.__qualname__
    return make_class, (type(cls), cls.__name__, cls.__bases__), state, None, None, fill_class


def make_class(meta: type, name: str, bases: tuple[type, ...]) -> type:
    return meta(name, bases, {"__module__": "__main__"})


def fill_class(cls: type, state: dict[str, Any]) -> None:
    for name, value in state.items():
        setattr(cls, name, value)


def reduce_error(error: BaseException) -> Any:
    chain = error.__cause__, error.__context__, error.__suppress_context__
    state = (*chain, error.__traceback__, error.__dict__)
    return make_error, (type(error), error.args), state, None, None, fill_error


def make_error(cls: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    if issubclass(cls, BaseExceptionGroup):
        return cls.__new__(cls, *args)
    error = cls.__new__(cls, *args)
    error.args = args
    return error


def fill_error(error: BaseException, state: Any) -> None:
    error.__cause__, error.__context__, error.__suppress_context__ = state[:3]
    error.__traceback__ = state[3]
    error.__dict__.update(state[4])


# Comparing


def canonical(obj: Any) -> Any:
    """A form in which two graphs are equal if values, types and aliasing are."""
    return _Canon().of(obj)


_UNBOUND = "where it is not associated with a value"


class _Canon:
    def __init__(self) -> None:
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []

    def of(self, obj: Any) -> Any:
        if obj is None or isinstance(obj, str | bytes | int | float | complex | range):
            return obj if type(obj).__module__ == "builtins" else repr(obj)
        if type(obj) in (NameError, UnboundLocalError) and _UNBOUND in str(obj):
            return "an unbound variable"  # which of both a deleted cell raises is named inexact
        if id(obj) in self.seen:
            return ("ref", self.seen[id(obj)])
        if type(obj) is not tuple or obj:
            self.seen[id(obj)] = len(self.seen)
            self.kept.append(obj)
        return (type(obj).__name__, self._content(obj))

    def _content(self, obj: Any) -> Any:
        if isinstance(obj, dict):
            return [(self.of(k), self.of(v)) for k, v in obj.items() if k != "__builtins__"]
        if isinstance(obj, list | tuple):
            return [self.of(v) for v in obj]
        if isinstance(obj, set | frozenset):
            return sorted(map(repr, obj))
        if isinstance(obj, FunctionType):
            cells = [c.cell_contents if _bound(c) else None for c in obj.__closure__ or ()]
            return obj.__qualname__, self.of(obj.__defaults__), [self.of(c) for c in cells]
        if isinstance(obj, type):
            return obj.__qualname__
        if isinstance(obj, BaseException):
            chain = [obj.__cause__, obj.__context__, obj.__suppress_context__]
            inner = getattr(obj, "exceptions", ())
            return [self.of(v) for v in (*obj.args, *chain, obj.__dict__, *inner)]
        if hasattr(obj, "__dict__") and not isinstance(obj, ModuleType):
            return self.of(vars(obj))
        return None
