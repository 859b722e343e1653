"""What is compiled before a program runs or goes on: what is needed, and nothing beside it."""

from __future__ import annotations

import asyncio
import linecache
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider
from playbooks_ipython.continuation import compiling
from playbooks_ipython.continuation.sites import twin_of_code
from playbooks_ipython.execution.host import PlainHost
from playbooks_ipython.execution.runs import Cell, Runs
from playbooks_ipython.execution.statements import Compiler
from playbooks_ipython.execution.twins import give_twins
from playbooks_ipython.settings import Settings

PLAIN = "".join(f"def plain_{n}(x):\n    return x + {n}\n\n\n" for n in range(50))
LIBRARY = f"{PLAIN}def steps(count):\n    for n in range(count):\n        yield n\n\n\n{PLAIN}"


class Seen:
    """A trace function that notes the locals with which some functions are called."""

    def __init__(self, *codes: CodeType) -> None:
        self.codes, self.calls = codes, list[dict[str, Any]]()

    def __call__(self, frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and frame.f_code in self.codes:
            self.calls.append(dict(frame.f_locals))


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module with a hundred functions, of which one can pause."""
    (tmp_path / "pausing_library.py").write_text(LIBRARY)
    monkeypatch.syspath_prepend(tmp_path)
    import pausing_library

    yield pausing_library
    del sys.modules["pausing_library"]


def traced(seen: Seen, call: Any) -> None:
    before = sys.gettrace()
    sys.settrace(seen)
    try:
        call()
    finally:
        sys.settrace(before)


def test_of_a_library_only_what_can_pause_is_compiled(library: Any) -> None:
    """One statement of its text, once, however long the text is."""
    seen = Seen(compiling._compile.__code__)
    traced(seen, lambda: give_twins({}, ["pausing_library"]))
    of_library = [call["nodes"] for call in seen.calls if call["source"].text == LIBRARY]
    assert [[node.name for node in nodes] for nodes in of_library] == [["steps"]]
    assert twin_of_code(library.steps.__code__) is not None
    assert twin_of_code(library.plain_1.__code__) is None
    assert list(library.steps(3)) == [0, 1, 2]


def test_a_function_gets_its_twin_however_long_its_loop_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Compiled alone, without the import, some are a little longer: their jumps are written so."""
    text = "import asyncio\n" + "".join(
        f"async def loop_{n}(x):\n    while x:\n"
        + "        x += 1\n" * n
        + "        await asyncio.sleep(0)\n        x += 1\n"
        for n in range(120)
    )
    monkeypatch.setitem(linecache.cache, "<loops>", (len(text), None, text.splitlines(True), ""))
    namespace: dict[str, Any] = {"__name__": "loops"}
    exec(compile(text, "<loops>", "exec"), namespace)  # noqa: S102 - as a notebook does
    loops = [f for name, f in namespace.items() if name.startswith("loop_")]
    give_twins(namespace)
    assert [f.__name__ for f in loops if twin_of_code(f.__code__) is None] == []


def test_statements_that_have_run_are_not_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of a hundred statements that goes on at its last: only that one is compiled.

    A future import that has run holds for it all the same.
    """
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    head = "from __future__ import annotations\nimport asyncio, os\n"
    text = (
        f"{head}{PLAIN}await asyncio.sleep(0)\nwell = os.environ['WELL']\ndef f(x: absent): ...\n"
    )

    def run_cell(policy: str) -> dict[str, Any]:
        namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        provider = FilesystemCheckpointProvider(tmp_path / ".checkpoints")
        runs = Runs(namespace, PlainHost(), provider, Settings())
        asyncio.run(runs.run_cell(Cell(text, "program", policy)))
        return namespace

    with pytest.raises(KeyError):
        run_cell("ask")
    monkeypatch.setenv("WELL", "yes")
    seen = Seen(Compiler.compile.__code__)
    after: list[dict[str, Any]] = []
    traced(seen, lambda: after.append(run_cell("resume")))
    compiled = [type(call["statement"].node).__name__ for call in seen.calls]
    assert compiled == ["ImportFrom", "Expr", "Assign", "FunctionDef"]
    assert after[0]["f"].__annotations__ == {"x": "absent"}
