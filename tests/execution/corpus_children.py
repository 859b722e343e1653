"""Concurrent programs: children of gather, TaskGroup and create_task. Strings only."""

PROGRAMS = {
    "gather": """
async def child(name, n):
    total = 0
    for i in range(n):
        total += await op(name, i, i % 3)
        act(name, ("so far", total))
    return total
out = await asyncio.gather(child("a", 3), child("b", 2), child("c", 0), child("d", 4))
act("main", out)
""",
    "gather_twice_in_one_expression": """
async def child(name, x):
    return x + await op(name, x, x)
pairs = {k: v for k, v in zip(await asyncio.gather(child("a", 1), child("b", 2)),
                              await asyncio.gather(child("c", 0), child("d", 3)))}
text = f"{await asyncio.gather(child('e', 1), child('f', 1))!r:>{await op('main', 10)}}"
""",
    "gather_return_exceptions": """
async def child(name, n):
    await op(name, "first", n)
    if n % 2:
        raise ValueError(name)
    try:
        return await op(name, "second", 1, KeyError(name) if n == 2 else None)
    finally:
        act(name, "finally")
got = await asyncio.gather(*(child(f"c{n}", n) for n in range(5)), return_exceptions=True)
out = [repr(x) for x in got]
""",
    "gather_whose_child_fails_lets_the_others_go_on": """
gate = asyncio.Event()
async def slow(name):
    await op(name, 1, 2)
    await gate.wait()
    return await op(name, 2)
async def fails():
    await op("fails", 1)
    raise ValueError("no")
tasks = [asyncio.create_task(slow("a")), asyncio.create_task(slow("b"))]
try:
    await asyncio.gather(*tasks, fails())
except ValueError as error:
    act("main", repr(error))
    await op("main", "handled")
gate.set()
out = await asyncio.gather(*tasks)
""",
    "gather_nested": """
async def child(name, *inner):
    mine = await op(name, 0)
    got = await asyncio.gather(*inner)
    return [name, mine, got, await op(name, 1, 0)]
async def middle(name):
    return await asyncio.gather(child(name + "1"), child(name + "2", child(name + "3")))
out = await asyncio.gather(
    asyncio.gather(middle("a"), child("b")), child("c", middle("d")), asyncio.gather()
)
""",
    "gather_of_a_librarys_coroutines": """
client = Client("x")
urls = ["u0", "u1", "u2", "u3", "u4"]
out = await asyncio.gather(*[client.get(u, i % 3) for i, u in enumerate(urls)])
async def child(name):
    return await client.get(name), await op(name, 1)
out += await asyncio.gather(op("lib", 7, 3), child("mine"), client.get("last", 5))
await op("main", "end")
""",
    "gather_of_a_librarys_coroutines_with_cells": """
client = Client("x")
out = await asyncio.gather(
    client.ask("a", "b", pauses=3, page="1"), client.ask("c", pauses=0), client.ask(of="d")
)
await op("main", out)
asked = [client.ask("e", pauses=n, n=str(n)) for n in range(3)]
await op("main", "between")
out += await asyncio.gather(*asked)
del asked
""",
    "gather_of_a_librarys_coroutines_that_fail": """
got = await asyncio.gather(
    op("a", 1, 2, ValueError("a")), op("b", 2, 3), op("c", 3, 0, KeyError("c")),
    return_exceptions=True,
)
kinds = [type(x).__name__ for x in got]
try:
    await asyncio.gather(op("d", 1, 1, OSError("d")), op("e", 2, 4))
except OSError as error:
    await op("main", repr(error), 6)
""",
    "gather_the_same_task_twice": """
async def child(name):
    return [await op(name, 1, 2)]
task = asyncio.create_task(child("a"))
first, second, third = await asyncio.gather(task, task, child("b"))
same = first is second
first.append(await op("main", "x"))
""",
    "gather_thousandfold_in_small": """
async def child(i):
    return i * 2 if i % 5 else await op(f"c{i}", i, i % 3) * 2
out = sum(await asyncio.gather(*map(child, range(40))))
""",
    "group": """
async def child(name, n):
    items = []
    for i in range(n):
        items.append(await op(name, i, i))
    return items
async with asyncio.TaskGroup() as group:
    first = group.create_task(child("a", 3))
    await op("main", "in the body")
    second = group.create_task(child("b", 2))
    act("main", "body ends")
act("main", "all ended")
out = first.result() + second.result()
""",
    "group_in_a_function_with_locals": """
async def child(name, box):
    box[name] = await op(name, len(name))
    return box
async def work(n):
    box = {}
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(child("c" * (i + 1), box)) for i in range(n)]
    same = all(t.result() is box for t in tasks)
    return same, sorted(box.items()), await op("main", n)
out = [await work(2), await work(3)]
""",
    "group_with_a_failing_child": """
ready = {name: asyncio.Event() for name in "ab"}
async def waits(name):
    try:
        await op(name, 1)
        ready[name].set()
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        act(name, "cancelled")
        raise
    finally:
        await op(name, "cleanup", 2)
async def fails():
    for event in ready.values():
        await event.wait()
    await op("fails", 1)
    raise ValueError("no")
try:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(waits(name)) for name in "ab"]
        failing = group.create_task(fails())
except* ValueError as errors:
    out = [repr(e) for e in errors.exceptions]
    await op("main", "handled")
states = [t.cancelled() for t in tasks], repr(failing.exception())
""",
    "group_with_two_failing_children": """
ready = asyncio.Event()
async def second():
    try:
        ready.set()
        await hang("second", 1)
    except asyncio.CancelledError:
        await op("second", "handler")
        raise KeyError("while cancelled") from None
async def first():
    await ready.wait()
    await op("first", 1)
    raise ValueError("first")
try:
    async with asyncio.TaskGroup() as group:
        group.create_task(second())
        group.create_task(first())
except ExceptionGroup as errors:
    out = errors.message, [repr(e) for e in errors.exceptions]
""",
    "group_whose_body_fails": """
started = asyncio.Event()
async def waits():
    started.set()
    try:
        await asyncio.Event().wait()
    finally:
        await op("child", "cleanup")
try:
    async with asyncio.TaskGroup() as group:
        group.create_task(waits())
        await started.wait()
        await op("main", 1)
        raise KeyError("body")
except* KeyError as errors:
    out = repr(errors)
await op("main", 2)
""",
    "groups_nested": """
async def child(name, depth):
    await op(name, "in", depth)
    if depth:
        async with asyncio.TaskGroup() as group:
            for i in range(2):
                group.create_task(child(f"{name}{i}", depth - 1))
            await op(name, "body", 0)
    return await op(name, "out")
async with asyncio.TaskGroup() as outer:
    tasks = [outer.create_task(child(n, 2), name=n) for n in "ab"]
    async with asyncio.TaskGroup() as inner:
        tasks.append(inner.create_task(child("c", 1), name="c"))
    act("main", "inner ended")
out = {t.get_name(): t.result() for t in tasks}
""",
    "children_that_create_children_in_the_same_group": """
seen = set()
async def visit(group, node):
    seen.add(node)
    for next_ in await op(f"n{node}", [node * 2, node * 2 + 1], node % 3):
        if next_ < 12 and next_ not in seen:
            group.create_task(visit(group, next_))
    act(f"n{node}", "left")
async with asyncio.TaskGroup() as group:
    group.create_task(visit(group, 1))
out = sorted(seen)
""",
    "task_awaited": """
async def child(name, n):
    for i in range(n):
        await op(name, i)
    return n
out = await asyncio.create_task(child("a", 2))
task = asyncio.create_task(child("b", 3), name="b")
await op("main", 1)
act("main", task.get_name())
out += await task + (await asyncio.create_task(child("c", 1)))
""",
    "task_awaited_in_a_later_statement": """
async def child(name, n):
    found = []
    for i in range(n):
        found.append(await op(name, i, 2))
    return found
task = asyncio.create_task(child("a", 5))
other = asyncio.create_task(child("b", 1))
x = await op("main", 1)
for i in range(2):
    x += await op("main", i)
y = len(await task)
act("main", y)
await op("main", "between", 4)
z = await other
again = await task is task.result()
""",
    "task_never_awaited": """
done = set()
async def child(name, n):
    for i in range(n):
        await op(name, i, 2)
    done.add(name)
background = set()
for name in "ab":
    task = asyncio.create_task(child(name, 4))
    background.add(task)
    task.add_done_callback(background.discard)
    del task
await op("main", 1)
act("main", "the last statement")
""",
    "task_never_awaited_that_outlives_a_function": """
out = []
async def child(name):
    out.append(await op(name, 1, 3))
    await op(name, 2, 3)
async def starts():
    asyncio.get_running_loop().call_soon(out.append, "soon")
    kept.append(asyncio.create_task(child("a")))
    return await op("main", "started", 0)
kept = []
await starts()
await op("main", "end")
""",
    "child_raises_and_somebody_else_looks": """
async def fails(name):
    await op(name, 1)
    raise ValueError(name) from KeyError(await op(name, 2))
task = asyncio.create_task(fails("a"))
await asyncio.wait([task])
error = task.exception()
out = repr(error), repr(error.__cause__)
await op("main", 1)
try:
    await task
except ValueError as caught:
    same = caught is error
    await op("main", "handled")
    del error
""",
    "tree_of_tasks": """
async def fib(n, name=""):
    if n < 2:
        return await op(f"fib{name}", n, n)
    left = asyncio.create_task(fib(n - 1, name + "l"))
    right = asyncio.create_task(fib(n - 2, name + "r"))
    return await left + await right
out = await fib(5)
""",
    "coroutines_in_a_list_and_by_name": """
async def child(name, n):
    for i in range(n):
        act(name, await op(name, i, i))
    return name * n
coroutines = [child("a", 2), child("b", 0), child("c", 3)]
names = dict(zip(coroutines, "abc"))
tasks = [asyncio.create_task(one) for one in coroutines]
act("main", await op("main", 1))
out = {names[task.get_coro()]: await task for task in tasks}
act("main", [task.get_coro() is one for task, one in zip(tasks, coroutines)])
""",
    "closures_in_a_list": """
async def group(name):
    seen = []
    async def child(n):
        for i in range(n):
            seen.append(await op(f"{name}{n}", i, i))
        return len(seen)
    waiting = [child(1), child(2), child(3)]
    return await asyncio.gather(*waiting), seen
out = [len(x) for x in await asyncio.gather(group("a"), group("b"))]
""",
    "what_children_gave_is_changed_by_others": """
shared = {"n": 0}
async def child(name):
    await op(name, 1)
    return shared
async def later(name, task):
    for i in range(3):
        await op(name, i)
        (await task)["n"] += 1
        act(name, task.result()["n"] > 0)
first = asyncio.create_task(child("first"))
await asyncio.gather(later("a", first), later("b", first))
out = (first.result() is shared, shared)
""",
    "ten_children_that_come_and_go": """
async def child(name, n):
    for i in range(n):
        await op(name, i, i)
    return n
running, out = set(), []
for n in range(10):
    running.add(asyncio.create_task(child(f"c{n}", n % 4)))
    if len(running) > 3:
        done, running = await asyncio.wait(running, return_when="FIRST_COMPLETED")
        out += [task.result() for task in done]
    del n
out = sorted([*out, *await asyncio.gather(*running)])
done = running = None
""",
}
