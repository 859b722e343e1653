"""SIGKILL where what cannot be stored was made on a line of its own: real libraries, real log."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.execution.chains import ending, fork, prepare
from tests.execution.test_remade import check, over_a_frame

HELD = {
    "csv": """
got = []
f = open(here / "rows.csv")
row = csv.DictReader(f)
got.append(row.fieldnames)
for item in row:
    got.append(await tool(item["name"]))
    effect(item["name"])
f.close()
del f
""",
    "file after next": """
got = []
f = open(here / "rows.csv")
got.append(next(f))
got.append(await tool(next(f)))
got.append(next(f).strip())
got.append(await tool("third"))
got.append(f.read())
f.close()
del f
""",
    "file after a loop of plain code": """
got = []
f = open(here / "rows.csv")
for row in f:
    got.append(row)
    if len(got) == 2:
        break
got.append(await tool("second"))
got += [next(f), await tool("third")]
got += list(itertools.islice(f, 1))
f.close()
del f
""",
    "directories": """
got = []
m = here.iterdir()
got.append(await tool(next(m).name))
for item in m:
    got.append(await tool(item.name))
key = os.scandir(here)
for entry in key:
    got.append(await tool(entry.name))
""",
    "sqlite cursor": """
import sqlite3
db = sqlite3.connect(here / "db.sqlite")
db.execute("drop table if exists t")
db.execute("create table t (n)")
db.executemany("insert into t values (?)", [(1,), (2,), (3,)])
db.commit()
got = []
key = db.execute("select n from t order by n")
got.append(key.fetchone())
got.append(await tool("first"))
for item in key:
    got.append((item, await tool(str(item[0]))))
m = db.execute("insert into t values (4)")
db.commit()
got.append(await tool("insert"))
m = db.execute("select count(*) from t").fetchone()
got.append(m)
db.close()
del db
""",
}
FRAMES = {
    "iterrows": "m = df.iterrows()\nrow = await tool(str(next(m)[0]))\n"
    "for i, row in m:\n    got.append(await tool(str(i), int(row['n'])))",
    "itertuples": "m = df.itertuples()\nrow = next(m)\n"
    "for row in m:\n    got.append(await tool(str(row.Index), row.n))",
    "items": "m = df.items()\nfor i, row in m:\n    got.append(await tool(i, str(row[0])))",
    "groupby": "m = iter(df.groupby('k'))\nrow = next(m)\n"
    "for key, row in m:\n    got.append(await tool(key, len(row)))\ngot.append(await tool('x'))\n"
    "got.append(await tool('y'))",
    "chunks": "with pd.read_csv(path, chunksize=1) as m:\n"
    "    got.append(await tool(str(len(m.get_chunk(1)))))\n"
    "    for row in m:\n        got.append(await tool(str(row['n'].iloc[0])))",
    "chunks in a variable": "m = pd.read_csv(path, chunksize=1)\n"
    "got.append(await tool(str(len(m.get_chunk(1)))))\n"
    "for row in m:\n    got.append(await tool(str(row['n'].iloc[0])))\n"
    "got.append(isinstance(m, pd.io.parsers.TextFileReader))\nm.close()",
}
HELD |= {name: over_a_frame(loop) for name, loop in FRAMES.items()}
HELD["nditer"] = """
import numpy as np
got = []
m = np.nditer(np.arange(4).reshape(2, 2), flags=["multi_index"])
for item in m:
    got.append((str(item), m.multi_index, await tool(str(item))))
"""
HELD["tqdm"] = """
import io
from tqdm import tqdm
got = []
bar = tqdm(re.finditer(".", "abcd"), file=io.StringIO(), total=4, mininterval=0, miniters=1)
for m in bar:
    got.append(await tool(m.group()))
    effect(f"bar at {bar.n}")
"""
HELD["more_itertools"] = """
import more_itertools as mi
got = []
m = mi.windowed(re.finditer(".", "abcd"), 2)
for i, key in m:
    got.append(await tool(i.group(), key.group()))
    if len(got) == 2:
        break
got.append(len(list(m)))
m = mi.peekable(re.finditer(".", "abc"))
got.append(m.peek().group())
for key in m:
    got.append(await tool(key.group()))
for key in mi.chunked(re.finditer(".", "abcde"), 2):
    got.append(await tool(str(len(key))))
i = None
"""
HELD["rich"] = """
import io
from rich.console import Console
from rich.progress import Progress, track
got = []
drawn = Console(file=io.StringIO())
for item in track([1, 2, 3], console=drawn, transient=True):
    got.append(await tool("t", item))
with Progress(console=Console(file=io.StringIO())) as m:
    key = m.add_task("work", total=3)
    for item in range(3):
        got.append(await tool("p", item))
        m.update(key, advance=1)
        effect(f"at {m.tasks[0].completed}")
del drawn, Console
"""


@pytest.mark.parametrize("cell", HELD.values(), ids=HELD)
def test_killed_program_goes_on_with_what_it_held(cell: str, tmp_path: Path) -> None:
    check(tmp_path, cell)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A local server that speaks as much of the OpenAI protocol as its client asks for."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


class Answer(BaseHTTPRequestHandler):
    """Says what it was asked, once per request."""

    def do_GET(self) -> None:  # named by its base
        self._say("text/plain", self.path.encode())

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = {"role": "assistant", "content": f"you said {asked['messages'][-1]['content']}"}
        choice = {"index": 0, "finish_reason": "stop", "message": said}
        whole = {"id": "1", "object": "chat.completion", "created": 1, "model": asked["model"]}
        self._say("application/json", json.dumps(whole | {"choices": [choice]}).encode())

    def _say(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


HEAD = """
class Agent: pass
agent, got, url = Agent(), [], SERVER
"""
CLIENTS = {
    "AsyncOpenAI never entered": """
from openai import AsyncOpenAI
client = AsyncOpenAI(api_key="k", base_url=url + "/v1", max_retries=0)
agent.client = client
chat = client.chat.completions
async def ask(text):
    said = await agent.client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": text}]
    )
    return said.choices[0].message.content
for n in range(3):
    got.append(await ask(f"text {n}"))
    got.append(await tool("n", n))
    effect(str(agent.client is client))
await client.close()
del client, chat, ask
""",
    "AsyncOpenAI entered": """
from openai import AsyncOpenAI
async with AsyncOpenAI(api_key="k", base_url=url + "/v1", max_retries=0) as client:
    agent.client = client
    for n in range(3):
        said = await agent.client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": f"text {n}"}]
        )
        got.append(said.choices[0].message.content)
        got.append(await tool("n", n))
        effect(str(agent.client is client))
del client, said
""",
    "aiohttp": """
import aiohttp
async with aiohttp.ClientSession() as client:
    agent.client = client
    for n in range(3):
        async with agent.client.get(f"{url}/{n}") as answer:
            got.append(await answer.text())
        got.append(await tool("n", n))
        effect(str(agent.client is client))
del client, answer
""",
    "httpx on a line": """
import httpx
client = httpx.AsyncClient(base_url=url)
agent.client = client
for n in range(2):
    got.append((await agent.client.get(f"/{n}")).text)
    got.append(await tool("n", n))
await client.aclose()
client = httpx.AsyncClient(base_url=url)
agent.client = client
async with client:
    for n in range(2):
        got.append((await agent.client.get(f"/{n}")).text)
        got.append(await tool("m", n))
        effect(str(agent.client is client))
del client
""",
    "aiosqlite": """
import aiosqlite
async with aiosqlite.connect(here / "a.sqlite") as client:
    agent.client = client
    await client.execute("create table if not exists t (n)")
    for n in range(3):
        got.append(await tool("n", n))
        async with agent.client.execute("select 1 + ?", (n,)) as answer:
            got.append(await answer.fetchone())
        effect(str(agent.client is client))
del client, answer
""",
    "sqlite3 on a line": """
import sqlite3
client = sqlite3.connect(here / "b.sqlite")
agent.client = client
kept = (client, {client: 1}, [client])
client.execute("create table if not exists t (n)")
for n in range(3):
    with client:
        got.append(await tool("n", n))
        got.append(agent.client.execute("select 1 + ?", (n,)).fetchone())
    effect(str(agent.client is client is kept[0] is kept[2][0] and client in kept[1]))
client.close()
del client, kept
""",
    "pool on a line": """
from concurrent.futures import ThreadPoolExecutor
client = ThreadPoolExecutor(2)
agent.client = client
for n in range(3):
    got.append(client.submit(pow, 2, n).result())
    got.append(await tool("n", n))
    got.append(agent.client.submit(pow, 3, n).result())
client.shutdown()
del client
""",
    "stack and closing": """
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, closing
import httpx
with closing(sqlite3.connect(":memory:")) as db, ExitStack() as stack:
    client = stack.enter_context(ThreadPoolExecutor(1))
    for n in range(2):
        got.append(client.submit(pow, 2, n).result())
        got.append(await tool("n", n))
        got.append(db.execute("select ?", (n,)).fetchone())
async with AsyncExitStack() as stack:
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=url))
    db = stack.enter_context(closing(sqlite3.connect(":memory:")))
    for n in range(2):
        got.append((await client.get(f"/{n}")).text)
        got.append(await tool("m", n))
        got.append(db.execute("select ?", (n,)).fetchone())
del client, db, stack
""",
}


@pytest.mark.parametrize("cell", CLIENTS.values(), ids=CLIENTS)
def test_killed_program_goes_on_with_new_clients(cell: str, server: str, tmp_path: Path) -> None:
    """The new object is where the old one was, for every reference."""
    check(tmp_path, HEAD.replace("SERVER", repr(server)) + cell + "del agent, url, Agent, n\n")


def test_what_is_made_again_is_said_before_it_runs(tmp_path: Path) -> None:
    """With its line and what will happen; what was set in it since then too."""
    text = (
        "import re\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(1)\n"
        "pool.label = 'mine'\n"
        "found = re.finditer('.', 'ab')\n"
        "await tool('x')\n"
        "pool.shutdown()\n"
    )
    killed = prepare(tmp_path / "killed", text)
    assert fork(killed, "run", "issue", 1) == -signal.SIGKILL
    said = (killed / "log.txt").read_text()
    assert (
        "line 3: ThreadPoolExecutor() gave what cannot be stored: after a restart it is called "
        "again, and the new object takes the old one's place" in said
    )
    assert (
        "line 3: label was set in what ThreadPoolExecutor() gave: after a restart it is not set in "
        "the new object" in said
    )
    assert (
        "line 5: finditer() gave an iterator that cannot be stored: after a restart it is made "
        "again, and what was taken from it is compared and skipped" in said
    )


def test_a_file_that_changed_before_its_place_stops_the_resume(tmp_path: Path) -> None:
    """The error names the file; nothing is read from the wrong place."""
    text = (
        "import os\n"
        "name = os.environ['OUTSIDE'] + '.rows'\n"
        "f = open(name)\n"
        "got = [next(f)]\n"
        "await tool('x')\n"
        "got.append(next(f))\n"
        "f.close()\n"
        "del f\n"
    )
    killed = prepare(tmp_path / "killed", text)
    rows = killed / "outside.txt.rows"
    rows.write_text("one\ntwo\n")
    assert fork(killed, "run", "done", 1) == -signal.SIGKILL
    rows.write_text("other\ntwo\n")
    fork(killed, "resume")
    error = ending(killed)[0]["error"]
    assert f"{rows} has changed before the place where it was read to" in error
    rows.write_text("one\ntwo\n")
    assert fork(killed, "resume") == 0
    assert ending(killed)[0]["namespace"]["got"] == ["list", ["'one\\n'", "'two\\n'"]]
