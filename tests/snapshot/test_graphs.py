"""Random graphs keep their shape: aliases, cycles and instances."""

from __future__ import annotations

import linecache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.snapshot.notebook import Notebook

CELL = """
class Node:
    def __init__(self): self.links = {}
class Slotted:
    __slots__ = ("links",)
    def __init__(self): self.links = {}
def hold():
    links = {}
    def holder(): return links
    return holder
"""
KINDS = ("list", "dict", "set", "tuple", "node", "slotted", "closure", "cell")


def build(book: Notebook, plan: list[tuple[str, list[int]]]) -> dict[str, Any]:
    """Make one object for each entry of a plan, then the references between them."""
    made: list[Any] = []
    links: list[tuple[str, Any, list[int]]] = []
    for kind, targets in plan:
        holder: Any = []
        if kind == "dict":
            one = holder = {}
        elif kind in ("node", "slotted"):
            one = book.namespace["Node" if kind == "node" else "Slotted"]()
            holder = one.links
        elif kind == "closure":
            one = book.namespace["hold"]()
            holder = one()
        elif kind in ("tuple", "set", "cell"):
            one = (holder,) if kind != "set" else frozenset([len(made), (len(made),)])
        else:
            one = holder
        made.append(one)
        links.append((kind, holder, targets))
    for _, holder, targets in links:
        for target in targets:
            value = made[target % len(made)]
            if isinstance(holder, list):
                holder.append(value)
            else:
                holder[len(holder)] = value
    return {f"v{i}": one for i, one in enumerate(made)}


def shape(roots: dict[str, Any]) -> list[object]:
    """Describe a graph, so that equal words mean equal shape: objects by order of visit."""
    numbers: dict[int, int] = {}
    kept, said, todo = [], [], list(reversed(list(roots.values())))
    while todo:
        one = todo.pop()
        if isinstance(one, int | str):
            said.append(one)
            continue
        known = id(one) in numbers
        number = numbers.setdefault(id(one), len(numbers))
        said.append((type(one).__name__, number))
        kept.append(one)
        if not known:
            todo.extend(reversed(_inside(one)))
    return said


def _inside(one: Any) -> list[Any]:
    if isinstance(one, dict):
        return list(one.values())
    if isinstance(one, list | tuple):
        return list(one)
    if isinstance(one, frozenset):
        return sorted(one, key=repr)
    if callable(one):
        return [one()]
    return [one.links]


PLANS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.lists(st.integers(0, 30), max_size=4)),
    min_size=1,
    max_size=14,
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(PLANS)
def test_shape_with_identity_comes_back(plan: list[tuple[str, list[int]]]) -> None:
    """Whatever refers to whatever, it does so after a restore."""
    book = Notebook()
    book.run(CELL)
    roots = build(book, plan)
    book.namespace.update(roots)
    before, encoding = shape(roots), book.encode()
    assert encoding.stream == book.encode().stream
    assert not encoding.refused
    variables = book.bring_back(encoding).variables
    assert shape({name: variables[name] for name in roots}) == before
    for filename in [name for name in linecache.cache if name.startswith(f"<cell {id(book)}")]:
        del linecache.cache[filename]
