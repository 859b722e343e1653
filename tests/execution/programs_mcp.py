"""Programs that use tools of a server through mcp's client, in the memory of one process."""

START = """
import anyio, asyncio
from mcp import Client
from tests.support.mcp_server import make
from tests.support.task_tools import act, op
def use(client, n, pauses=1):
    return client.call_tool("use", {"label": f"use {n}", "pauses": pauses})
async def used(client, n):
    answer = await use(client, n, n % 3)
    return answer.content[0].text, await op(f"then {n}", n)
def read(answers):
    return [answer.content[0].text for answer in answers]
"""
END = """
await op("main", out)
for name in "anyio asyncio Client make client other group scope found part".split():
    globals().pop(name, None)
"""

_PROGRAMS = {
    "calls_one_after_another": """
async with Client(make()) as client:
    out = read([await use(client, 1), await use(client, 2, 3)])
    await op("main", "within")
    out += read([await use(client, 3)])
""",
    "gather_of_calls": """
async with Client(make()) as client:
    out = read([await use(client, 9)])
    out += read(await asyncio.gather(*(use(client, n, n) for n in range(4))))
    await op("main", "between")
    out += read(await asyncio.gather(*(use(client, n, n % 2) for n in range(4, 7))))
""",
    "gather_of_own_functions": """
async with Client(make()) as client:
    out = read([await use(client, 9)])
    out += await asyncio.gather(*(used(client, n) for n in range(4)))
    await op("main", "between")
    out.append(await used(client, 5))
""",
    "anyio_group_of_own_functions": """
found = {}
async def part(n):
    found[n] = await used(client, n)
async with Client(make()) as client:
    async with anyio.create_task_group() as group:
        for n in range(3):
            group.start_soon(part, n)
        await op("main", "within")
    await use(client, 4)
out = sorted(found.items())
""",
    "anyio_group_of_calls": """
async with Client(make()) as client:
    async with anyio.create_task_group() as group:
        for n in range(3):
            group.start_soon(use, client, n, n)
        await op("main", "within", 4)
    out = read([await use(client, 4)])
""",
    "deadlines_within": """
async with Client(make()) as client:
    with anyio.move_on_after(30) as scope:
        out = read([await use(client, 1)])
        with anyio.fail_after(20):
            out += read([await use(client, 2, 3)])
    out += [scope.cancelled_caught, *read([await use(client, 3)])]
""",
    "two_clients_in_scopes": """
with anyio.move_on_after(100) as scope:
    async with Client(make()) as client:
        out = read([await use(client, 1)])
        with anyio.fail_after(90):
            async with Client(make()) as other:
                out += read([await use(other, 2)])
                out += read(await asyncio.gather(use(client, 3), use(other, 4)))
            out += read([await use(client, 5)])
""",
    "through_streams": """
async with Client(make(), mode="legacy") as client:
    out = read([await use(client, 1), await use(client, 2, 3)])
    with anyio.fail_after(30):
        out += await asyncio.gather(used(client, 3), used(client, 4))
    out += read([await use(client, 5)])
""",
}

PROGRAMS = {name: START + text + END for name, text in _PROGRAMS.items()}
