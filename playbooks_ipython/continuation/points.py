"""Points: the statements around one await, and around one yield."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from playbooks_ipython.continuation.block import Block, ResumeBlock, is_absent
from playbooks_ipython.continuation.hidden import (
    AWAITED,
    GOAL,
    PC,
    SINCE,
    assign,
    attempt,
    call_hook,
    catch_all,
    clear,
    constant,
    hook,
    is_hidden,
    load,
    negate,
    place,
    store,
    when,
)
from playbooks_ipython.continuation.sites import Action, Kind, Role, Site


@dataclass(slots=True)
class Draft:
    """One function while it is being lowered. `node` and `mark` find its code afterwards."""

    mark: str
    qualname: str
    kind: Kind
    resuming: bool
    lean: bool
    sites: list[Site] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)

    def site_mark(self, number: int) -> str:
        return f"{self.mark} {number}"


class Points:
    """Emits statements into the current block and knows which hidden locals are alive."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.out = self.new_block()
        self.live: list[str] = []
        self.temps: list[str] = []

    @property
    def resuming(self) -> bool:
        return self.draft.resuming

    @property
    def last(self) -> int:
        """The number of the last site so far."""
        return len(self.draft.sites)

    def new_block(self) -> Block:
        return ResumeBlock() if self.draft.resuming else Block()

    @contextmanager
    def block(self) -> Iterator[Block]:
        """Emit into a new block for a while."""
        outer, self.out = self.out, self.new_block()
        try:
            yield self.out
        finally:
            self.out = outer

    @contextmanager
    def living(self, *names: str) -> Iterator[None]:
        """Sites lowered in here keep these hidden locals."""
        self.live.extend(names)
        yield
        del self.live[len(self.live) - len(names) :]

    def name(self, letter: str) -> str:
        """A new hidden local. Counted for each letter, since both twins must use the same names."""
        number = self.draft.names[letter] = self.draft.names.get(letter, 0) + 1
        return f".{letter}{number}"

    def temp(self) -> str:
        """A hidden local that ends with the statement."""
        self.temps.append(f".t{len(self.temps) + 1}")
        return self.temps[-1]

    def ending(self, body: Sequence[ast.stmt], names: Sequence[str]) -> list[ast.stmt]:
        """Statements after which, however they are left, the named values have ended."""
        if not names:
            return list(body)
        if self.draft.lean:
            return [*body, clear(names)]
        return [attempt(body, final=[clear(names)])]

    def site(
        self,
        origin: ast.expr | ast.stmt,
        action: Action,
        operands: Sequence[str],
        role: Role = "part",
        targets: tuple[str, ...] = (),
        call: ast.Call | None = None,
    ) -> ast.Assign:
        """Number a new site and return the statement that says the frame is there."""
        number = self.last + 1
        live = (*self.live, *(t for t in self.temps if t not in operands))
        self.draft.sites.append(
            Site(
                self.draft.qualname,
                origin.lineno,
                number,
                action,
                role,
                targets,
                is_bare=isinstance(origin, ast.Yield) and origin.value is None,
                live=live,
                operands=tuple(operands),
                call=call,
            )
        )
        return assign(PC, constant(self.draft.site_mark(number)))

    def await_point(
        self,
        origin: ast.expr,
        awaitable: ast.expr,
        subject: ast.expr,
        action: Action = "await",
        into: ast.Name | None = None,
        role: Role = "part",
    ) -> ast.Name:
        """Emit one await and return the local that holds its outcome.

        Args:
            awaitable: makes what is awaited, from operands that are evaluated already.
            subject: what the marks look at to tell a leaf from a child.
            into: the user's own variable, where the await is the whole right-hand side.
        """
        operands = _temps_in(awaitable)
        call = awaitable if isinstance(awaitable, ast.Call) and action == "await" else None
        here = self.site(origin, action, operands, role, (into.id,) if into else (), call)
        result = into.id if into else self.temp()
        silent = action == "inner"
        asked = assign(AWAITED, call_hook("issued", load(PC), subject))
        issue = [] if silent else [when(hook("on"), [asked])]
        done = [] if silent else [_mark("completed", load(PC), load(AWAITED), load(result))]
        failed: list[ast.stmt] = [_mark("failed", load(PC), load(AWAITED))]
        if silent:
            failed = [ast.Expr(call_hook("inlined", *_lines_below(origin)))]
        start: list[ast.stmt] = [assign(AWAITED, awaitable)]
        if not silent:  # the mark may have answered it
            start = [when(is_absent(AWAITED), start)]
        if action in ("step", "enter", "exit"):
            wrong = call_hook("unawaitable", load(AWAITED), constant(action))
            start.append(when(wrong, [ast.Raise(wrong, None)]))
        arrive: list[ast.stmt] = []
        if self.resuming:
            arrive = [*self._prime(), when(is_absent(AWAITED), [assign(GOAL, constant(0))])]
            issue = [when(negate(load(GOAL)), issue)] if issue else []
            start = [when(negate(load(GOAL)), start), assign(GOAL, constant(0))]
            start.append(assign(AWAITED, call_hook("left", load(AWAITED), load(SINCE))))
            start.append(clear([SINCE]))
        wait = ast.Assign([into or store(result)], ast.Await(load(AWAITED)))
        guarded = attempt(
            [*start, wait], [catch_all([*failed, clear([AWAITED]), ast.Raise(None, None)])]
        )
        ended = clear([AWAITED, *operands])
        self.out.paused(origin, [here, *arrive, *issue, guarded, *done, ended], self.last)
        return load(result)

    def _prime(self) -> list[ast.stmt]:
        """A restored async generator ignores what is sent to it: that was delivered before."""
        if self.draft.kind != "async generator":
            return []
        pause = attempt([ast.Expr(ast.Yield(None))], [catch_all([ast.Pass()])])
        return [when(load(GOAL), [pause])]

    def yield_point(self, origin: ast.Yield, value: ast.expr | None) -> ast.Name:
        """Emit one yield. Re-entered, it stands there already: what is sent arrives there."""
        here = self.site(origin, "yield", [])
        result = self.temp()
        give: ast.stmt = assign(result, ast.Yield(value))
        if self.resuming:
            again = [assign(GOAL, constant(0)), assign(result, ast.Yield(None))]
            give = when(load(GOAL), again, [give])
        self.out.paused(origin, [here, give], self.last)
        return load(result)

    def delegate_point(self, origin: ast.YieldFrom, iterator: ast.expr) -> ast.Name:
        """Emit one `yield from` over an iterator that a temporary holds."""
        here = self.site(origin, "delegate", [])
        result = self.temp()
        give: ast.stmt = assign(result, ast.YieldFrom(iterator))
        if self.resuming:
            rejoin = ast.YieldFrom(call_hook("rejoin", iterator))
            again = [assign(GOAL, constant(0)), assign(result, rejoin)]
            give = when(load(GOAL), again, [give])
        self.out.paused(origin, [here, give], self.last)
        return load(result)


def _mark(name: str, *arguments: ast.expr) -> ast.If:
    return when(hook("on"), [ast.Expr(call_hook(name, *arguments))])


def _lines_below(origin: ast.expr) -> list[ast.expr]:
    """A constant on each further line of a comprehension: where its frame may be said to stand."""
    found: list[ast.expr] = []
    for line in range(origin.lineno + 1, (origin.end_lineno or 0) + 1):
        mark = constant(line)
        mark.lineno = mark.end_lineno = line
        mark.col_offset = mark.end_col_offset = -1  # as far as CPython tells: no column
        found.append(mark)
    return found


def _temps_in(node: ast.expr) -> list[str]:
    names = (n.id for n in ast.walk(node) if isinstance(n, ast.Name) and is_hidden(n.id))
    return [name for name in names if name.startswith(".t")]


def copy_place(origin: ast.expr, new: ast.expr) -> ast.expr:
    """A node that stands where `origin` stood."""
    place(origin, new)
    return new


def operation(action: str, operand: ast.expr, subject: ast.expr) -> ast.Await:
    """An await that the user did not write; `subject` tells its leaf from a child."""
    node = ast.Await(operand)
    node.action, node.subject = action, subject  # type: ignore[attr-defined]  # nodes take attributes
    return node
