"""Clocks: readings of a clock that ends with its process, kept in a name across an await.

Followed through the syntax tree from the statement that binds the name to those that read it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from playbooks_ipython.continuation.inexact import Notice
from playbooks_ipython.continuation.scopes import bound_names, every_argument

_CLOCKS = {f"{name}{unit}" for unit in ("", "_ns") for name in ("monotonic", "perf_counter")}
_CLOCKS |= {f"{name}{unit}" for unit in ("", "_ns") for name in ("process_time", "thread_time")}
_LOOPS = ("get_running_loop", "get_event_loop", "new_event_loop")
_WORDS = ("monotonic", "perf_counter", "process_time", "thread_time", "loop")
_TEXT = "a value of {clock}() is kept in `{name}` across an await"
_INSTEAD = "after a restart that clock is another, and reckoning with it is off; use time.time()"

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Reading(NamedTuple):
    """What a name may hold: a clock's value read at a line, before or after the last await."""

    line: int
    clock: str
    is_past: bool = False


Readings: TypeAlias = frozenset[Reading]
State: TypeAlias = "dict[str, Readings] | None"
"""Readings by name; None where no control arrives."""


class Kept(NamedTuple):
    """One reading that is kept, and the line that reads it first after an await."""

    notice: Notice
    read_at: int


def kept_readings(body: Sequence[ast.stmt]) -> list[Kept]:
    """Return the readings that a program, or a function in it, keeps across an await.

    Only those in names count: what attributes, items and other functions' arguments hold is not
    followed, nor names of cells before. Cost: one walk, loops twice.
    """
    found: dict[tuple[int, str], Kept] = {}
    scopes: list[Sequence[ast.stmt]] = [body]
    for node in (n for one in body for n in ast.walk(one)):
        if isinstance(node, ast.AsyncFunctionDef):
            scopes.append(node.body)
    for scope in scopes:
        Flow(found).block(scope, {})
    return sorted(found.values(), key=lambda kept: kept.notice.line)


def may_read_clocks(text: str) -> bool:
    """Tell, at once, whether a text has a word that it takes to read one of these clocks."""
    return any(word in text for word in _WORDS)


class Flow:
    """One scope, followed in the order in which it runs."""

    def __init__(self, found: dict[tuple[int, str], Kept]) -> None:
        self._found = found
        self._state: State = {}
        self._captured: set[str] = set()
        self._jumps: list[State] = []

    def block(self, body: Iterable[ast.stmt], start: State) -> State:
        """Follow statements from a state; return the state after them."""
        self._state = start
        for node in body:
            if self._state is None:
                break
            self._statement(node)
        return self._state

    def _statement(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                self._assign(targets, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign([target], value)
            case ast.If(test=test, body=body, orelse=orelse):
                self._look(test)
                self._branch([body, orelse])
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(node)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                self._with(node, items, body)
            case ast.Match(subject=subject, cases=cases):
                self._look(subject)
                self._branch([*(case.body for case in cases), []])
            case ast.Return() | ast.Raise():
                self._look(node)
                self._state = None
            case ast.Break() | ast.Continue():
                self._jumps.append(self._state)
                self._state = None
            case ast.Expr() | ast.AugAssign():
                self._look(node)
            case _:
                self._look(node)
                self._bind(bound_names([node]))

    def _branch(self, blocks: Sequence[Sequence[ast.stmt]]) -> None:
        start = self._state
        self._state = _join(*[self.block(body, start) for body in blocks])

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        outer, self._jumps = self._jumps, []
        source = node.test if isinstance(node, ast.While) else node.iter
        self._look(source)
        for _ in range(2):
            start = self._state
            if isinstance(node, ast.AsyncFor):
                self._wait(node)
            if not isinstance(node, ast.While):
                self._bind(bound_names([node.target]))
            after = self.block(node.body, self._state)
            self._state = _join(start, after, *self._jumps)
            if isinstance(node, ast.While):
                self._look(source)
        self._jumps = outer
        self._branch([[], node.orelse])

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        before = self._state
        body = self.block(node.body, before)
        # An error may come before an await in the body, or after it.
        thrown = _join(before, _passed(before) if _waits(node.body) else None, body)
        fine = self.block(node.orelse, body)
        caught = [self.block(handler.body, thrown) for handler in node.handlers]
        ends = _join(fine, *caught)
        after = self.block(node.finalbody, _join(ends, thrown))
        self._state = after if ends is not None else None

    def _with(self, node: ast.AST, items: Sequence[ast.withitem], body: Sequence[ast.stmt]) -> None:
        for item in items:
            self._look(item.context_expr)
            if isinstance(node, ast.AsyncWith):
                self._wait(node)
            if item.optional_vars:
                self._bind(bound_names([item.optional_vars]))
        self.block(body, self._state)
        if isinstance(node, ast.AsyncWith):
            self._wait(node)

    # -- expressions

    def _look(self, node: ast.AST) -> None:
        """Take note of what an expression reads, binds and awaits, in its order."""
        if isinstance(node, _FUNCTIONS):
            self._captured |= _free_names(node)
            return
        if isinstance(node, ast.NamedExpr):
            self._assign([node.target], node.value)
            return
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            self._read(node.id, node.lineno)
        for child in _in_order(node):
            self._look(child)
        if isinstance(node, ast.Await | ast.Yield):
            self._wait(node)

    def _assign(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        self._look(value)
        for target in targets:
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=False))
            for one, given in pairs:
                readings = self._readings(given)
                self._bind(bound_names([one]))
                if isinstance(one, ast.Name) and readings and self._state is not None:
                    self._state = {**self._state, one.id: readings}

    def _readings(self, value: ast.expr) -> Readings:
        """The readings that a value may be; a difference of two is a duration, which holds."""
        match value:
            case ast.Await() | ast.Yield():
                return frozenset()
            case ast.Name(id=name):
                return (self._state or {}).get(name, frozenset())
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                both = self._readings(left), self._readings(right)
                return frozenset() if all(both) else both[0] | both[1]
        clock = _clock_of(value)
        return frozenset([Reading(value.lineno, clock)] if clock else [])

    def _bind(self, names: set[str]) -> None:
        if self._state is not None:
            self._state = {n: r for n, r in self._state.items() if n not in names}

    def _wait(self, node: ast.AST) -> None:
        self._state = _passed(self._state)
        for name in self._captured:
            self._read(name, node.lineno)  # type: ignore[attr-defined]  # all that await have one

    def _read(self, name: str, line: int) -> None:
        for reading in (self._state or {}).get(name, ()):
            if reading.is_past:
                text = _TEXT.format(clock=reading.clock, name=name)
                notice = Notice(reading.line, text, _INSTEAD)
                self._found.setdefault((reading.line, name), Kept(notice, line))


def _clock_of(value: ast.expr) -> str | None:
    """The name of the clock that an expression reads, if it is one of this process."""
    match value:
        case ast.Call(func=ast.Name(id=name)) if name in _CLOCKS:
            return name
        case ast.Call(func=ast.Attribute(attr=name)) if name in _CLOCKS:
            return name
        case ast.Call(func=ast.Attribute(value=loop, attr="time"), args=[]) if _is_loop(loop):
            return "loop.time"
    return None


def _is_loop(node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else node
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in _LOOPS or (called is node and name.endswith("loop"))


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """The children of a node in the order in which they are evaluated."""
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        yield from node.generators
    yield from (n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.comprehension))


def _free_names(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    own = {argument.arg for argument in every_argument(function.args)}
    if not isinstance(function, ast.Lambda):
        own |= bound_names(function.body)
    nodes = (n for part in body for n in ast.walk(part))
    return {n.id for n in nodes if isinstance(n, ast.Name)} - own


def _waits(body: Sequence[ast.stmt]) -> bool:
    waiting = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    return any(isinstance(n, waiting) for one in body for n in ast.walk(one))


def _passed(state: State) -> State:
    """The same state after an await."""
    if state is None:
        return None
    return {n: frozenset(r._replace(is_past=True) for r in rs) for n, rs in state.items()}


def _join(*states: State) -> State:
    """What holds where control arrives from any of these."""
    alive = [state for state in states if state is not None]
    if not alive:
        return None
    names = {name for state in alive for name in state}
    return {n: frozenset().union(*(s.get(n, frozenset()) for s in alive)) for n in names}
