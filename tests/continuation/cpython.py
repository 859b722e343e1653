"""CPython's own tests of one module, as they are or with every function a twin.

`python -m tests.continuation.cpython MODULE plain|twins|recorded` prints, as JSON, how many ran and
the last line of each failure. `recorded`: as inside a run, with a recorder that takes marks.
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
from pathlib import Path

from playbooks_ipython.continuation import Site, Source, compile_plain, recording


class Recorder:
    """Takes marks and keeps nothing."""

    def issued(self, site: Site) -> None: ...

    def completed(self, site: Site) -> None: ...


def load(name: str, *, with_twins: bool) -> types.ModuleType:
    """Return a module of CPython's tests, compiled by CPython or by us."""
    spec = importlib.util.find_spec(f"test.{name}")
    assert spec is not None and spec.origin is not None, "asked for where it is present"
    text = Path(spec.origin).read_text(encoding="utf-8")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    if with_twins:
        tree = ast.parse(text)
        code = compile_plain(tree.body, Source(text, spec.origin), _futures(tree))
    else:
        code = compile(text, spec.origin, "exec", dont_inherit=True)
    exec(code, module.__dict__)  # noqa: S102  # CPython's own test
    return module


def _futures(tree: ast.Module) -> int:
    names = [a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names]
    known = [getattr(__future__, name) for name in names if name in __future__.all_feature_names]
    return sum(feature.compiler_flag for feature in known)


def run(name: str, how: str) -> dict[str, object]:
    module = load(name, with_twins=how != "plain")
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    result = unittest.TestResult()
    context = recording(Recorder()) if how == "recorded" else contextlib.nullcontext()
    with context, Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        suite.run(result)
    failed = {
        str(test.id()).partition(name + ".")[2]: said.strip().splitlines()[-1]
        for test, said in [*result.failures, *result.errors]
        if hasattr(test, "id")
    }
    return {"ran": result.testsRun, "failed": failed}


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])))  # noqa: T201  # what it is for
