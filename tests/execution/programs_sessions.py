"""Programs with a client that enters a task group of anyio, and is made again after a restart."""

START = """
import anyio, asyncio
from tests.support.sessions import Session
from tests.support.task_tools import act, op
async def ask(session, n):
    answer = await session.call(f"ask {n}", n, n % 3)
    return answer, await op(f"then {n}", n)
"""
END = """
await op("main", "last")
for name in "anyio asyncio Session ask session other client scope group found part".split():
    globals().pop(name, None)
"""

_PROGRAMS = {
    "calls_one_after_another": """
async with Session() as session:
    out = [await session.call("main", 1), await session.call("main", 2, 3)]
    await op("main", "within")
    out.append(await session.call("main", 3, 0))
    act("main", out)
""",
    "gather_of_calls": """
async with Session() as session:
    out = [await session.call("main", "first")]
    out += await asyncio.gather(*(session.call(f"call {n}", n, n) for n in range(4)))
    await op("main", "between")
    out += await asyncio.gather(*(session.call(f"again {n}", n, n % 2) for n in range(3)))
""",
    "gather_of_own_functions": """
async with Session() as session:
    out = await asyncio.gather(*(ask(session, n) for n in range(5)))
    await op("main", "between")
    out.append(await ask(session, 5))
""",
    "tasks": """
async with Session() as session:
    tasks = [asyncio.create_task(ask(session, n)) for n in range(3)]
    await op("main", "between", 4)
    async with asyncio.TaskGroup() as group:
        tasks += [group.create_task(ask(session, n)) for n in range(3, 6)]
    out = [await task for task in tasks]
    del tasks
""",
    "anyio_group_of_own_functions": """
found = {}
async def part(n):
    found[n] = await ask(session, n)
async with Session() as session:
    async with anyio.create_task_group() as group:
        for n in range(4):
            group.start_soon(part, n)
        await op("main", "within")
    await session.call("main", "after the group")
out = sorted(found.items())
""",
    "anyio_group_of_calls": """
async with Session() as session:
    async with anyio.create_task_group() as group:
        for n in range(3):
            group.start_soon(session.call, f"call {n}", n, n)
        await op("main", "within", 4)
    out = await session.call("main", "after the group")
""",
    "deadlines_within": """
async with Session() as session:
    with anyio.move_on_after(30) as scope:
        out = [await session.call("main", 1)]
        with anyio.fail_after(20):
            out.append(await session.call("main", 2, 3))
        out.append(await op("main", 3))
    out.append(scope.cancelled_caught)
    out.append(await session.call("main", 4))
""",
    "deadline_that_expires_within": """
async with Session() as session:
    out = [await session.call("main", 1)]
    with anyio.move_on_after(0.7) as scope:
        out.append(await session.call("main", 2, 3))
        await session.hang()
    out.append(scope.cancelled_caught)
    out.append(await session.call("main", 3))
""",
    "deadline_that_expires_around": """
out = []
with anyio.move_on_after(0.7) as scope:
    async with Session() as session:
        out.append(await session.call("main", 1))
        with anyio.move_on_after(50):
            out.append(await session.call("main", 2, 3))
            try:
                await session.hang()
            finally:
                act("main", "left")
out.append(scope.cancelled_caught)
""",
    "scope_cancelled_within": """
async with Session() as session:
    with anyio.CancelScope() as scope:
        out = [await session.call("main", 1)]
        scope.cancel()
        with anyio.CancelScope(shield=True):
            out.append(await session.call("main", 2))
            await op("main", "shielded")
        await session.call("main", "not sent")
    out.append(scope.cancelled_caught)
    out.append(await session.call("main", 3))
""",
    "scopes_around_and_within_two_sessions": """
async def run():
    out = []
    with anyio.move_on_after(100) as outer:
        async with Session("a") as session:
            out.append(await session.call("main", 1))
            with anyio.fail_after(90) as inner:
                async with Session("b") as other:
                    out.append(await other.call("main", 2))
                    with anyio.CancelScope() as scope:
                        out.append(await session.call("main", 3))
                        out.append(await other.call("main", 4))
                        scope.cancel()
                        await other.call("main", "not sent")
                    out.append(await other.call("main", 5))
                out.append(await session.call("main", 6))
            out.append(await session.call("main", 7))
        out.append(await op("main", "after both"))
    return out, outer.cancelled_caught, inner.cancelled_caught, scope.cancelled_caught
out = await run()
""",
    "two_at_once_in_a_group": """
async def part(n):
    out.append(await op(f"part {n}", n, 9))
out = []
async with anyio.create_task_group() as group:
    group.start_soon(part, 1)
    async with Session("a") as session, Session("b") as other:
        group.start_soon(part, 2)
        pairs = await asyncio.gather(ask(session, 3), ask(other, 4))
        with anyio.fail_after(30):
            pairs.append(await ask(other, 5))
    group.start_soon(part, 6)
out.sort()
""",
    "one_for_each_turn": """
out = []
for turn in range(3):
    async with Session(f"turn {turn}") as session:
        with anyio.fail_after(30):
            out.append(await session.call("main", turn))
            if turn == 1:
                continue
        out.append(await session.call("main", ("more", turn)))
""",
    "given_by_an_own_manager": """
from contextlib import asynccontextmanager
@asynccontextmanager
async def connected(name):
    async with Session(name) as session:
        await session.call("main", "hello")
        yield session
        await session.call("main", "good bye")
async with connected("mine") as client:
    out = [await client.call("main", 1)]
    with anyio.fail_after(30):
        out.append(await client.call("main", 2))
    out += await asyncio.gather(ask(client, 3), ask(client, 4))
del connected, asynccontextmanager
""",
    "left_by_an_error": """
try:
    async with Session() as session:
        out = [await session.call("main", 1)]
        with anyio.fail_after(30):
            await session.call("main", 2)
            raise LookupError("left")
except* LookupError as error:
    out.append(str(error.exceptions))
    out.append(await op("main", "after"))
""",
    "in_an_exit_stack": """
from contextlib import AsyncExitStack
async with AsyncExitStack() as stack:
    session = await stack.enter_async_context(Session())
    out = [await session.call("main", 1)]
    out.append(await session.call("main", 2))
    out += await asyncio.gather(ask(session, 3), ask(session, 4))
del AsyncExitStack, stack
""",
}

PROGRAMS = {name: START + text + END for name, text in _PROGRAMS.items()}
