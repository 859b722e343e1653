"""Concurrent programs: locks, semaphores, events, conditions, barriers and queues."""

PROGRAMS = {
    "lock_held_across_an_await": """
lock, shared, order = asyncio.Lock(), {"n": 0}, []
async def child(name):
    for i in range(3):
        async with lock:
            before = shared["n"]
            await op(name, i, 2)
            shared["n"] = before + 1
            order.append(name)
        await op(name, ("outside", i), 0)
await asyncio.gather(*(child(n) for n in "abc"))
out = shared["n"], sorted(order), lock.locked()
del order
""",
    "lock_by_hand_with_one_who_gives_up": """
lock, out = asyncio.Lock(), []
async def holds():
    await lock.acquire()
    try:
        await op("holds", 1)
        await given_up.wait()
        await op("holds", 2)
    finally:
        lock.release()
async def gives_up():
    try:
        await asyncio.wait_for(lock.acquire(), 0.01)
    except TimeoutError:
        await op("gives up", "late")
        given_up.set()
async def waits():
    async with lock:
        out.append(await op("waits", 1))
given_up = asyncio.Event()
holder = asyncio.create_task(holds())
await op("main", 1, 4)
await asyncio.gather(gives_up(), waits(), holder)
""",
    "semaphore_limited_fan_out": """
limit, running, most = asyncio.Semaphore(3), 0, 0
async def fetch(i):
    global running, most
    async with limit:
        running += 1
        most = max(most, running)
        try:
            got = await op(f"item{i}", i, 1 + i % 3)
            await op(f"item{i}", "stored", 0)
            return got * 2
        finally:
            running -= 1
out = await asyncio.gather(*(fetch(i) for i in range(10)))
most = most <= 3
""",
    "bounded_semaphore": """
limit = asyncio.BoundedSemaphore(2)
async def child(name):
    await limit.acquire()
    try:
        await op(name, 1, 2)
        if name == "b":
            raise ValueError(name)
    finally:
        limit.release()
    return await op(name, 2)
got = await asyncio.gather(*(child(n) for n in "abcd"), return_exceptions=True)
try:
    limit.release()
except ValueError as error:
    out = str(error)
""",
    "event": """
event = asyncio.Event()
async def waits(name):
    await op(name, 1)
    await event.wait()
    return await op(name, 2)
tasks = [asyncio.create_task(waits(n)) for n in "abc"]
await op("main", 1, 5)
event.set()
await op("main", 2, 0)
out = await asyncio.gather(*tasks), event.is_set()
""",
    "event_cleared_before_the_waiter_steps": """
event, go = asyncio.Event(), asyncio.Event()
async def waits(name):
    go.set()
    await event.wait()
    act(name, event.is_set())
    return await op(name, 1)
task = asyncio.create_task(waits("a"))
await go.wait()
event.set()
event.clear()
await op("main", "between", 0)
out = await task
""",
    "condition_notify": """
condition, items, out = asyncio.Condition(), [], []
async def takes(name):
    async with condition:
        while not items:
            await condition.wait()
        out.append(items.pop(0))
        await op(name, "took", 0)
tasks = [asyncio.create_task(takes(n)) for n in "abc"]
for i in range(3):
    async with condition:
        await op("main", i)
        items.append(i)
        condition.notify()
await asyncio.gather(*tasks)
out.sort()
""",
    "condition_notify_all_and_wait_for": """
condition, state = asyncio.Condition(), {"n": 0}
async def waits(name, at):
    async with condition:
        await condition.wait_for(lambda: state["n"] >= at)
        await op(name, at)
    return name
tasks = [asyncio.create_task(waits(f"w{n}", n)) for n in range(4)]
for i in range(3):
    await op("main", i)
    async with condition:
        state["n"] += 1
        condition.notify_all()
        await op("main", ("told", i), 0)
out = await asyncio.gather(*tasks)
""",
    "barrier": """
barrier, before = asyncio.Barrier(3), []
async def child(name):
    await op(name, 1, len(name))
    before.append(name)
    position = await barrier.wait()
    act(name, len(before))
    await op(name, 2)
    async with barrier:
        act(name, "second round")
    return position
out = sorted(await asyncio.gather(child("a"), child("bb"), child("ccc")))
before.sort()
""",
    "queue_of_producers_and_consumers": """
queue, out = asyncio.Queue(2), []
async def produces(name):
    for i in range(3):
        await op(name, i)
        await queue.put((name, i))
    act(name, "all put")
async def consumes():
    while True:
        name, i = await queue.get()
        try:
            await op(f"{name}{i}", "used", i)
            out.append((name, i))
        finally:
            queue.task_done()
workers = [asyncio.create_task(consumes()) for _ in range(2)]
await asyncio.gather(produces("a"), produces("b"))
await queue.join()
for worker in workers:
    worker.cancel()
ended = await asyncio.gather(*workers, return_exceptions=True)
ended = [type(e).__name__ for e in ended]
out.sort()
""",
    "queue_with_an_end_mark": """
async def produces(queue, items):
    for item in items:
        await queue.put(await op("producer", item))
    await queue.put(None)
async def consumes(queue):
    total = 0
    while (item := await queue.get()) is not None:
        total += await op("consumer", item, 0)
        queue.task_done()
    return total, queue.qsize()
async def main():
    queue = asyncio.Queue(maxsize=1)
    async with asyncio.TaskGroup() as group:
        group.create_task(produces(queue, [1, 2, 3, 4]))
        total = group.create_task(consumes(queue))
    return total.result()
out = await main()
""",
    "lifo_and_priority_queues": """
stack, heap = asyncio.LifoQueue(), asyncio.PriorityQueue()
async def fill(queue, name):
    for i in (3, 1, 2):
        await queue.put((i, name))
        await op(name, i)
async def empty(queue, name):
    got = []
    while not queue.empty():
        got.append((await queue.get())[0])
        await op(name, "took", 0)
        queue.task_done()
    await queue.join()
    return got
await asyncio.gather(fill(stack, "stack"), fill(heap, "heap"))
out = await asyncio.gather(empty(stack, "stack"), empty(heap, "heap"))
""",
    "queue_whose_getters_wait": """
queue = asyncio.Queue()
async def gets(name):
    await op(name, "waits", 0)
    return await queue.get()
tasks = [asyncio.create_task(gets(n)) for n in "abc"]
await op("main", 1, 2)
for i in range(2):
    queue.put_nowait([i])
    await op("main", ("put", i), 0)
tasks[0].cancel()
await op("main", "cancelled", 0)
queue.put_nowait([2])
got = await asyncio.gather(*tasks, return_exceptions=True)
out = sorted(x[0] for x in got if isinstance(x, list)), queue.qsize()
del got, tasks, queue
""",
    "pipeline_of_queues": """
async def stage(name, source, sink):
    while (item := await source.get()) is not None:
        item = [*item, name]
        await op(name, item)
        await sink.put(item)
    await sink.put(None)
async def main():
    queues = [asyncio.Queue(1) for _ in range(4)]
    async with asyncio.TaskGroup() as group:
        for i in range(3):
            group.create_task(stage(f"s{i}", queues[i], queues[i + 1]))
        for i in range(3):
            await queues[0].put([i])
        await queues[0].put(None)
        found = []
        while (item := await queues[-1].get()) is not None:
            found.append(item)
    return found
out = await main()
""",
}
