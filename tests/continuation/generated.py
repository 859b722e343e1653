"""Random programs: statements and expressions nested at will, all values small integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[int]], int]

_NAMES = ("a", "b", "c")


@dataclass
class Writer:
    """Writes one program, one choice after another."""

    draw: Draw
    lines: list[str] = field(default_factory=list)
    indent: int = 0
    functions: list[str] = field(default_factory=list)
    counters: int = 0
    in_loop: bool = False
    in_function: bool = False
    in_generator: bool = False
    budget: int = 26

    def pick(self, count: int) -> int:
        return self.draw(st.integers(0, count - 1))

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def block(self, depth: int, in_loop: bool | None = None) -> None:
        outer = self.in_loop
        self.in_loop = self.in_loop if in_loop is None else in_loop
        self.indent += 1
        for _ in range(1 + self.pick(2)):
            self.statement(depth)
        self.indent -= 1
        self.in_loop = outer

    # Expressions, all of them integers

    def expr(self, depth: int = 2) -> str:
        simple = ("1", "2", "a", "b", "c", "(d := a + 1)")
        if depth == 0 or self.budget < 0:
            return simple[self.pick(len(simple))]
        self.budget -= 1
        x, y = (lambda: self.expr(depth - 1)), (lambda: self.expr(depth - 1))
        forms: list[Callable[[], str]] = [
            lambda: f"await leaf({x()})",
            lambda: f"await leaf({x()})",
            lambda: f"await quick({x()})",
            lambda: f"eff({x()})",
            lambda: f"({x()} + {y()})",
            lambda: f"({x()} and {y()})",
            lambda: f"({x()} % 2 or {y()})",
            lambda: f"({x()} if {y()} % 2 else {self.expr(depth - 1)})",
            lambda: f"int({x()} < {y()} < 4)",
            lambda: f"[{x()}, {y()}][{self.pick(2)}]",
            lambda: f"len(f'{{await leaf({self.expr(0)})}}-{{eff({self.expr(0)})}}')",
            lambda: f"max({x()}, *[{y()}], *(1, {self.expr(depth - 1)}))",
            lambda: f"sum([{x()} for _ in range({self.pick(3)})])",
            lambda: f"{{1: {x()}, **{{2: {y()}}}}}[2]",
            lambda: f"{self.function()}({x()})",
        ]
        return forms[self.pick(len(forms))]()

    def function(self) -> str:
        if not self.functions:
            return "await quick"
        return f"await {self.functions[self.pick(len(self.functions))]}"

    # Statements

    def statement(self, depth: int) -> None:
        self.budget -= 1
        simple = (self._assign, self._effect, self._augment, self._raise, self._leave, self._item)
        compound = (
            self._if,
            self._for,
            self._while,
            self._try,
            self._try,
            self._with,
            self._match,
            self._async_for,
        )
        if depth == 0 or self.budget < 0:
            simple[self.pick(len(simple))]()
        else:
            both = [*simple, *compound, *compound]
            chosen = both[self.pick(len(both))]
            if chosen in simple:
                chosen()  # type: ignore[call-arg]
            else:
                chosen(depth - 1)  # type: ignore[call-arg]

    def _assign(self) -> None:
        name = _NAMES[self.pick(3)]
        forms = (f"{name} = {self.expr()}", f"{name}, items[0] = {self.expr()}, {self.expr()}")
        self.line(forms[self.pick(2)])

    def _effect(self) -> None:
        self.line(f"eff({self.expr()})")

    def _augment(self) -> None:
        self.line(f"{_NAMES[self.pick(3)]} += {self.expr()}")

    def _item(self) -> None:
        self.line(f"items[{self.expr(1)} % 2] += {self.expr()}")

    def _raise(self) -> None:
        kind = ("ValueError", "KeyError")[self.pick(2)]
        self.line(f"if {self.expr(1)} % 3 == 0: raise {kind}({self.expr(1)})")

    def _leave(self) -> None:
        if self.in_loop and self.pick(2):
            self.line(f"if {self.expr(1)} % 2: {('break', 'continue')[self.pick(2)]}")
        elif self.in_generator:
            self.line(f"yield {self.expr(1)}")
        elif self.in_function:
            self.line(f"return {self.expr()}")
        else:
            self.line("pass")

    def _if(self, depth: int) -> None:
        self.line(f"if {self.expr()} % 2:")
        self.block(depth)
        if self.pick(2):
            self.line("else:")
            self.block(depth)

    def _for(self, depth: int) -> None:
        sources = (f"range({self.pick(3) + 1})", f"[{self.expr(1)}, 2]", "numbers(2)", "(1, 2)")
        self.line(f"for {_NAMES[self.pick(3)]} in {sources[self.pick(4)]}:")
        self._loop(depth)

    def _async_for(self, depth: int) -> None:
        source = ("Ticks(2)", "ticks(2)")[self.pick(2)]
        self.line(f"async for {_NAMES[self.pick(3)]} in {source}:")
        self._loop(depth)

    def _while(self, depth: int) -> None:
        self.counters += 1
        name = f"n{self.counters}"
        self.line(f"{name} = 0")
        self.line(f"while ({name} := {name} + 1) < 3 and {self.expr()} < 9:")
        self._loop(depth)

    def _loop(self, depth: int) -> None:
        self.block(depth, in_loop=True)
        if self.pick(3) == 0:
            self.line("else:")
            self.block(depth)

    def _try(self, depth: int) -> None:
        self.line("try:")
        self.block(depth)
        has_handler = self.pick(3) > 0
        if has_handler:
            self.line("except ValueError as error:" if self.pick(2) else "except Exception:")
            self.block(depth)
            if self.pick(3) == 0:
                self.line("    raise")
            if self.pick(2):
                self.line("else:")
                self.block(depth)
        if not has_handler or self.pick(2):
            self.line("finally:")
            self.block(depth)

    def _with(self, depth: int) -> None:
        swallow = bool(self.pick(2))
        word = ("with", "async with")[self.pick(2)]
        target = ("", " as m")[self.pick(2)]
        self.line(f"{word} Manager({self.expr(1)}, {swallow}){target}:")
        self.block(depth)

    def _match(self, depth: int) -> None:
        self.line(f"match {self.expr()} % 3:")
        self.indent += 1
        guard = ("", f" if {self.expr(1)} % 2")[self.pick(2)]
        for case in ("0", f"1{guard}", "_"):
            self.line(f"case {case}:")
            self.block(depth)
        self.indent -= 1

    def define(self, number: int) -> None:
        """An async function; every second one shares its variables with an inner function."""
        name = f"f{number}"
        self.line(f"async def {name}(a, b=2):")
        self.indent += 1
        self.line("c, items = 1, [1, 2]")
        if self.pick(2):
            self.line("def inner():")
            self.line("    nonlocal c")
            self.line("    c += a")
            self.line("    return c")
            self.line("eff(inner())")
            self.line(f"b = await leaf({self.expr(1)})")
            self.line("eff(inner())")
        self.in_function = True
        for _ in range(1 + self.pick(2)):
            self.statement(2)
        self.line("return a + b + c")
        self.in_function = False
        self.indent -= 1
        self.functions.append(name)


_START = """
async def ticks(n):
    # No `finally` here: when an abandoned async generator is closed, nobody can say.
    for i in range(n):
        await leaf(i)
        yield i
def numbers(n):
    try:
        for i in range(n):
            yield i
    finally:
        eff("generator closed")
a, b, c, d, items = 1, 2, 3, 0, [1, 2]
"""


@st.composite
def programs(draw: Draw) -> str:
    """One program, that always ends and may raise."""
    writer = Writer(draw)
    for number in range(writer.pick(3)):
        writer.define(number)
    for _ in range(1 + writer.pick(2)):
        writer.statement(3)
    return _START + "\n".join(writer.lines) + "\n"
