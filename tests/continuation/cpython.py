"""CPython's own tests of one module, as they are or with every function a twin.

`python -m tests.continuation.cpython MODULE plain|twins|recorded` prints, as JSON, how many ran and
the last line of each failure. `recorded`: beneath a statement of a run, with a recorder that takes
each mark.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import importlib.util
import json
import os
import sys
import types
import unittest
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from playbooks_ipython.continuation import (
    Site,
    Source,
    compile_plain,
    compile_statement,
    marked_frame,
    recording,
)
from playbooks_ipython.continuation.frames import read_locals


class Recorder:
    """Takes marks, reads every frame that stands there, and keeps only how many there were."""

    def __init__(self) -> None:
        self.marks = 0

    def issued(self, _site: Site) -> None:
        self.marks += 1
        read_locals(marked_frame())

    completed = issued


def load(name: str, *, with_twins: bool) -> types.ModuleType:
    """Return a module of CPython's tests, compiled by CPython or by us."""
    spec = importlib.util.find_spec(f"test.{name}")
    assert spec is not None and spec.origin is not None, "asked for where it is present"
    text = Path(spec.origin).read_text(encoding="utf-8")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    if with_twins:
        code = compile_twins(text, spec.origin)
    else:
        code = compile(text, spec.origin, "exec", dont_inherit=True)
    exec(code, module.__dict__)  # noqa: S102  # CPython's own test
    return module


def compile_twins(text: str, filename: str) -> types.CodeType:
    """Compile a module as a cell is compiled, for `exec` in its namespace."""
    tree = ast.parse(text)
    return compile_plain(tree.body, Source(text, filename), _futures(tree))


def _futures(tree: ast.Module) -> int:
    names = [a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names]
    known = [getattr(__future__, name) for name in names if name in __future__.all_feature_names]
    return sum(feature.compiler_flag for feature in known)


def run(name: str, how: str) -> dict[str, object]:
    module = load(name, with_twins=how != "plain")
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    result, recorder = unittest.TestResult(), Recorder()

    async def begin() -> None:
        suite.run(result)

    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        if how == "recorded":
            within_run(begin, recorder)
        else:
            suite.run(result)
    failed = {
        str(test.id()).partition(name + ".")[2]: said.strip().splitlines()[-1]
        for test, said in [*result.failures, *result.errors]
        if hasattr(test, "id")
    }
    return {"ran": result.testsRun, "failed": failed, "marks": recorder.marks}


def within_run(begin: Callable[[], Coroutine[Any, Any, None]], recorder: Recorder) -> None:
    """Run what `begin` runs beneath a statement, to which its marks belong."""
    text = "await begin()"
    statement = compile_statement(ast.parse(text).body[0], Source(text, "<run>"), 0)
    with recording(recorder), contextlib.suppress(StopIteration):
        statement.start({"begin": begin}).send(None)


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))  # noqa: T201  # what it is for
