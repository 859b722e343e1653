"""SIGKILL inside loops over what cannot be stored: the real encoder, log and resume."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from playbooks_ipython.continuation.marks import HOOKS
from tests.execution.chains import ALL, SEED, ending, fork, kill_points, prepare

FILES = """
import csv, itertools, os, re
from pathlib import Path
here = Path(os.environ["OUTSIDE"]).parent / "input"
here.mkdir(exist_ok=True)
(here / "rows.csv").write_text("name,n\\nana,1\\nben,22\\ncleo,333\\n")
for name in "abc":
    (here / f"{name}.txt").write_text(name * 3)
"""
CLEAN = (
    "\nfor name in 'here row f item m entry folder folders key i names bar'.split():\n"
    "    globals().pop(name, None)\n"
)

LOOPS = {
    "csv": """
got = []
with open(here / "rows.csv") as f:
    for row in csv.DictReader(f):
        got.append(await tool(row["name"], row["n"]))
        effect(row["name"])
""",
    "csv enumerated": """
got = []
with open(here / "rows.csv") as f:
    for i, row in enumerate(csv.reader(f)):
        got.append((i, await tool(row[0], row[1])))
        if i == 2:
            break
    rest = f.read()
""",
    "open file": """
got = []
for row in open(here / "rows.csv"):
    got.append(await tool(row))
row = None
""",
    "lines of a file, numbered": """
got = []
with open(here / "rows.csv") as f:
    head = f.readline()
    for i, row in enumerate(f):
        got.append((i, await tool(row.strip())))
""",
    "finditer": """
got = []
for m in re.finditer("[a-z]+", "one two three"):
    got.append(await tool(m.group(), m.start()))
    effect(m.group())
""",
    "directories": """
got = []
for item in sorted(here.glob("*.txt")):
    got.append(await tool(item.name))
for item in here.iterdir():
    got.append(await tool(item.name))
for folder, folders, names in os.walk(here):
    got.append(await tool(*sorted(names)))
for entry in os.scandir(here):
    got.append(await tool(entry.name))
got.sort()
""",
    "glob": """
got = []
for item in here.glob("**/*.txt"):
    got.append(await tool(item.name))
    effect(item.name)
""",
}


def over_a_frame(loop: str) -> str:
    """Return a program that has a data frame for a loop over it."""
    return f"""
import pandas as pd
path = here / "rows.csv"
df = pd.DataFrame({{"n": [1, 2, 3], "k": ["a", "b", "a"]}})
got = []
{loop}
del df, path
"""


FRAMES = {
    "iterrows": "for i, row in df.iterrows():\n    got.append(await tool(str(i), int(row['n'])))",
    "itertuples": "for row in df.itertuples():\n    got.append(await tool(str(row.Index), row.n))",
    "items": "for i, row in df.items():\n    got.append(await tool(i, str(row[0])))",
    "groupby": "for key, row in df.groupby('k'):\n    got.append(await tool(key, len(row)))",
    "chunks": (
        "for row in pd.read_csv(path, chunksize=2):\n    got.append(await tool(str(len(row))))"
    ),
}
LOOPS |= {name: over_a_frame(loop) for name, loop in FRAMES.items()}
LOOPS["nditer"] = """
import numpy as np
got = []
for item in np.nditer(np.arange(4).reshape(2, 2)):
    got.append(await tool(str(item)))
"""
LOOPS["tqdm"] = """
import io
from tqdm import tqdm, trange
drawn = io.StringIO()
got = []
bar = tqdm([5, 6, 7, 8], file=drawn, mininterval=0, miniters=1)
for item in bar:
    got.append(await tool(str(item)))
    effect(f"bar at {bar.n}")
for i, item in tqdm(enumerate("abc"), file=io.StringIO(), total=3):
    got.append((i, await tool(item)))
for m in tqdm(re.finditer(".", "ab"), disable=True):
    got.append(await tool(m.group()))
with tqdm(total=3, file=drawn) as bar:
    for i in range(3):
        await tool(str(i))
        bar.update()
    effect(f"bar at {bar.n} of {bar.total}")
got.append("3/3" in drawn.getvalue())
del drawn
"""


def check(folder: Path, cell: str, prelude: str = FILES) -> None:
    """Kill after a record, go on, kill that in its first await, go on: all ends the same.

    After a seeded sample of the records; after each of them with PLAYBOOKS_FAULTS=all. Every mark
    of loops and blocks alike is gone through in process, in tests/continuation.
    """
    text = prelude + cell + CLEAN
    undisturbed = prepare(folder / "undisturbed", text)
    assert fork(undisturbed, "run") == 0
    expected = ending(undisturbed)
    assert expected[0]["error"] is None, expected
    points = kill_points(undisturbed)
    assert len(points) >= 4
    chosen = points if ALL else random.Random(f"{SEED}{cell}").sample(points, 3)
    for kind, count in chosen:
        killed = prepare(folder / f"{kind}-{count}", text)
        assert fork(killed, "run", kind, count) == -signal.SIGKILL
        again = fork(killed, "resume", "done", 1)
        if again == -signal.SIGKILL:
            again = fork(killed, "resume")
        assert again == 0
        assert ending(killed) == expected, f"after {kind} {count}"


@pytest.mark.parametrize("cell", LOOPS.values(), ids=LOOPS)
def test_killed_loop_goes_on_at_its_item(cell: str, tmp_path: Path) -> None:
    check(tmp_path, cell)


def test_bar_stands_at_its_place_after_a_restart(tmp_path: Path) -> None:
    """What the new process draws first is where the bar stood, not its beginning."""
    text = (
        "from tqdm import tqdm\n"
        "for item in tqdm('abcd', mininterval=0, miniters=1):\n    await tool(item)\n"
    )
    killed = prepare(tmp_path / "killed", text)
    assert fork(killed, "run", "issue", 4) == -signal.SIGKILL
    log = killed / "log.txt"
    log.write_text("")
    assert fork(killed, "resume") == 0
    drawn = log.read_text()
    assert "3/4" in drawn
    assert "0/4" not in drawn
    assert "4/4" in drawn


def test_changed_input_stops_the_resume_and_names_the_item(tmp_path: Path) -> None:
    """A row that is another one now; no await is issued."""
    text = (
        FILES.replace("(here", "here.joinpath('rows.csv').exists() or (here", 1)
        + """
rows = open(here / "rows.csv")
for row in csv.DictReader(rows):
    await tool(row["name"])
"""
    )
    killed = prepare(tmp_path / "killed", text)
    assert fork(killed, "run", "done", 3) == -signal.SIGKILL
    before = (killed / "outside.txt").read_text()
    table = killed / "input" / "rows.csv"
    table.write_text(table.read_text().replace("ben", "bob"))
    fork(killed, "resume")
    error = ending(killed)[0]["error"]
    assert error.startswith("ItemChanged: line 11: item 2 of DictReader()")
    assert (killed / "outside.txt").read_text() == before
    table.write_text(table.read_text().replace("bob", "ben"))
    fork(killed, "resume")
    assert ending(killed)[0]["error"] is None


BLOCKS = {
    "sqlite3": """
import sqlite3
class Store: pass
store = Store()
path = str(here / "db.sqlite")
with sqlite3.connect(path) as db:
    store.db = db
    db.execute("create table if not exists t (n)")
    for n in range(3):
        row = await tool("ask", n)
        seen = store.db.execute("select 1 + ?", (row,)).fetchone()[0]
        effect(f"seen {seen} {store.db is db}")
del db, store, path
""",
    "pool": """
import asyncio
from concurrent.futures import ThreadPoolExecutor
got = []
with ThreadPoolExecutor(2, thread_name_prefix="pool") as pool:
    holder = (pool, pool.submit)
    for n in range(3):
        got.append(await tool("n", n))
        got.append(pool.submit(pow, 2, n).result())
        effect(str(holder[0] is pool and holder[1](pow, 2, n).result()))
del pool, holder
""",
    "socket client": """
import socket
class Client:
    def __init__(self, name):
        self.name, self.pair = name, None
    async def __aenter__(self):
        self.pair = socket.socketpair()
        return self
    async def __aexit__(self, *error):
        for one in self.pair:
            one.close()
        self.pair = None
    async def ask(self, n):
        self.pair[0].send(b"%d" % n)
        return await tool(self.name, self.pair[1].recv(10))
class Agent: pass
agent, got = Agent(), []
async with Client("a") as client:
    agent.client = client
    for n in range(3):
        got.append(await agent.client.ask(n))
        effect(str(agent.client is client))
del client, agent
""",
    "two that belong together": """
import os
class Side:
    __slots__ = ("name", "pid")
    def __init__(self, name):
        self.name, self.pid = name, os.getpid()
    async def ask(self, n):
        return await tool(self.name, n, self.pid == os.getpid())
class Pair:
    def __getstate__(self):
        raise TypeError("it holds a pipe")
    async def __aenter__(self):
        return Side("read"), Side("write")
    async def __aexit__(self, *error):
        pass
got = []
class Session:
    __slots__ = ("sides",)
    def __init__(self, *sides):
        self.sides = sides
    def __getstate__(self):
        raise TypeError("it holds what a pipe gave")
    async def __aenter__(self):
        return self
    async def __aexit__(self, *error):
        pass
async with Pair() as (a, b), Session(a, b) as session:
    both = [a, b]
    for n in range(3):
        got += [await a.ask(n), await session.sides[1].ask(n), both[0] is a]
        got.append(session.sides[1] is b)
del a, b, both, session
""",
    "open file": """
got = []
with open(here / "out.txt", "w") as f:
    for n in range(3):
        f.write(f"{await tool('n', n)} ")
        got.append(f.tell())
got.append((here / "out.txt").read_text())
""",
}
HTTPX = """
import httpx
def answer(request):
    return httpx.Response(200, text=request.url.path)
class Agent: pass
agent, got = Agent(), []
async with httpx.AsyncClient(mounts={"http://x": httpx.MockTransport(answer)}) as client:
    agent.client = client
    for n in range(3):
        got.append(await tool("n", n))
        got.append((await agent.client.get(f"http://x/{n}")).text)
    got.append((agent.client is client, client.is_closed))
del client, agent
"""


@pytest.mark.parametrize("cell", BLOCKS.values(), ids=BLOCKS)
def test_killed_block_goes_on_with_a_new_manager(cell: str, tmp_path: Path) -> None:
    check(tmp_path, cell)


def test_killed_block_of_httpx_goes_on_with_a_new_client(tmp_path: Path) -> None:
    pytest.importorskip("httpx")
    check(tmp_path, HTTPX)


def test_what_is_entered_again_is_said_by_line_before_and_after(tmp_path: Path) -> None:
    text = FILES + BLOCKS["pool"]
    killed = prepare(tmp_path / "killed", text)
    said = "line 13: this `with` holds what cannot be stored: after a restart it is made and"
    assert fork(killed, "run", "issue", 1) == -signal.SIGKILL
    log = killed / "log.txt"
    assert said in log.read_text()
    log.write_text("")
    assert fork(killed, "resume") == 0
    assert said in log.read_text()


def test_killed_sleep_waits_for_what_is_left(tmp_path: Path) -> None:
    """The time at its issue is in the log, so a sleep that is over by now ends at once."""
    text = "import asyncio\nawait asyncio.sleep(3600)\neffect('awake')\n"
    killed = prepare(tmp_path / "killed", text)
    assert fork(killed, "run", "issue", 1) == -signal.SIGKILL
    later = time.time() + 3600
    clock, HOOKS.clock = HOOKS.clock, lambda: later  # the next process is forked from this one
    try:
        assert fork(killed, "resume") == 0
    finally:
        HOOKS.clock = clock
    assert ending(killed)[1] == ["awake"]
