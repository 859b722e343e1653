"""Functions with twins that go to another process, or are looked at: plain ones, as anywhere."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import functools
import inspect
import os
import pickle
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from playbooks_ipython.execution.runs import Cell
from tests.execution.place import Place

PROGRAM = """
import asyncio
def numbers(n):
    for i in range(n):
        yield i * 2
async def work(n, *, more=1):
    total = sum(k for k in numbers(n))
    await asyncio.sleep(0)
    return total + sum([await one(k) for k in range(more)]) + len(locals())
async def one(k):
    return k
def start(n):
    return asyncio.run(work(n))
def maker(k):
    async def inner(n):
        await asyncio.sleep(0)
        return n + k
    return inner
class Agent:
    async def step(self, n):
        return await work(n)
class Sub(Agent):
    async def step(self, n):
        return -await super().step(n)
async def many():
    yield 1
    yield await one(2)
made = maker(10)
await work(3)
"""
# Run where this package is not, so that nothing of it can be needed.
WORKER = """
import asyncio, pickle, sys
assert not any("playbooks_ipython" in name for name in sys.modules)
found = pickle.load(open(sys.argv[1], "rb"))
async def listed(steps):
    return [n async for n in steps]
print(found["start"](4), asyncio.run(found["work"](4)), list(found["numbers"](3)),
      asyncio.run(found["made"](1)), asyncio.run(found["Sub"]().step(4)),
      asyncio.run(listed(found["many"]())), found["partial"]())
assert not any("playbooks_ipython" in name for name in sys.modules)
"""
SENT = ("start", "work", "numbers", "made", "Sub", "many")


def in_a_worker(folder: Path, sent: bytes, *packages: str) -> str:
    (folder / "sent.pkl").write_bytes(sent)
    (folder / "worker.py").write_text(WORKER)
    links = folder / "packages"
    links.mkdir()
    for name in packages:
        there = Path(str(sys.modules[name].__file__)).parent
        (links / name).symlink_to(there)
    environ = {**os.environ, "PYTHONPATH": str(links)}
    words = [sys.executable, "-S", "worker.py", "sent.pkl"]
    done = subprocess.run(
        words, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("package", ["cloudpickle", "dill"])
def test_functions_go_to_a_worker_as_plain_code(
    package: str,
    place: Place,
    tmp_path: Path,
) -> None:
    """A worker without this package runs them with the same results."""
    pickler: Any = pytest.importorskip(package)
    place.run(PROGRAM)
    sent = {name: place.namespace[name] for name in SENT}
    sent["partial"] = functools.partial(place.namespace["start"], 2)
    options = {"recurse": True} if package == "dill" else {}
    assert "15 15 [0, 2, 4] 11 -15 [1, 2] 5" in in_a_worker(
        tmp_path, pickler.dumps(sent, **options), package
    )


def test_a_pickler_that_was_imported_before_the_run_knows_too(place: Place) -> None:
    cloudpickle: Any = pytest.importorskip("cloudpickle")
    place.run(PROGRAM)
    assert b"playbooks_ipython" not in cloudpickle.dumps(place.namespace["Agent"])


def test_a_pickler_that_is_imported_after_the_run_knows_too() -> None:
    pytest.importorskip("cloudpickle")
    program = (
        "import sys\n"
        "from playbooks_ipython.execution.leaving import leave_plain\n"
        "from playbooks_ipython.continuation import Source, compile_plain\n"
        "assert 'cloudpickle' not in sys.modules\n"
        "leave_plain(); leave_plain()\n"
        "import ast, cloudpickle\n"
        "text = 'async def f(n):\\n    return await g(n)\\n'\n"
        "space = {'__name__': '__main__'}\n"
        "exec(compile_plain(ast.parse(text).body, Source(text, '<t>')), space)\n"
        "assert '.pc' in space['f'].__code__.co_varnames\n"
        "assert pickle_loads(cloudpickle.dumps(space['f'])).__code__.co_varnames == ('n',)\n"
    ).replace("pickle_loads", "__import__('pickle').loads")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_functions_can_be_looked_at_as_ever(place: Place) -> None:
    place.run(PROGRAM)
    work = place.namespace["work"]
    assert inspect.getsource(work).startswith("async def work(n, *, more=1):")
    assert str(inspect.signature(work)) == "(n, *, more=1)"
    assert copy.deepcopy(work) is work
    assert inspect.iscoroutinefunction(work)
    assert inspect.isasyncgenfunction(place.namespace["many"])
    assert inspect.isgeneratorfunction(place.namespace["numbers"])


def test_an_instrumented_module_function_is_pickled_by_its_name(place: Place) -> None:
    place.run(PROGRAM)
    sent = pickle.dumps(contextlib.contextmanager)
    assert pickle.loads(sent) is contextlib.contextmanager  # noqa: S301  # made just now


POOLS = """
import asyncio, concurrent.futures, multiprocessing
async def inner(n):
    await asyncio.sleep(0)
    return n * 2
def outer(n):
    return asyncio.run(inner(n)) + sum(k for k in range(n))
loop = asyncio.get_running_loop()
with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
    got = [await loop.run_in_executor(pool, outer, 4) for _ in range(2)]
    effect(str(got))
with multiprocessing.get_context("fork").Pool(1) as pool:
    got = await asyncio.to_thread(pool.map, outer, [1, 2])
    effect(str(got))
del loop, pool
"""


def test_process_pools_run_functions_of_the_notebook(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the name under which a forked child finds them; nothing there is recorded."""
    runs = place.runs()
    main = types.ModuleType("__main__")
    main.__dict__.update(place.namespace)
    runs.namespace = main.__dict__
    monkeypatch.setitem(sys.modules, "__main__", main)
    asyncio.run(runs.run_cell(Cell(POOLS, "program")))
    assert place.effects == ["[14, 14]", "[2, 5]"]
    assert runs.catalogue.view("program").completed == 3


APART = """
import os, sys
from pathlib import Path

def main():
    import asyncio
    from playbooks_ipython.checkpoints import FilesystemCheckpointProvider
    from playbooks_ipython.execution.host import PlainHost
    from playbooks_ipython.execution.runs import Cell, Runs
    from playbooks_ipython.settings import Settings

    # What is started from here on has no way to this package.
    sys.path[:] = [path for path in sys.path if path != os.environ["ROOT"]]
    del os.environ["PYTHONPATH"]
    space = {"__name__": "__main__", "__builtins__": __builtins__}
    provider = FilesystemCheckpointProvider(Path("checkpoints"))
    settings = Settings(modules=("theirs",))
    runs = Runs(space, PlainHost(), provider, settings)
    asyncio.run(runs.run_cell(Cell(Path("cell.py").read_text(), "apart")))
    print(space["got"])

if __name__ == "__main__":
    main()
"""
THEIRS = """
import asyncio, sys
async def inner(n):
    await asyncio.sleep(0)
    return n * 2
def outer(n):
    assert "playbooks_ipython" not in sys.modules
    return asyncio.run(inner(n))
"""
SPAWNED = {
    "multiprocessing": (
        "import asyncio, multiprocessing, theirs\nawait theirs.inner(1)\n"
        "with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "    got = await asyncio.to_thread(pool.map, theirs.outer, [1, 2])\n"
    ),
    "concurrent.futures": (
        "import asyncio, multiprocessing, theirs\n"
        "from concurrent.futures import ProcessPoolExecutor\nawait theirs.inner(1)\n"
        "with ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as pool:\n"
        "    got = await asyncio.to_thread(lambda: list(pool.map(theirs.outer, [1, 2])))\n"
    ),
    "joblib": (
        THEIRS + "import joblib\nawait inner(1)\n"
        "calls = [joblib.delayed(outer)(n) for n in (1, 2)]\n"
        "got = await asyncio.to_thread(joblib.Parallel(2), calls)\n"
    ),
}


@pytest.mark.parametrize("pool", SPAWNED)
def test_workers_that_cannot_import_this_package_run_functions(pool: str, tmp_path: Path) -> None:
    """Of modules that are gone into, by name; of the notebook, where joblib sends their code."""
    if pool == "joblib":
        pytest.importorskip("joblib")
    for name, text in {"parent": APART, "theirs": THEIRS, "cell": SPAWNED[pool]}.items():
        (tmp_path / f"{name}.py").write_text(text)
    root = str(Path(__file__).parents[2])
    environ = {**os.environ, "PYTHONPATH": root, "ROOT": root}
    environ["JUPYTER_DATA_DIR"] = str(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "parent.py"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[2, 4]\n", done.stderr
