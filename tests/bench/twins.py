"""One process of the bench: what code costs as a twin, against the same text compiled by Python.

Prints JSON. Each text is run three ways that take turns: natively, as a twin outside a run, and as
a twin in a run whose recorder keeps nothing, so that only the marks are paid for. A row whose
results differ has no figures, but says so.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from statistics import median
from types import CodeType
from typing import Any

from twin_texts import COMPILED, PROGRAMS, Text

from playbooks_ipython.continuation import Site, Statement, recording
from playbooks_ipython.execution.statements import Compiler, statements_of

WAYS = ("native", "outside", "marked")
Namespace = dict[str, Any]
Way = Callable[[], object]
FUNCTIONS = 6
"""How many functions are compiled at once."""


class NothingKept:
    """A recorder that is called at every mark, and keeps nothing."""

    def issued(self, site: Site) -> None: ...

    def completed(self, site: Site) -> None: ...


def drive(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run a coroutine that never suspends, as none here does."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("nothing here suspends")


def compile_natively(text: str) -> list[Any]:
    """Compile the last statement alone, as ours is, and give each a coroutine of its own."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    *functions, last = ast.parse(text).body
    parts = (functions, [last])
    return [compile(ast.Module(part, []), "<native>", "exec", flags) for part in parts]


def native_way(text: str, namespace: Namespace) -> Way:
    functions, last = compile_natively(text)
    eval(functions, namespace)
    return lambda: drive(eval(last, namespace))


def twin_way(text: str, namespace: Namespace, recorder: NothingKept | None) -> Way:
    compiler = Compiler("<twin>")
    *functions, last = [compiler.compile(one, text) for one in statements_of(text)]
    for code in functions:
        assert isinstance(code, CodeType), "it awaits nothing"
        exec(code, namespace)  # noqa: S102 - the bench's own text
    assert isinstance(last, Statement), "it awaits"

    def run() -> None:
        with recording(recorder):
            drive(last.start(namespace))

    def run_outside() -> None:
        drive(last.start(namespace))

    return run if recorder else run_outside


def time_us(way: Way, spent: list[int]) -> float:
    """Return the microseconds of processor time: others who use the machine are not in it."""
    gc.collect()
    spent.clear()
    begun_ns = time.process_time_ns()
    way()
    whole_ns = time.process_time_ns() - begun_ns
    return (sum(spent) or whole_ns) / 1000


def take_turns(
    ways: Mapping[str, Way], rounds: int, units: int, spent: list[int]
) -> list[dict[str, float]]:
    """Time every way once a round, in an order that turns, after a round that is not counted."""
    names = list(ways)
    found = []
    for number in range(rounds + 1):
        order = names[number % len(names) :] + names[: number % len(names)]
        found.append({name: time_us(ways[name], spent) / units for name in order})
    return found[1:]


def figures(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Return medians: microseconds of a unit each way, and ratios of what ran side by side."""
    ways = rounds[0].keys()
    times = {f"{way}_us": median(one[way] for one in rounds) for way in ways}
    ratios = {f"x_{way}": median(one[way] / one["native"] for one in rounds) for way in ways}
    return times | ratios


def time_program(text: Text, rounds: int, scale: float) -> dict[str, Any]:
    """Time one program each way, and compare what it computed."""
    count = max(2, round(text.count * scale))
    program = text.program(count)
    spent: list[int] = []
    given = {"clock": time.process_time_ns, "spent": spent}
    spaces: dict[str, Namespace] = {way: {"__name__": way} | given for way in WAYS}
    ways = {
        "native": native_way(program, spaces["native"]),
        "outside": twin_way(program, spaces["outside"], None),
        "marked": twin_way(program, spaces["marked"], NothingKept()),
    }
    found = figures(take_turns(ways, rounds, count * text.units, spent))
    same = all(space["result"] == spaces["native"]["result"] for space in spaces.values())
    return found if same else {"failed": "the twin computed something else than Python"}


def time_compiling(function: str, rounds: int, scale: float) -> dict[str, Any]:
    """Time the compilation of fresh text, a line. Ours splits it into statements as well."""
    many = max(1, round(FUNCTIONS * scale))
    lines = many * len(function.strip().splitlines())
    seeds = iter(range(10**9))

    def fresh_text() -> str:
        seed = next(seeds)  # never the same text twice: compilations are remembered
        return "".join(function.format(n=f"{seed}_{n}") for n in range(many))

    texts = [fresh_text() for _ in range(rounds + 1)]
    native, twin = iter(texts), iter(texts)

    def compile_twins() -> None:
        text, compiler = next(twin), Compiler("<twin>")
        for statement in statements_of(text):
            compiler.compile(statement, text)

    ways: dict[str, Way] = {
        "native": lambda: compile(next(native), "<native>", "exec"),
        "outside": compile_twins,
    }
    return figures(take_turns(ways, rounds, lines, []))


def measure(name: str, rounds: int, scale: float) -> dict[str, Any]:
    if name in COMPILED:
        return time_compiling(COMPILED[name], rounds, scale)
    return time_program(PROGRAMS[name], rounds, scale)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="+", choices=(*PROGRAMS, *COMPILED))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the counts")
    asked = parser.parse_args()
    found = {name: measure(name, asked.rounds, asked.scale) for name in asked.rows}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
