"""Concurrent programs: cancellation, asked for and not yet delivered, caught, and taken back."""

PROGRAMS = {
    "cancelled_while_an_operation_is_in_flight": """
started = asyncio.Event()
async def child():
    await op("child", 1)
    started.set()
    try:
        await hang("child", "long")
    finally:
        act("child", "finally")
        await op("child", "cleanup", 2)
task = asyncio.create_task(child())
await started.wait()
asked = task.cancel("enough")
await op("main", "asked", 0)
try:
    await task
except asyncio.CancelledError as error:
    out = error.args, task.cancelled()
await op("main", "after")
""",
    "cancelled_before_it_began": """
async def child(name):
    act(name, "never")
    await op(name, "never")
tasks = [asyncio.create_task(child(n)) for n in "ab"]
for task in tasks:
    task.cancel()
    await op("main", "asked", 0)
got = await asyncio.gather(*tasks, return_exceptions=True)
out = [type(e).__name__ for e in got]
""",
    "cancellation_caught_and_gone_on_from": """
started = asyncio.Event()
async def child():
    started.set()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        act("child", asyncio.current_task().cancelling())
        await op("child", "handler", 2)
        act("child", asyncio.current_task().uncancel())
    for i in range(2):
        await op("child", i)
    return "lived on"
task = asyncio.create_task(child())
await started.wait()
task.cancel()
await op("main", 1, 0)
out = await task, task.cancelled(), task.cancelling()
""",
    "cancelled_twice": """
started, again = asyncio.Event(), asyncio.Event()
async def child():
    try:
        started.set()
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        again.set()
        try:
            await hang("child", "handler")
        finally:
            await op("child", "at last")
task = asyncio.create_task(child())
await started.wait()
task.cancel("first")
await again.wait()
await op("main", 1, 0)
task.cancel("second")
await op("main", 2, 0)
try:
    await task
except asyncio.CancelledError as error:
    out = error.args, task.cancelling()
""",
    "cancelled_with_its_children": """
ready = asyncio.Barrier(3)
async def child(name):
    try:
        await ready.wait()
        await asyncio.Event().wait()
    finally:
        await op(name, "cleanup")
async def parent():
    try:
        await asyncio.gather(child("a"), child("b"))
    except asyncio.CancelledError:
        await op("parent", "cancelled")
        raise
task = asyncio.create_task(parent())
await ready.wait()
await op("main", 1)
task.cancel()
await op("main", 2, 0)
out = [type(e).__name__ for e in await asyncio.gather(task, return_exceptions=True)]
""",
    "cancelled_while_it_waits_for_a_lock": """
lock = asyncio.Lock()
async def child(name):
    act(name, "wants it")
    async with lock:
        return await op(name, "has it")
async with lock:
    tasks = [asyncio.create_task(child(n)) for n in "abc"]
    await op("main", 1, 2)
    tasks[0].cancel()
    tasks[1].cancel()
    await op("main", 2, 0)
got = await asyncio.gather(*tasks, return_exceptions=True)
out = [x if isinstance(x, str) else type(x).__name__ for x in got], lock.locked()
del got, tasks
""",
    "cancelled_group_from_within": """
async def child(name, task=None):
    await asyncio.sleep(0)
    try:
        await op(name, 1)
        if task is not None:
            task.cancel()
            act(name, "asked its parent")
        await asyncio.Event().wait()
    finally:
        await op(name, "cleanup")
async def parent():
    me = asyncio.current_task()
    async with asyncio.TaskGroup() as group:
        group.create_task(child("a", me))
try:
    await asyncio.create_task(parent())
except asyncio.CancelledError:
    out = await op("main", "cancelled")
""",
    "cancellation_that_meets_a_result": """
future = asyncio.get_running_loop().create_future()
async def child():
    try:
        return await future
    except asyncio.CancelledError:
        await op("child", "cancelled")
        raise
task = asyncio.create_task(child())
await op("main", 1)
future.set_result([1])
await op("main", 2, 0)
task.cancel()
await op("main", 3, 0)
out = [type(e).__name__ for e in await asyncio.gather(task, return_exceptions=True)]
""",
    "cancelled_in_managers_and_generators": """
ready = asyncio.Event()
class Room:
    def __init__(self, name): self.name = name
    async def __aenter__(self):
        await op(self.name, "enter")
        return self
    async def __aexit__(self, kind, *rest):
        await op(self.name, ("exit", kind and kind.__name__))
async def numbers(name):
    try:
        for i in range(5):
            yield await op(name, i)
    finally:
        await op(name, "closed")
async def child():
    async with Room("outer"), Room("inner"):
        numbers_ = numbers("numbers")
        try:
            async for n in numbers_:
                if n == 2:
                    ready.set()
                    await asyncio.Event().wait()
        finally:
            await numbers_.aclose()
task = asyncio.create_task(child())
await ready.wait()
task.cancel()
await op("main", 1, 0)
out = [type(e).__name__ for e in await asyncio.gather(task, return_exceptions=True)]
""",
    "cell_cancelled_when_it_could_go_on": """
go, wait = asyncio.Event(), asyncio.get_running_loop().create_future()
async def cancels(cell):
    await go.wait()
    cell.cancel("stop")
async def lets_go():
    go.set()
    wait.set_result("gone on")
    await op("lets_go", 1)
async def cell():
    tasks = [asyncio.create_task(cancels(asyncio.current_task()))]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(lets_go()))
    try:
        got = await wait
    except asyncio.CancelledError as error:
        got = act("cell", error.args)
    await op("cell", 2)
    await asyncio.wait(tasks)
    return got
out = await cell()
asyncio.current_task().uncancel()
go = wait = None
""",
    "cell_cancelled_by_one_that_goes_on": """
async def child(cell):
    cell.cancel("stop")
    await op("child", 1)
async def cell():
    task = asyncio.create_task(child(asyncio.current_task()))
    try:
        await hang("cell")
    except asyncio.CancelledError as error:
        act("cell", error.args)
    await op("cell", 2)
    await task
await cell()
asyncio.current_task().uncancel()
""",
    "cancelled_by_a_task_behind_the_cell": """
async def child(name):
    try:
        await op(name, 1)
        await hang(name, "long")
    finally:
        act(name, "finally")
        await op(name, "cleanup", 2)
async def parent(name):
    await op(name, 1)
    task = asyncio.create_task(child(f"{name}'s child"))
    await op(name, 2, 5)
    task.cancel()
    await op(name, "asked", 0)
    await asyncio.wait([task])
    return task.cancelled()
tasks = [asyncio.create_task(parent(name)) for name in "ab"]
""",
    "cancelled_by_one_whose_operation_is_quicker_again": """
from tests.support.task_tools import op_at_once_again
async def child():
    try:
        await asyncio.sleep(0)
        await asyncio.Event().wait()
    except asyncio.CancelledError as error:
        act("child", (error.args, asyncio.current_task().cancelling()))
    await op("child", 2)
async def cancels(task):
    await op_at_once_again("cancels", 1)
    task.cancel("stop")
    act("cancels", task.cancelling())
    await op("cancels", 2, 0)
child = asyncio.create_task(child())
await asyncio.gather(cancels(child), child)
""",
}
