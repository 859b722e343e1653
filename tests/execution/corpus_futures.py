"""Concurrent programs: futures, callbacks, timers, and what tasks share or have to themselves."""

PROGRAMS = {
    "future_set_by_another_task": """
future = asyncio.get_running_loop().create_future()
async def gives():
    await op("gives", 1, 3)
    future.set_result(["given"])
    await op("gives", 2)
async def takes(name):
    got = await future
    await op(name, len(got))
    return got
one, two, none = await asyncio.gather(takes("a"), takes("b"), gives())
same = one is two is future.result()
""",
    "future_that_gets_an_error": """
loop = asyncio.get_running_loop()
futures = {name: loop.create_future() for name in "ab"}
async def takes(name):
    try:
        await futures[name]
    except (KeyError, asyncio.CancelledError) as error:
        return await op(name, type(error).__name__)
tasks = [asyncio.create_task(takes(n)) for n in futures]
await op("main", 1, 2)
futures["a"].set_exception(KeyError("k"))
await op("main", 2, 0)
futures["b"].cancel("away")
await op("main", 3, 0)
out = await asyncio.gather(*tasks)
states = [f.cancelled() for f in futures.values()], repr(futures["a"].exception())
del loop
""",
    "done_callbacks": """
calls = []
def told(task):
    calls.append((task.get_name(), task.result()))
    act(task.get_name(), "told")
class Watcher:
    def __init__(self): self.seen = []
    def __call__(self, task): self.seen.append(task.result())
watcher = Watcher()
async def child(n):
    return await op(f"c{n}", n, n)
tasks = [asyncio.create_task(child(n), name=f"c{n}") for n in range(3)]
for task in tasks:
    task.add_done_callback(told)
    task.add_done_callback(watcher)
    task.add_done_callback(lambda t, n=task.get_name(): calls.append(n))
await op("main", 1)
tasks[2].remove_done_callback(watcher)
await asyncio.wait(tasks)
await op("main", 2)
calls, watcher.seen = sorted(map(str, calls)), sorted(watcher.seen)
""",
    "call_later_and_call_soon": """
loop, fired = asyncio.get_running_loop(), []
def fires(name, future=None):
    fired.append(act(name, "fired"))
    if future is not None:
        future.set_result(name)
async def child(name, delay):
    future = loop.create_future()
    handle = loop.call_later(delay, fires, name, future)
    never = loop.call_later(60, fires, "never")
    await op(name + "'s work", 1)
    got = await future
    never.cancel()
    return got, await op(name, 2)
loop.call_soon(fires, "soon")
out = await asyncio.gather(child("a", 0.001), child("b", 0.01))
end = loop.create_future()
loop.call_at(loop.time() + 0.005, end.set_result, "at")
await op("main", 1, 0)
out.append(await end)
del loop, end
""",
    "async_generator_consumed_by_tasks_in_turn": """
async def numbers():
    for i in range(6):
        yield await op("numbers", i)
    act("numbers", "out")
source, lock, got = numbers(), asyncio.Lock(), []
async def takes(name):
    while True:
        async with lock:
            n = await anext(source, None)
        if n is None:
            return
        got.append(n)
        await op(f"number{n}", "used", n % 3)
await asyncio.gather(takes("a"), takes("b"))
got.sort()
""",
    "async_generators_in_children": """
async def ticks(name, n):
    try:
        for i in range(n):
            yield await op(name, i, i % 2)
    finally:
        await op(name, "closed", 0)
async def child(name, n):
    total = 0
    async for i in ticks(name, n):
        total += i
    return total + sum([i async for i in ticks(name + "'", 2)])
out = await asyncio.gather(child("a", 3), child("b", 2))
""",
    "tasks_in_objects": """
class Agent:
    agents = {}
    def __init__(self, name):
        self.name, self.results, self.agents[name] = name, [], self
        self.task = asyncio.create_task(self.run(), name=name)
    async def run(self):
        for i in range(2):
            self.results.append(await op(self.name, i, i))
        return self
    async def finish(self):
        me = await self.task
        await op(self.name, "finished")
        return me is self
boxes = {"x": Agent("x"), "y": [Agent("y")], "z": {asyncio.ensure_future(op("z", 1, 3))}}
await op("main", 1)
out = [await boxes["x"].finish(), await boxes["y"][0].finish(), *[await t for t in boxes["z"]]]
names = [a.task.get_name() for a in Agent.agents.values()]
""",
    "results_shared_by_identity": """
shared = {"items": []}
async def child(name, items, other):
    for i in range(2):
        items.append(name)
        await op(name, i, i)
        assert items is other["items"]
    return items
a, b = await asyncio.gather(
    child("a", shared["items"], shared), child("b", shared["items"], shared)
)
same = a is b is shared["items"]
shared["items"].sort()
async def holds(x):
    await op("holds", 1)
    return x
one, two = [asyncio.create_task(holds(shared)) for _ in range(2)]
await op("main", 1)
out = await one is await two is shared
""",
    "closures_shared_by_children": """
async def main():
    count, log = 0, []
    async def child(name):
        nonlocal count
        for i in range(2):
            await op(name, i, i)
            count += 1
            log.append(name)
    def read():
        return count, log.sort() or log
    await asyncio.gather(child("a"), child("b"), child("c"))
    read()
    return read
read = await main()
out = read()
""",
    "states_of_tasks_looked_at_later": """
async def child(name, how):
    me = asyncio.current_task()
    await op(name, me.get_name())
    if how == "raise":
        raise LookupError(name)
    if how == "cancel":
        me.cancel()
        await op(name, "cut", 1)
    return [name]
hows = "return", "raise", "cancel"
tasks = [asyncio.create_task(child(h, h), name=h) for h in hows]
done, none = await asyncio.wait(tasks)
await op("main", 1)
states = [(t.get_name(), t.done(), t.cancelled()) for t in tasks]
await op("main", 2)
out = tasks[0].result(), repr(tasks[1].exception())
try:
    tasks[2].result()
except asyncio.CancelledError:
    await op("main", "cancelled")
tasks[0].set_name("renamed")
await op("main", 3)
name = tasks[0].get_name()
del done, none
""",
    "a_program_that_fails_at_its_end": """
async def child(name, n):
    for i in range(n):
        await op(name, i)
    return name
async def fails(name):
    await op(name, 1)
    raise ValueError(name)
first = asyncio.create_task(child("a", 2))
out = await first
second = asyncio.create_task(fails("b"))
try:
    await second
except ValueError:
    out += await op("main", "handled")
await asyncio.gather(child("c", 1), child("d", 2))
raise KeyError(await op("main", "the end"))
""",
    "runner_of_a_graph": """
needs = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "e": [], "f": ["d", "e"]}
tasks = {}
async def node(name):
    values = await asyncio.gather(*(tasks[n] for n in needs[name]))
    return await op(name, [name, *values], len(name))
for name in needs:
    tasks[name] = asyncio.create_task(node(name), name=name)
out = await tasks["f"]
shared = out[1][1][1] is out[1][2][1]
""",
    "context_variables_per_task": """
from contextvars import ContextVar
who = ContextVar("who", default="nobody")
async def inner(name):
    act(name, who.get())
    await op(name, 1)
    return who.get()
async def child(name):
    act(name, who.get())
    token = who.set(name)
    await op(name, 2)
    grandchild = asyncio.create_task(inner(name + "'"))
    await op(name, 3)
    who.set(name + "!")
    got = await grandchild, who.get()
    who.reset(token)
    return *got, who.get()
who.set("main")
tasks = [asyncio.create_task(child(n)) for n in "ab"]
await op("main", 1, 0)
who.set("later")
await op("main", 2)
out = await asyncio.gather(*tasks), who.get()
""",
    "context_given_to_a_task": """
import contextvars
level = contextvars.ContextVar("level")
async def child(name):
    await op(name, 1)
    level.set(level.get(0) + 1)
    return level.get() + await op(name, 0, 2)
context = contextvars.copy_context()
context.run(level.set, 10)
first = asyncio.create_task(child("a"), context=context)
await op("main", 1)
out = [await first, await asyncio.create_task(child("b"), context=context), level.get("unset")]
out.append(context[level])
del context
""",
    "context_that_a_task_does_not_see": """
from contextvars import ContextVar
late = ContextVar("late", default="unset")
async def child(name):
    await op(name, 1)
    act(name, late.get())
    token = late.set(name)
    try:
        await op(name, 2)
    finally:
        late.reset(token)
    return late.get(), await op(name, 3)
tasks = [asyncio.create_task(child(name)) for name in "ab"]
late.set("main")
await op("main", 1)
out = await asyncio.gather(*tasks), late.get()
""",
    "generator_that_lets_others_go_first": """
import types
@types.coroutine
def turns(name, count):
    for i in range(count):
        act(name, i)
        try:
            yield
        finally:
            act(name, ("then", i))
    return name * 2
async def child(name):
    got = await turns(name, 3), await turns(name, 1)
    await op(name, got)
    return got
async def other():
    for i in range(4):
        await op("other", i)
out = await asyncio.gather(child("a"), other(), child("b"))
turns = None
""",
}
