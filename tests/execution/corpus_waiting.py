"""Concurrent programs: waiting for children, with and without an end to the patience."""

PROGRAMS = {
    "wait_for_in_time": """
async def child(name):
    return [await op(name, i) for i in range(3)]
out = await asyncio.wait_for(child("a"), 60)
out += await asyncio.gather(*(asyncio.wait_for(child(n), 60) for n in "bc"))
out.append(await asyncio.wait_for(op("lib", 1, 4), 60))
out.append(await asyncio.wait_for(op("none", 1), None))
""",
    "wait_for_that_expires": """
async def child(name):
    act(name, "begun")
    try:
        await asyncio.Event().wait()
    finally:
        act(name, "given up")
        await op(name, "cleanup")
async def patient(name):
    try:
        await asyncio.wait_for(child(name), 0.02)
    except TimeoutError as error:
        return await op(name + "'s parent", repr(error))
out = await asyncio.gather(patient("a"), patient("b"))
try:
    await asyncio.wait_for(hang("lib", 1), 0.01)
except TimeoutError:
    act("main", "expired")
""",
    "wait_for_of_a_task_that_others_await": """
async def child():
    return [await op("a", i, 2) for i in range(3)]
task = asyncio.create_task(child())
async def waits(name):
    got = await asyncio.wait_for(asyncio.shield(task), 60)
    await op(name, len(got))
    return got
one, two = await asyncio.gather(waits("b"), waits("c"))
same = one is two is task.result()
""",
    "timeouts_nested_and_rescheduled": """
loop = asyncio.get_running_loop()
async def child(name):
    async with asyncio.timeout(60) as outer:
        try:
            async with asyncio.timeout(None) as inner:
                await op(name, 1)
                inner.reschedule(loop.time() + 0.01)
                await asyncio.Event().wait()
        except TimeoutError:
            await op(name, 2)
        outer.reschedule(None)
        await op(name, 3)
    return inner.expired(), outer.expired(), outer.when()
out = await asyncio.gather(child("a"), child("b"))
del loop
""",
    "timeout_around_a_gather": """
begun = {name: asyncio.Event() for name in "ab"}
async def child(name, n):
    begun[name].set()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        for i in range(n):
            await op(name, ("cancelled", i))
        raise
async def clock(limit):
    for event in begun.values():
        await event.wait()
    limit.reschedule(asyncio.get_running_loop().time() + 0.01)
try:
    async with asyncio.timeout(None) as limit:
        await asyncio.gather(child("a", 1), child("b", 2), clock(limit))
except TimeoutError:
    out = await op("main", "late")
""",
    "wait_first_completed": """
gate = asyncio.Event()
async def child(name, waits):
    await op(name, 1, 2)
    if waits:
        await gate.wait()
    return await op(name, 2)
tasks = {asyncio.create_task(child(n, n != "a"), name=n) for n in "abc"}
done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
act("main", [t.get_name() for t in done])
same = done | pending == tasks
gate.set()
await op("main", 1)
later, none = await asyncio.wait(pending)
out = sorted(t.get_name() for t in later), len(none)
del done, pending, later, tasks
""",
    "wait_first_exception": """
gate = asyncio.Event()
async def child(name):
    await op(name, 1)
    if name == "b":
        await op(name, 2)
        raise ValueError(name)
    await gate.wait()
    return await op(name, 3)
async def main():
    tasks = [asyncio.create_task(child(n), name=n) for n in "abc"]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    act("main", [repr(t.exception()) for t in done])
    gate.set()
    for task in tasks:
        if task in pending:
            act("main", await task)
    return [t.get_name() for t in tasks if t in done]
out = await main()
""",
    "wait_with_a_timeout": """
gate = asyncio.Event()
async def child(name):
    await op(name, 1)
    if name != "a":
        await gate.wait()
        await op(name, 2)
tasks = [asyncio.create_task(child(n)) for n in "ab"]
await asyncio.wait(tasks[:1])
done, pending = await asyncio.wait(tasks, timeout=0.01)
act("main", [tasks[0] in done, tasks[1] in pending])
gate.set()
await op("main", 1)
await asyncio.wait(tasks, timeout=60)
out = [t.done() for t in tasks]
del done, pending
""",
    "as_completed_of_a_librarys_coroutines": """
total = 0
async def main():
    global total
    for first in asyncio.as_completed([op(f"u{i}", i, i) for i in range(4)]):
        total += await first
    return await op("main", total)
out = await main()
""",
    "to_thread_in_children": """
async def child(name, n):
    total = 0
    for i in range(n):
        total += await asyncio.to_thread(block, name, i)
        act(name, total)
    return total, await op(name, "end")
out = await asyncio.gather(child("a", 2), child("b", 3))
out.append(await asyncio.gather(*[asyncio.to_thread(block, f"t{i}", i) for i in range(3)]))
""",
    "sleeping_children": """
async def child(name, seconds):
    for i in range(3):
        await asyncio.sleep(seconds)
        await op(name, i, 0)
    await asyncio.sleep(0)
    return await asyncio.sleep(seconds, name)
out = await asyncio.gather(child("a", 0), child("b", 0.001), child("c", 0.01))
""",
    "retries_in_children": """
tries = {}
async def flaky(name, fails):
    tries[name] = tries.get(name, 0) + 1
    await op(name, tries[name])
    if tries[name] <= fails:
        raise OSError(name, tries[name])
    return tries[name]
async def child(name, fails):
    for attempt in range(4):
        try:
            async with asyncio.timeout(60):
                return await flaky(name, fails)
        except OSError as error:
            await op(name, repr(error), 0)
            await asyncio.sleep(0.001)
    raise RuntimeError(name)
out = await asyncio.gather(*(child(f"c{n}", n) for n in range(5)), return_exceptions=True)
""",
    "shield_with_the_outer_cancelled": """
async def inner():
    for i in range(3):
        await op("inner", i, 2)
    return "kept"
task = asyncio.create_task(inner())
started = asyncio.Event()
async def outer():
    started.set()
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        act("outer", "cancelled")
        await op("outer", "handler")
        return "outer ended"
waiter = asyncio.create_task(outer())
await started.wait()
waiter.cancel()
await op("main", "asked", 0)
out = [await waiter, await task, task.cancelled()]
""",
    "as_completed": """
turns = [asyncio.Event() for _ in range(4)]
async def child(i):
    await op(f"c{i}", 1, i)
    await turns[i].wait()
    return await op(f"c{i}", i * 10)
turns[2].set()
order = iter([0, 3, 1])
for first in asyncio.as_completed([child(i) for i in range(4)]):
    act("main", await first)
    await op("main", "next")
    if (turn := next(order, None)) is not None:
        turns[turn].set()
del first
""",
    "timeout_that_is_over_when_it_begins": """
async def child(name):
    await op(name, 1)
    try:
        async with asyncio.timeout(0) as limit:
            await hang(name, "stuck")
    except TimeoutError:
        await op(name, "late")
    return limit.expired()
async def beside(name):
    await op(name, 1)
    await op(name, 2)
    return name
tasks = [asyncio.create_task(one) for one in (child("a"), beside("b"), child("c"))]
try:
    async with asyncio.timeout(0):
        await hang("main", "stuck")
except TimeoutError:
    await op("main", "late")
out = await asyncio.gather(*tasks)
del tasks
""",
    "timeout_in_children": """
async def child(name, how):
    await op(name, 1)
    try:
        async with asyncio.timeout(0.02 if how else 60) as limit:
            if how:
                await hang(name, "stuck")
            await op(name, 2)
    except TimeoutError:
        await op(name, "late")
    return limit.expired()
out = await asyncio.gather(child("a", True), child("b", False), child("c", True))
""",
}
