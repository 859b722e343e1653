"""`except*`: its clauses as ordinary handlers, each of which can be entered again.

The interpreter keeps what is left of the group and what the clauses raised on its own stack; here
an object in a hidden local does.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from playbooks_ipython.continuation.hidden import (
    assign,
    attempt,
    call,
    call_hook,
    catch_all,
    clear,
    constant,
    load,
    negate,
    place,
    store,
    when,
)


class Star:
    """One run of the clauses: the error that came, what no clause has matched, what they raised."""

    def __init__(self) -> None:
        error = sys.exception()
        assert error is not None, "made in a handler"
        self.origin: BaseException = error
        self.rest: BaseException | None = error
        self.match: BaseException | None = None
        self.raised: list[BaseException] = []
        self.again: list[BaseException] = []
        self.context: BaseException | None = None
        self.trace: TracebackType | None = None

    def split(self, kind: Any) -> bool:
        """Take what a clause matches out of the rest; tell whether it matches anything."""
        rest = self.rest
        self.match = None
        if isinstance(rest, BaseExceptionGroup):
            matched, self.rest = rest.split(kind)
            self.match = matched
        elif isinstance(rest, kind):
            kept = rest.__traceback__, rest.__context__
            self.match, self.rest = BaseExceptionGroup("", (rest,)), None
            rest.__traceback__, rest.__context__ = kept
        return self.match is not None

    def keep(self, error: BaseException) -> BaseException:
        """Note what raising an error would change about it."""
        self.context, self.trace = error.__context__, error.__traceback__
        return error

    def mend(self) -> None:
        """Undo what raising changed; called where the error is handled."""
        error = sys.exception()
        assert error is not None, "called in a handler"
        error.__context__, error.__traceback__ = self.context, self.trace

    def gather(self) -> None:
        """Note what a clause raised; the part it matched, raised again, stays part of the rest."""
        error = sys.exception()
        assert error is not None, "called in a handler"
        if error is self.match and error.__traceback__ is self.trace:
            self.again.append(error)
        else:
            self.raised.append(error)

    def result(self) -> BaseException | None:
        """What leaves the statement: what was raised anew, and the rest in its old structure."""
        left = [error for error in (*self.again, self.rest) if error is not None]
        every = list(self.raised)
        if isinstance(self.origin, BaseExceptionGroup):
            leaves = {id(leaf) for part in left for leaf in _leaves(part)}
            kept: BaseException | None = self.origin.split(lambda e: id(e) in leaves)[0]
            every += [kept] if kept is not None else []
        else:
            every += left  # a lone error: at most one clause ran
        if len(every) > 1 and self.raised:
            return BaseExceptionGroup("", every)
        return every[0] if every else None


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def expand(node: ast.TryStar, star: str) -> list[ast.stmt]:
    """Return ordinary statements that do what a `try` with `except*` does, but for `finally`."""
    clauses: list[ast.stmt] = [assign(star, call_hook("star"))]
    for handler in node.handlers:
        matches = call(_method(star, "split"), handler.type or constant(None))
        clause = when(matches, [_clause(handler, star)])
        place(handler, clause)
        clauses.append(clause)
    guarded = ast.Try(node.body, [catch_all(clauses)], node.orelse, [])
    error = f"{star}e"
    left = [
        when(negate(_is_none(star)), [assign(error, call(_method(star, "result")))]),
        when(negate(_is_none(error)), [_raise_as_it_is(star, load(error))]),
    ]
    statements = [clear([star, error]), guarded, *left]
    place(node, *statements)
    return statements


def _clause(handler: ast.ExceptHandler, star: str) -> ast.stmt:
    body: list[ast.stmt] = handler.body
    if handler.name:
        bind = ast.Assign([store(handler.name)], ast.Attribute(load(star), "match", ast.Load()))
        gone: list[ast.stmt] = [
            clear([handler.name]),
            ast.Delete([ast.Name(handler.name, ast.Del())]),
        ]
        body = [bind, attempt(body, final=gone)]
    caught = attempt(body, [catch_all([ast.Expr(call(_method(star, "gather")))])])
    mend = _mend(star)
    match = ast.Attribute(load(star), "match", ast.Load())
    raised = ast.Raise(call(_method(star, "keep"), match), None)
    return attempt([raised], [catch_all([mend, caught])])


def _raise_as_it_is(star: str, error: ast.expr) -> ast.stmt:
    mend = _mend(star)
    raised = ast.Raise(call(_method(star, "keep"), error), None)
    return attempt([raised], [catch_all([mend, ast.Raise(None, None)])])


def _mend(star: str) -> ast.Expr:
    mend = ast.Expr(call(_method(star, "mend")))
    mend.is_hidden = True  # type: ignore[attr-defined]  # on the way in as well
    return mend


def _method(star: str, name: str) -> ast.Attribute:
    return ast.Attribute(load(star), name, ast.Load())


def _is_none(name: str) -> ast.Compare:
    return ast.Compare(load(name), [ast.Is()], [constant(None)])
