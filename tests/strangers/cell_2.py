"""Agent with retries, a context manager and a bit of global state."""
import asyncio, functools, contextlib
from enum import Enum

calls = 0
seen, order = set(), {}

class Flaky(RuntimeError):
    def __init__(self, code, *, left):
        super().__init__(f"flaky {code}")
        self.code, self.left = code, left

class State(Enum):
    IDLE, BUSY = "idle", "busy"

def retry(times):
    def deco(fn):
        @functools.wraps(fn)
        async def inner(*args):
            for attempt in range(times):
                try:
                    return await fn(*args)
                except Flaky as e:
                    inner.failures.append((e.code, attempt))
                    effect(f"retry {fn.__name__} {e} left={e.left}")
        inner.failures = []; return inner
    return deco

@retry(3)
async def ask(question):
    global calls
    calls += 1
    if calls % 2:
        raise Flaky(calls, left=3 - calls)
    return await tool("ask", question)

@contextlib.contextmanager
def span(label):
    try:
        effect(f"enter {label}")
        yield order.setdefault(label, [])
    finally:
        effect(f"exit {label} {order[label]}")

@contextlib.asynccontextmanager
async def session(label):
    yield (token := await tool("login", label))
    await tool("logout", token)

state = State.IDLE
order["zeta"] = await ask("why?")
order["alpha"] = await ask("why?")
with span("work") as bucket:
    bucket.append(await tool("one")); effect("between")
    bucket.append(await tool("two", *bucket))
state = State.BUSY; await tool("noop"); await tool("noop")
if (y := await tool("probe", state.value)) > 5 and state is State.BUSY:
    async with session("s1") as tok:
        seen |= {tok, y, await tool("inside", tok)}
try:
    z = await tool("last", y)
    raise Flaky(z, left=await tool("count", sorted(seen)))
except Flaky as err:
    kept = err                  # `err` itself goes away after this block
    kept_again = [err, err.args]
finally:
    effect(f"finally calls={calls}")
u, (v, *w) = await asyncio.gather(tool("left", 1), asyncio.sleep(0, "vwx"))
failures, keys = ask.failures, list(order)
still = (bucket is order["work"], kept is kept_again[0], state is State.BUSY, "err" in globals())
