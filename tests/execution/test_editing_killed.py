"""A program is killed at every await, edited, and goes on in its new form, or is refused."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider
from tests.execution import chains
from tests.execution.killed import NAME


@dataclass(frozen=True)
class Edit:
    """A program, and one replacement in it; killed at the awaits of these tools it is refused."""

    text: str
    old: str
    new: str
    refused: str = ""

    @property
    def edited(self) -> str:
        assert self.old in self.text
        return self.text.replace(self.old, self.new)


LOOP = """
for i in range(2):
    first = await tool('a', i)
    effect(f'old {first}')
    second = await tool('b', i)
    effect(f'tail {second}')
else:
    await tool('c')
    effect('else')
await tool('d')
effect('end')
"""
CALLED = """
async def unused(n):
    effect(f'unused {n}')
    await tool('u')
    return n

async def work(n, scale=1):
    effect(f'begin {n}')
    found = await tool('a', n)
    effect(f'after {found}')
    return found * scale

def plain(n):
    return f'plain {n}'

for i in range(2):
    x = await work(i)
    effect(plain(x))
    await tool('b', x)
"""
NESTED = """
def make(kept):
    async def inner(n):
        kept.append(n)
        got = await tool('a', n)
        effect(f'inner {kept}')
        return got
    return inner

class Worker:
    factor = 2
    async def call(self, n):
        got = await tool('m', n)
        effect(f'method {got * self.factor}')
        return [await tool('c', y) * 1 for y in range(2)]

inner, worker = make([]), Worker()
for i in range(2):
    await inner(i)
    await worker.call(i)
"""
BRANCHES = """
import contextlib
@contextlib.contextmanager
def guard(name):
    effect(f'in {name}')
    yield name
    effect(f'out {name}')

n = 0
while await tool('t', n) < 12 and n < 3:
    n += 1
    with guard(n) as g:
        try:
            if n == 1:
                x = await tool('a', n)
                raise ValueError(x)
            elif n == 2:
                x = len(str(await tool('b', n))) + len('one')
            else:
                x = await tool('e', n)
        except ValueError as error:
            await tool('h', error.args[0])
            effect('handled')
        finally:
            effect('finally')
        effect(f'x {x}')
"""
PAIRS = {
    "layout": Edit(LOOP, "    effect(f'old", "    # a comment\n\n    effect( f'old"),
    "lines above": Edit(LOOP, "for i", "# one\n# two\nfor i"),
    "loop body": Edit(LOOP, "old", "new", refused="bcd"),
    "end of the loop body": Edit(LOOP, "tail", "changed", refused="cd"),
    "argument": Edit(LOOP, "tool('c')", "tool('c', None)", refused="cd"),
    "called": Edit(LOOP, "tool('d')", "(tool)('d', 0)", refused="d"),
    "else": Edit(LOOP, "'else'", "'else, new'", refused="d"),
    "after the loop": Edit(LOOP, "'end'", "'end, new'"),
    "header": Edit(LOOP, "range(2):", "range(0, 2):", refused="abcd"),
    "name before": Edit(LOOP, "first", "found", refused="bcd"),
    "target": Edit(LOOP, "second", "last", refused="cd"),
    "unused function": Edit(CALLED, "'unused", "'never"),
    "header of an unused function": Edit(CALLED, "unused(n)", "unused(n, m=1)", refused="abW"),
    "decorator": Edit(CALLED, "async def unused", "@str\nasync def unused", refused="abW"),
    "plain function": Edit(CALLED, "'plain", "'changed"),
    "after the await of the function": Edit(CALLED, "'after", "'changed"),
    "before the await of the function": Edit(CALLED, "'begin", "'changed", refused="a"),
    "default": Edit(CALLED, "scale=1", "scale=2", refused="abW"),
    "after the call": Edit(CALLED, "effect(plain(x))", "effect(plain(x) + '!')", refused="b"),
    "closure": Edit(NESTED, "'inner", "'changed"),
    "closure, before": Edit(NESTED, "kept.append(n)", "kept.append(n * 1)", refused="a"),
    "method": Edit(NESTED, "'method", "'changed", refused="c"),
    "class": Edit(NESTED, "factor = 2", "factor = 3", refused="amcW"),
    "comprehension": Edit(NESTED, "'c', y) * 1", "'c', y) * 3"),
    "comprehension, header": Edit(NESTED, "range(2)]", "range(0, 2)]", refused="c"),
    "test": Edit(BRANCHES, "< 12 and", "< 11 and", refused="abeh"),
    "handler": Edit(BRANCHES, "'handled'", "'changed'"),
    "finally": Edit(BRANCHES, "'finally'", "'changed'"),
    "same statement": Edit(BRANCHES, "len('one')", "len('two')", refused="eh"),
    "branch before": Edit(BRANCHES, "n == 2", "n == 2 + 0", refused="beh"),
    "after the try": Edit(BRANCHES, "'x {x}'", "'changed {x}'"),
    "manager": Edit(BRANCHES, "guard(n)", "guard(n + 0)", refused="abeh"),
    "generator in use": Edit(BRANCHES, "'out {name}'", "'left {name}'"),
}


@dataclass(frozen=True)
class Stopped:
    """A program that was killed at a mark. `at`: its tool there, W for a call of a function."""

    kill: chains.Kill
    at: str
    folder: Path


class Victims:
    """Every program of the pairs, run whole, and killed at each mark; once for all of its edits."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, count()
        self._known: dict[str, tuple[list[str], list[Stopped]]] = {}

    def of(self, text: str) -> tuple[list[str], list[Stopped]]:
        """Return the effects of an undisturbed run, and the program stopped at each mark."""
        if text not in self._known:
            stopped = [self._kill(text, *mark) for mark in self._marks(text)]
            self._known[text] = self.effects(text), stopped
        return self._known[text]

    def effects(self, text: str) -> list[str]:
        return chains.undisturbed(self.place(), text)[1]

    def place(self) -> Path:
        return self._folder / str(next(self._number))

    def _marks(self, text: str) -> Iterator[tuple[chains.Kill, str]]:
        """Each await when it has completed; when it was issued, the first time of each line."""
        folder = chains.prepare(self.place(), text)
        assert chains.fork(folder, "run") == 0, chains.said(folder)
        provider = FilesystemCheckpointProvider(folder / ".checkpoints")
        lines, seen, issued = text.splitlines(), Counter[str](), set[str]()
        for record in provider.view(NAME, trusted=False).reader.records():
            if record.kind not in ("issue", "done"):
                continue
            seen[record.kind] += 1
            line = lines[int(str(record.fields["line"])) - 1]
            if record.kind == "done" or line not in issued:
                tool = re.search(r"tool\('(\w)'", line)
                yield (record.kind, seen[record.kind]), tool.group(1) if tool else "W"
                issued.add(line)

    def _kill(self, text: str, kill: chains.Kill, at: str) -> Stopped:
        folder = chains.prepare(self.place(), text)
        assert chains.fork(folder, "run", *kill) < 0
        return Stopped(kill, at, folder)


@pytest.fixture(scope="module")
def victims(tmp_path_factory: pytest.TempPathFactory) -> Victims:
    return Victims(tmp_path_factory.mktemp("victims"))


@pytest.mark.parametrize("name", PAIRS)
def test_what_has_run_stays_and_what_follows_is_used_in_its_new_form(
    victims: Victims, name: str
) -> None:
    """Killed at every mark: effects before it are the old program's, those after it the new's."""
    edit = PAIRS[name]
    old, stopped = victims.of(edit.text)
    new = victims.effects(edit.edited)
    assert len(old) == len(new)
    refused = set()
    for one in stopped:
        folder = shutil.copytree(one.folder, victims.place())
        (folder / "cell.py").write_text(edit.edited)
        happened = len(_outside(folder))
        error, effects = _gone_on(folder)
        if error is None:
            assert effects == old[:happened] + new[happened:], one
        else:
            assert error.startswith("EditedProgram"), error
            assert effects == old[:happened]
            refused.add(one.at)
        assert (one.at in edit.refused) == (error is not None), (one, error)
    assert refused == set(edit.refused)


def _gone_on(folder: Path) -> tuple[str | None, list[str]]:
    assert chains.fork(folder, "edited") == 0, chains.said(folder)
    end, effects = chains.ending(folder)
    return end["error"], effects


def _outside(folder: Path) -> list[str]:
    path = folder / "outside.txt"
    return path.read_text().splitlines() if path.exists() else []
