"""Programs with anyio: task groups, streams, cancel scopes, locks. What order is free is sorted."""

PROGRAMS = {
    "group_of_three": """
import anyio
done = []
async def work(name):
    done.append(await tool(name))
async with anyio.create_task_group() as tg:
    for name in ("a", "bb", "ccc"):
        tg.start_soon(work, name)
del tg
done.sort()
last = await tool("last", done)
""",
    "group_with_several_awaits": """
import anyio
done = {}
async def work(name):
    done[name] = [await tool(name, 1), await tool(name, 2)]
async def run():
    async with anyio.create_task_group() as tg:
        for name in ("a", "bb"):
            tg.start_soon(work, name)
        await tool("inside")
    return await tool("after")
out = await run()
done = sorted(done.items())
""",
    "stream": """
import anyio
got = []
async def produce(send):
    async with send:
        for i in range(3):
            await tool("put", i)
            await send.send(i)
async def consume(receive):
    async with receive:
        async for item in receive:
            got.append((item, await tool("get", item)))
async def run():
    send, receive = anyio.create_memory_object_stream(1)
    async with anyio.create_task_group() as tg:
        tg.start_soon(produce, send)
        tg.start_soon(consume, receive)
    return len(got)
n = await run()
""",
    "stream_without_tasks": """
import anyio
send, receive = anyio.create_memory_object_stream(5)
await send.send(1)
await tool("a")
await send.send(2)
first = await receive.receive()
await tool("b", first)
second = await receive.receive()
send.close(); receive.close()
del send, receive
await tool("c", second)
""",
    "move_on": """
import anyio
async def run():
    with anyio.move_on_after(0.2) as scope:
        await tool("a")
        await anyio.sleep(10)
    return scope.cancelled_caught
out = await run()
await tool("b", out)
""",
    "fail_after_within": """
import anyio
async def run():
    with anyio.fail_after(30) as scope:
        x = await tool("a")
        x += await tool("bb")
    return x, scope.cancel_called
out = await run()
await tool("c", out)
""",
    "fail_after_expires": """
import anyio
async def run():
    try:
        with anyio.fail_after(0.2):
            await tool("a")
            await anyio.sleep(10)
    except TimeoutError:
        return await tool("timeout")
out = await run()
""",
    "cancel_scope": """
import anyio
async def work(tg, name):
    await tool(name)
    if name == "bb":
        await tool("cancels")
        tg.cancel_scope.cancel()
    await anyio.sleep(20)
async def run():
    async with anyio.create_task_group() as tg:
        tg.start_soon(work, tg, "a")
        tg.start_soon(work, tg, "bb")
    return tg.cancel_scope.cancel_called
out = await run()
await tool("after", out)
""",
    "lock_event_semaphore": """
import anyio
lock, event = anyio.Lock(), anyio.Event()
sem, limiter = anyio.Semaphore(1), anyio.CapacityLimiter(2)
async def run():
    async with lock:
        await tool("locked")
    async with sem:
        await tool("sem")
    async with limiter:
        await tool("limited")
    event.set()
    await event.wait()
    return lock.locked(), sem.value, limiter.borrowed_tokens, event.is_set()
out = await run()
await tool("after", out)
del lock, event, sem, limiter
""",
    "lock_held_over_awaits_by_tasks": """
import anyio
order = []
async def work(lock, name):
    async with lock:
        order.append(("in", name))
        await tool(name)
        order.append(("out", name))
async def run():
    lock = anyio.Lock()
    async with anyio.create_task_group() as tg:
        for name in "abc":
            tg.start_soon(work, lock, name)
    return lock.locked()
out = await run()
""",
    "thread": """
import anyio
def slow(x):
    effect(f"thread {x}")
    return x * 2
async def run():
    x = await anyio.to_thread.run_sync(slow, 3)
    return x + await anyio.to_thread.run_sync(slow, 4)
out = await run()
await tool("after", out)
""",
    "error_in_a_group": """
import anyio
async def work(name):
    await tool(name)
    if name == "bb":
        raise ValueError(name)
    await anyio.sleep(20)
async def run():
    try:
        async with anyio.create_task_group() as tg:
            tg.start_soon(work, "a")
            tg.start_soon(work, "bb")
    except* ValueError as group:
        found = [str(one) for one in group.exceptions]
    return await tool("caught", found)
out = await run()
""",
    "started": """
import anyio
async def serve(name, *, task_status):
    await tool(name)
    task_status.started(name * 2)
    await tool(name, "served")
async def run():
    async with anyio.create_task_group() as tg:
        x = await tg.start(serve, "a")
        await tool("started", x)
    return x
out = await run()
await tool("after", out)
""",
}
