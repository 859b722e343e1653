"""Programs that ask a local server through httpx, many at once. `url` is the server's."""

START = """
import asyncio, httpx
from tests.support.task_tools import act, op
from tests.support.web import stamp
hooks = {"request": [stamp]}
url = SERVER
"""

END = """
del httpx, stamp, hooks, url
"""

_PROGRAMS = {
    "gather_of_own_functions_with_a_client_in_a_block": """
async def get(client, n):
    r = await client.get(f"{url}/{n}")
    return r.json(), await op(f"get {n}", r.status_code, n % 3)
async with httpx.AsyncClient(event_hooks=hooks) as client:
    out = await asyncio.gather(*(get(client, n) for n in range(6)))
act("main", out)
await op("main", "after")
del client
""",
    "gather_of_the_clients_own_coroutines": """
client = httpx.AsyncClient(event_hooks=hooks)
coroutines = [client.get(f"{url}/{n}") for n in range(5)]
responses = await asyncio.gather(*coroutines)
out = [r.json() for r in responses]
await op("main", out)
more = [asyncio.create_task(client.get(f"{url}/more/{n}")) for n in range(3)]
await op("main", "between", 5)
out += [(await one).json() for one in more]
await client.aclose()
await op("main", "end")
del client, coroutines, responses, more
""",
    "fan_out_limited_by_a_semaphore": """
limit, found = asyncio.Semaphore(2), {}
async def get(client, n):
    async with limit:
        r = await client.get(f"{url}/{n}", params={"n": n})
        found[n] = r.json()
        await op(f"get {n}", n)
async def run():
    async with httpx.AsyncClient(event_hooks=hooks, base_url=url) as client:
        async with asyncio.TaskGroup() as group:
            for n in range(6):
                group.create_task(get(client, n))
    return len(found)
count = await run()
found = sorted(found.items())
await op("main", count)
""",
    "responses_kept": """
kept = {}
async def get(client, n):
    r = kept[n] = await client.get(f"{url}/{n}")
    await op(f"get {n}", n)
    r.raise_for_status()
    return r.headers["content-type"], str(r.url.path), kept[n] is r
async with httpx.AsyncClient(event_hooks=hooks) as client:
    out = await asyncio.gather(*(get(client, n) for n in range(3)))
await op("main", out)
out.append([kept[n].json() for n in sorted(kept)])
del kept, client
""",
    "errors": """
async def get(client, n):
    try:
        await client.get(f"{url}/{n}" if n % 2 else "http://127.0.0.1:1/")
    except httpx.ConnectError as error:
        return type(error).__name__, await op(f"get {n}", "refused")
    return await op(f"get {n}", n)
async with httpx.AsyncClient(event_hooks=hooks) as client:
    out = await asyncio.gather(*(get(client, n) for n in range(4)))
await op("main", out)
del client
""",
    "deadlines": """
async def get(client, n):
    r = await client.get(f"{url}/{n}")
    await op(f"get {n}", n)
    await asyncio.sleep(0.3)
    return r.json(), await op(f"get {n}", "later"), asyncio.current_task().cancelling()
async with httpx.AsyncClient(event_hooks=hooks, timeout=0.25) as client:
    out = await asyncio.gather(*(get(client, n) for n in range(3)))
await op("main", out)
del client
""",
    "anyio_group_of_own_functions": """
import anyio
found = {}
async def get(client, n):
    r = await client.get(f"{url}/{n}")
    found[n] = r.json(), await op(f"get {n}", n)
async with httpx.AsyncClient(event_hooks=hooks) as client:
    async with anyio.create_task_group() as group:
        for n in range(4):
            group.start_soon(get, client, n)
out = sorted(found.items())
await op("main", out)
del anyio, client, group, found
""",
    "anyio_group_of_the_clients_own_functions": """
import anyio
async with httpx.AsyncClient(event_hooks=hooks) as client:
    async with anyio.create_task_group() as group:
        for n in range(3):
            group.start_soon(client.get, f"{url}/{n}")
        await op("main", "within", 4)
await op("main", "after")
del anyio, client, group
""",
}

_STREAMS = {
    "lines": """
out = []
async with httpx.AsyncClient(event_hooks=hooks) as client:
    async with client.stream("GET", f"{url}/stream/a") as r:
        await op("main", r.status_code)
        async for line in r.aiter_lines():
            out.append((line, await op("main", line)))
    await op("main", "after the stream")
await op("main", len(out))
del client, r, line
""",
    "lines_of_an_iterator_with_a_name": """
out = []
async with httpx.AsyncClient(event_hooks=hooks) as client:
    async with client.stream("GET", f"{url}/stream/a") as r:
        lines = r.aiter_lines()
        out.append(await anext(lines))
        await op("main", out)
        async for line in lines:
            out.append(await op("main", line))
            if len(out) == 3:
                break
    async with client.stream("GET", f"{url}/stream/b") as r:
        out += [await op("main", line) async for line in r.aiter_lines()]
del client, r, line, lines
""",
    "a_stream_in_each_of_two_functions": """
async def read(client, name):
    found = []
    async with client.stream("GET", f"{url}/stream/{name}") as r:
        async for line in r.aiter_lines():
            found.append(await op(f"read {name}", line))
    return found
async with httpx.AsyncClient(event_hooks=hooks) as client:
    out = await asyncio.gather(read(client, "a"), read(client, "b"))
await op("main", out)
del client
""",
}

STREAMS = {name: START + text + END for name, text in _STREAMS.items()}
PROGRAMS = {name: START + text + END for name, text in _PROGRAMS.items()}
