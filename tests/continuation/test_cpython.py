"""CPython is the oracle: its own tests pass with twins as they pass without.

Not collected where the interpreter came without its tests. `make test` takes the modules on
coroutines and `try`, `make faults` takes all that are about what twins rewrite.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
QUICK = ["test_coroutines", "test_yield_from", "test_except_star"]
MORE = [
    *("test_asyncgen", "test_generators", "test_genexps", "test_listcomps", "test_setcomps"),
    *("test_dictcomps", "test_with", "test_contextlib", "test_contextlib_async", "test_exceptions"),
    *("test_raise", "test_scope", "test_patma", "test_named_expressions", "test_fstring"),
    *("test_super", "test_unpack_ex", "test_augassign", "test_generator_stop", "test_decorators"),
]
# What differs, and why that is left so.
EXPLAINED = {
    # An error that `__await__` raises, of what `__anext__` gave, comes as itself and not wrapped:
    # CPython asks for the iterator in another instruction than the one that awaits it.
    "CoroutineTest.test_for_11",
}


def present() -> list[str]:
    modules = [*QUICK, *MORE] if os.environ.get("PLAYBOOKS_FAULTS") == "all" else QUICK
    if importlib.util.find_spec("test") is None:
        return []
    return [name for name in modules if importlib.util.find_spec(f"test.{name}")]


@cache
def outcome(name: str, how: str) -> dict[str, Any]:
    words = [sys.executable, "-W", "ignore", "-m", "tests.continuation.cpython", name, how]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("how", ["twins", "recorded"])
@pytest.mark.parametrize("name", present())
def test_cpythons_own_tests_pass_with_twins(name: str, how: str) -> None:
    """The same tests pass; each difference is named above with its reason."""
    plain, twins = outcome(name, "plain"), outcome(name, how)
    assert twins["ran"] == plain["ran"]
    assert bool(twins["marks"]) == (how == "recorded")
    new = {test: said for test, said in twins["failed"].items() if test not in plain["failed"]}
    assert {test: said for test, said in new.items() if test not in EXPLAINED} == {}
