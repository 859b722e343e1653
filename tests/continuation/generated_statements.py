"""Random statements, nested in one another at will."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.continuation.generated_expressions import Expressions

_NAMES = ("a", "b", "c")


@dataclass
class Statements(Expressions):
    lines: list[str] = field(default_factory=list)
    indent: int = 0
    counters: int = 0
    in_loop: bool = False
    in_function: bool = False
    in_star: bool = False

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def block(self, depth: int, in_loop: bool | None = None) -> None:
        outer = self.in_loop
        self.in_loop = self.in_loop if in_loop is None else in_loop
        self.indent += 1
        for _ in range(1 + self.choose(2)):
            self.statement(depth)
        self.indent -= 1
        self.in_loop = outer

    def statement(self, depth: int) -> None:
        self.budget -= 1
        if depth == 0 or self.budget < 0 or self.choose(3) == 0:
            self._simple[self.choose(len(self._simple))]()
        else:
            self._compound[self.choose(len(self._compound))](depth - 1)

    @property
    def _simple(self) -> list[Callable[[], None]]:
        return [
            *(self._assign, self._effect, self._augment, self._raise, self._leave, self._item),
            *(self._unpack, self._attribute, self._alias, self._delete, self._hold, self._annotate),
        ]

    @property
    def _compound(self) -> list[Callable[[int], None]]:
        return [
            *(self._if, self._for, self._while, self._try, self._try, self._with, self._match),
            *(self._async_for, self._star, self._closure, self._generator),
        ]

    # Simple statements

    def _assign(self) -> None:
        self.line(f"{self.pick(*_NAMES)} = {self.expr()}")

    def _unpack(self) -> None:
        name = self.pick(*_NAMES)
        left = self.pick(f"{name}, items[0]", f"{name}, *rest", f"({name}, (box.n, *rest))")
        right = f"{self.expr()}, {self.expr()}"
        self.line(
            f"{left} = {right}" if "(" not in left else f"{left} = ({self.expr()}, [{right}])"
        )

    def _effect(self) -> None:
        self.line(f"eff({self.expr()})")

    def _augment(self) -> None:
        self.line(f"{self.pick(*_NAMES)} {self.pick('+=', '-=', '|=')} {self.expr()}")

    def _attribute(self) -> None:
        target = "box" if self.sync else self.pick("box", "(await leaf(box))")
        self.line(f"{target}.n {self.pick('=', '+=')} {self.expr()}")

    def _item(self) -> None:
        self.line(f"{self.pick('items', 'same')}[{self.expr(1)} % 2] += {self.expr()}")

    def _alias(self) -> None:
        value = self.expr(1)
        self.line(
            self.pick(
                "same = items", f"items = [{value}, 2]", f"same.append({value})", "items = items[:]"
            )
        )

    def _delete(self) -> None:
        name = self.pick(*_NAMES)
        self.line(f"del {name}")
        self.line(f"{name} = {self.expr()}")

    def _annotate(self) -> None:
        self.line(f"box.noted: {self.pick('int', 'str')} = {self.expr()}")

    def _hold(self) -> None:
        """A coroutine that is begun later, and a generator that is half-used meanwhile."""
        self.line(self.pick("kept = quick(1)", "kept = box.act(2)", "kept = leaf(3)"))
        self.line(f"live = numbers({self.expr(1)} % 4)")
        if self.sync:
            self.line("kept.close()")
        else:
            self.line(f"eff({self.expr()})")
            self.line("eff(await kept)")
        self.line("kept = None")

    def _raise(self) -> None:
        kind = self.pick("ValueError", "KeyError")
        cause = self.pick("", "", " from None", f" from OSError({self.expr(0)})")
        self.line(f"if {self.expr(1)} % 3 == 0: raise {kind}({self.expr(1)}){cause}")

    def _leave(self) -> None:
        if self.in_loop and self.choose(2):
            self.line(f"if {self.expr(1)} % 2: {self.pick('break', 'continue')}")
        elif self.in_function and not self.in_star:
            self.line(f"if {self.expr(1)} % 2: return {self.expr()}")
        else:
            self.line("pass")

    # Compound statements

    def _if(self, depth: int) -> None:
        self.line(f"if {self.expr()} % 2:")
        self.block(depth)
        if self.choose(2):
            self.line(f"elif {self.expr(1)} % 2:")
            self.block(depth)
        if self.choose(2):
            self.line("else:")
            self.block(depth)

    def _for(self, depth: int) -> None:
        n = self.choose(3) + 1
        source = self.pick(
            *(f"range({n})", f"[{self.expr(1)}, 2]", f"numbers({n})", "(1, 2)", "items[:2]"),
            *("{1: 2, 3: 4}", "(k + 1 for k in range(2))", f"chain(numbers({n}), (7,))"),
        )
        target = self.pick(*_NAMES, "items[0]", "box.n")
        if self.choose(3) == 0:
            source, target = f"enumerate({source})", f"a, {target}"
        self.line(f"for {target} in {source}:")
        self._loop(depth)

    def _async_for(self, depth: int) -> None:
        if self.sync:
            self._for(depth)
            return
        self.line(f"async for {self.pick(*_NAMES)} in {self.pick('Ticks(2)', 'ticks(2)')}:")
        self._loop(depth)

    def _while(self, depth: int) -> None:
        self.counters += 1
        name = f"n{self.counters}"
        self.line(f"{name} = 0")
        self.line(f"while ({name} := {name} + 1) < 3 and {self.expr()} < 9:")
        self._loop(depth)

    def _loop(self, depth: int) -> None:
        outer, self.in_star = self.in_star, False
        self.block(depth, in_loop=True)
        self.in_star = outer
        if self.choose(3) == 0:
            self.line("else:")
            self.block(depth)

    def _try(self, depth: int) -> None:
        self.line("try:")
        self.block(depth)
        has_handler = self.choose(3) > 0
        if has_handler:
            self._handlers(depth)
        if not has_handler or self.choose(2):
            self.line("finally:")
            self.block(depth)

    def _handlers(self, depth: int) -> None:
        if self.choose(2):
            self.line("except KeyError as error:")
            self.block(depth)
            self.line("    eff(repr(error))")
        self.line(self.pick("except ValueError as error:", "except Exception:"))
        self.block(depth)
        self.line(self.pick("    pass", "    pass", "    raise"))
        if self.choose(2):
            self.line("else:")
            self.block(depth)

    def _star(self, depth: int) -> None:
        self.line("try:")
        self.block(depth)
        self.line(f"    if {self.expr(1)} % 2:")
        self.line("        raise ExceptionGroup('g', [ValueError(1), KeyError(2)])")
        outer = self.in_star, self.in_loop
        self.in_star, self.in_loop = True, False
        for kind in ("ValueError", "(KeyError, NameError)")[: 1 + self.choose(2)]:
            self.line(f"except* {kind} as group:")
            self.block(depth)
            self.line(self.pick("    eff(repr(group))", "    raise"))
        self.in_star, self.in_loop = outer

    def _with(self, depth: int) -> None:
        words = ("with",) if self.sync else ("with", "async with")
        managers = [
            f"Manager({self.expr(1)}, {self.pick('True', 'False')}){self.pick('', ' as m')}"
            for _ in range(1 + self.choose(2))
        ]
        self.line(f"{self.pick(*words)} {', '.join(managers)}:")
        self.block(depth)

    def _match(self, depth: int) -> None:
        self.line(self.pick(f"match {self.expr()} % 3:", f"match [{self.expr()} % 3, *items]:"))
        self.indent += 1
        guard = self.pick("", f" if {self.expr(1)} % 2")
        for case in (f"0 | [0, *_]{guard}", f"1 | [1, *_]{self.pick('', guard)}", "_"):
            self.line(f"case {case}:")
            self.block(depth)
        self.indent -= 1

    def _closure(self, depth: int) -> None:
        """A function inside, that shares variables with what is around it."""
        self.counters += 1
        name, kind = f"inner{self.counters}", "nonlocal" if self.in_function else "global"
        word = "def" if self.sync else self.pick("def", "async def")
        self.line(f"{word} {name}(z):")
        outer = self.sync, self.in_loop, self.in_function
        self.sync, self.in_loop = word == "def", False
        self.indent += 1
        self.line(f"{kind} a, b, c, d, items, same, last, live, box")
        for _ in range(1 + self.choose(2)):
            self._simple[self.choose(len(self._simple))]()
        self.line("return a + z")
        self.indent -= 1
        self.sync, self.in_loop, self.in_function = outer
        wait = "await " if word != "def" else ""
        self.line(f"eff({wait}{name}({self.expr(1)}))")
        self.block_here(depth)
        self.line(f"eff({wait}{name}({self.expr(1)}))")

    def block_here(self, depth: int) -> None:
        self.statement(depth)

    def _generator(self, depth: int) -> None:
        """A generator of the program, begun, left alone, and gone on with."""
        self.counters += 1
        name = f"walk{self.counters}"
        self.line(f"{name} = walker({self.expr(1)} % 3)")
        self.line(f"eff(next({name}))")
        self.statement(depth)
        self.line(f"eff({name}.send({self.expr(1)}))")
        self.statement(depth)
        self.line(
            self.pick(
                f"eff({name}.throw(KeyError({self.expr(0)})))", f"{name}.close()", f"eff([*{name}])"
            )
        )
