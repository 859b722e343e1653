"""Random expressions. All of them are small integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Choose = Callable[[int], int]
"""Returns a number from 0 to below its argument."""


@dataclass
class Expressions:
    """Writes one expression after another, each by choices that are made elsewhere."""

    choose: Choose
    functions: list[str] = field(default_factory=list)
    budget: int = 30
    in_class: bool = False
    sync: bool = False

    def pick(self, *options: str) -> str:
        return options[self.choose(len(options))]

    def expr(self, depth: int = 2) -> str:
        simple = ("1", "2", "a", "b", "c", "(d := a + 1)", "box.n", "items[0]", "same[-1]")
        if depth == 0 or self.budget < 0:
            return self.pick(*simple)
        self.budget -= 1
        forms = self._plain if self.sync else [*self._plain, *self._awaiting, *self._awaiting]
        return forms[self.choose(len(forms))](depth - 1)

    @property
    def _plain(self) -> list[Callable[[int], str]]:
        e = self.expr
        return [
            lambda d: f"eff({e(d)})",
            lambda d: f"({e(d)} + {e(d)})",
            lambda d: f"({e(d)} and {e(d)})",
            lambda d: f"({e(d)} % 2 or {e(d)})",
            lambda d: f"({e(d)} if {e(d)} % 2 else {e(d)})",
            lambda d: f"int({e(d)} < {e(d)} < 4)",
            lambda d: f"[{e(d)}, {e(d)}][{e(d)} % 2]",
            lambda _: f"len(f'{{{e(0)}}}-{{eff({e(0)})}}')",
            lambda d: f"max({e(d)}, *[{e(d)}], *(1, {e(d)}))",
            lambda d: f"sum([{e(d)} for k in range({self.choose(3)}) if {e(0)} < 9])",
            lambda d: f"{{1: {e(d)}, **{{2: {e(d)}}}}}[2]",
            lambda d: f"(lambda x, y={e(d)}: x + y + a)({e(d)})",
            lambda d: f"add({e(d)}, y={e(d)})",
            lambda d: f"(last := {e(d)})",
            lambda d: f"next(live, {e(d)})",
            lambda d: f"box.plain({e(d)})",
        ]

    @property
    def _awaiting(self) -> list[Callable[[int], str]]:
        e = self.expr
        return [
            lambda d: f"await leaf({e(d)})",
            lambda d: f"await leaf({e(d)})",
            lambda d: f"await quick({e(d)})",
            lambda d: f"{self.called()}({e(d)})",
            lambda d: f"{self.called()}(*[{e(d)}])",
            lambda d: f"await box.act({e(d)})",
            lambda d: f"await box.both({e(d)}, items)",
            lambda d: f"(await leaf(box)).n + {e(d)}",
            lambda d: f"items[await leaf({e(d)}) % 2]",
            lambda _: f"len(f'{{await leaf({e(0)}):>{{await quick(3)}}}}{{eff({e(0)})!r}}')",
            lambda _: f"sum([await leaf({e(0)} + k) for k in range({self.choose(3)})])",
            lambda _: f"len({{await leaf(k): {e(0)} for k in (1, 2)}})",
            lambda _: f"len([t async for t in ticks({self.choose(3)}) if t < await leaf({e(0)})])",
            lambda d: f"(await leaf({e(d)}) < {e(d)} <= await quick({e(d)})) + 0",
            lambda d: f"await (leaf if {e(d)} % 2 else quick)({e(d)})",
            lambda d: f"await held({e(d)})",
        ]

    def called(self) -> str:
        return f"await {self.pick(*self.functions)}" if self.functions else "await quick"
