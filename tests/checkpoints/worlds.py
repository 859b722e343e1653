"""A world of children that take turns, encoded at every mark, and compared with what it is then.

Children are coroutines of a program's own functions, each in a holder that counts its steps. All
but the one that is running are parked.
"""

from __future__ import annotations

import ast
import builtins
import pickle
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from types import CellType, CoroutineType, FunctionType, GeneratorType, MethodType
from typing import Any

from playbooks_ipython.checkpoints.frames import ProgramEncoder, abandon
from playbooks_ipython.checkpoints.graph import Graph, GraphPacker, Packed, read_graph
from playbooks_ipython.checkpoints.loading import decode_checkpoint
from playbooks_ipython.continuation import (
    Site,
    Source,
    compile_plain,
    compile_statement,
    recording,
)
from playbooks_ipython.continuation.frames import read_standing
from playbooks_ipython.continuation.hidden import is_hidden
from playbooks_ipython.snapshot import Crowd, Decoded, Encoding
from tests.support.tools import Pause

_TURN = compile_statement(ast.parse("await step()").body[0], Source("await step()", "<turn>"), 0)
_SUSPENDED = (CoroutineType, GeneratorType)
_NO_PARTS = (type(None), bool, int, float, str, bytes, type, Site)


class Child:
    """One that waits: a coroutine, and how often it was stepped."""

    def __init__(self, name: str) -> None:
        self.name, self.count, self.result = name, 0, None
        self.steps: int | None = 0
        self.coroutine: Any = None
        self.notes: list[Any] | None = None
        self.listening = 0

    def frames(self) -> Iterable[object]:
        return () if self.coroutine.cr_frame is None else (self.coroutine,)

    def done(self) -> bool:
        return self.coroutine.cr_frame is None

    def holders(self) -> Iterable[object]:
        return ()

    def __reduce_ex__(self, protocol: object) -> Any:
        state = (self.coroutine, self.count, self.result, self.notes)
        return make_child, (self.name,), state, None, None, fill_child


def make_child(name: str) -> Child:
    return Child(name)


def fill_child(child: Child, state: tuple[Any, ...]) -> None:
    child.coroutine, child.count, child.result, child.notes = state
    child.steps = child.count


@dataclass
class World:
    """A program's namespace and its children. `check`: at every mark, what was encoded is decoded
    and compared."""

    text: str
    check: bool = True
    namespace: dict[str, Any] = field(init=False)
    children: list[Child] = field(default_factory=list)
    running: Child | None = None
    started: int = 0
    marks: int = 0
    encoding: Encoding | None = None
    packed: Packed | None = None
    blobs: dict[str, bytes] = field(default_factory=dict)
    _crowd: Crowd = field(default_factory=Crowd)
    _told: dict[int, Child] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.namespace = {"__name__": "__main__", "__builtins__": builtins, "Pause": Pause}
        self.namespace["world"] = World  # what a cell would import
        self.encoder, self.packer = ProgramEncoder(self.namespace), GraphPacker()
        source = Source(self.text, "<cell>")
        source.show_lines()
        for node in ast.parse(self.text).body:
            with recording(self):
                exec(compile_plain(node, source), self.namespace)  # noqa: S102 # the program

    @property
    def variables(self) -> dict[str, Any]:
        left_out = ("__name__", "__builtins__", "Pause", "world")
        return {k: v for k, v in self.namespace.items() if k not in left_out}

    @property
    def parked(self) -> list[Child]:
        return [one for one in self.children if one is not self.running]

    def start(self, name: str, *arguments: object) -> Child:
        child = Child(f"{name}-{self.started}")
        self.started += 1
        child.coroutine = self.namespace[name](*arguments)
        self.children.append(child)
        return child

    def step(self, child: Child, times: int = 1) -> None:
        """Step a child, as a statement of the program would that waits for it."""
        for _ in range(times):
            turn = _TURN.start({"step": partial(self._step, child)})
            with recording(self), suppress(StopIteration):
                turn.send(None)

    async def _step(self, child: Child) -> None:
        child.count += 1
        self.running, child.steps = child, None
        self.note_moved(child)
        try:
            child.coroutine.send(None)
        except StopIteration as end:
            child.result = end.value
        finally:
            self.running, child.steps = None, child.count
            self.note_moved(child)

    def run(self) -> None:
        """Let all children take turns until they have ended."""
        while waiting := [one for one in self.children if one.coroutine.cr_frame is not None]:
            for child in waiting:
                self.step(child)

    # -- the recorder

    def issued(self, _site: Site) -> None:
        if self.running is not None:
            self.encode()

    completed = issued

    def refuses(self, obj: object) -> bool:
        return self.encoder.refuses(obj)

    def will_be_inexact(self, notice: object) -> None:
        raise AssertionError(notice)

    # -- what is encoded

    def encode(self) -> Encoding:
        self.marks += 1
        extra = {"running": self.running}
        self.encoding = self.encoder.encode(self.variables, extra, self.crowd())
        self.packed = self.packer.pack(self.encoding)
        self.blobs |= {name: bytes(data) for name, data in self.packed.blobs.items()}
        if self.check:
            self.compare()
        return self.encoding

    def crowd(self) -> Crowd:
        """The children that there are now, as one who was told of each that came, moved or left."""
        here = {id(child): child for child in self.children}
        for key in [key for key in self._told if key not in here]:
            self._crowd.remove(key)
            del self._told[key]
        for key, child in here.items():
            if key not in self._told:
                self._told[key] = child
                self._crowd.add(key, child)
        return self._crowd

    def note_moved(self, child: Child) -> None:
        self._crowd.note_moved(id(child), child)

    def compare(self) -> None:
        """What is decoded must be what is there now, with all that is shared."""
        with self.decoded() as decoded:
            now = described(self.variables, self.running, self.children)
            then = described(decoded.variables, decoded.extra["running"], decoded.parked)
            assert then == now, difference(then, now)

    def graph(self) -> Graph:
        assert self.packed is not None
        return read_graph(self.packed.manifest, self.blobs.__getitem__)

    @contextmanager
    def decoded(self) -> Iterator[Decoded]:
        namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        decoded = decode_checkpoint(self.graph(), namespace)
        namespace |= {**decoded.variables, "Pause": Pause}
        try:
            yield decoded
        finally:
            abandon(decoded.extra)

    def units(self) -> dict[str, bool]:
        """Which of the parked children are stored apart, by name."""
        assert self.encoding is not None
        apart = sum(one is not None for one in self.encoding.units)
        with self.decoded() as decoded:
            names = [one.name for one in decoded.parked][-apart:] if apart else []
        return {one.name: one.name in names for one in self.parked}


def described(variables: dict[str, Any], running: Any, parked: Iterable[Any]) -> Any:
    """Say what a world consists of: contents, and which objects are one and the same."""
    children = sorted(parked, key=lambda one: one.name)
    return Describing().of([variables, running, children])


def difference(then: Any, now: Any, path: str = "") -> str:
    """Say where two descriptions differ first."""
    both = isinstance(then, list | tuple) and isinstance(now, list | tuple)
    if not both or len(then) != len(now):
        return f"{path}: {then!r} instead of {now!r}"
    pairs = zip(then, now, strict=True)
    return next(
        (difference(a, b, f"{path}/{n}") for n, (a, b) in enumerate(pairs) if a != b), "equal"
    )


class Describing:
    """One description: every object that can change has a number, in the order of the walk."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.kept: list[Any] = []

    def of(self, obj: Any) -> Any:
        if isinstance(obj, _NO_PARTS):
            return obj.__qualname__ if isinstance(obj, type) else str(obj)
        if id(obj) in self.numbers:
            return f"<{self.numbers[id(obj)]}>"
        if not isinstance(obj, tuple | frozenset):
            self.numbers[id(obj)] = len(self.numbers)
            self.kept.append(obj)
        return type(obj).__qualname__, self.parts(obj)

    def parts(self, obj: Any) -> Any:
        if isinstance(obj, dict):
            return [(self.of(k), self.of(v)) for k, v in obj.items()]
        if isinstance(obj, list | tuple):
            return [self.of(one) for one in obj]
        if isinstance(obj, set | frozenset):
            return sorted(map(repr, obj))
        if isinstance(obj, weakref.ref):
            return self.of(obj())
        if isinstance(obj, MethodType):
            return [self.of(obj.__func__), self.of(obj.__self__)]
        if isinstance(obj, FunctionType):
            return [obj.__qualname__, [self.of(one) for one in obj.__closure__ or ()]]
        if isinstance(obj, CellType):
            try:
                return self.of(obj.cell_contents)
            except ValueError:
                return "<nothing>"
        if isinstance(obj, _SUSPENDED):
            return self.frame(obj)
        if isinstance(obj, BaseException):
            return [obj.args, self.of(vars(obj))]
        if isinstance(obj, Child):
            about = (obj.coroutine, obj.count, obj.result, obj.notes)
            return [obj.name, [self.of(one) for one in about]]
        try:
            return self.of(vars(obj))
        except TypeError:
            return pickle.dumps(obj)

    def frame(self, obj: Any) -> Any:
        standing = read_standing(obj)
        assert standing is not None
        names = sorted(n for n in standing.variables if n not in standing.cells)
        shown = [n for n in names if not is_hidden(n) or standing.variables[n] is not None]
        return [
            standing.twin.qualname,
            standing.number,
            [(n, self.of(standing.variables[n])) for n in shown],
            [(n, self.of(standing.cells[n])) for n in sorted(standing.cells)],
        ]
