# Half-edited cell: someone stopped typing near the bottom.
import itertools

config = {"depth": 2, "names": ["ada", "bob"]}; names = config["names"]   # alias
counter = itertools.count(10)
text = """
await tool("not code")
def broken(:
"""

class Tracker:
    live = 0
    def __enter__(self):
        type(self).live += 1; effect(f"enter {self.live}"); return self
    def __exit__(self, kind, exc, tb):
        effect(f"exit {kind.__name__ if kind else None}"); return kind is KeyError

def traced(fn):
    async def wrapper(*a):
        global depth_seen
        depth_seen = max(globals().get("depth_seen", 0), len(a))
        out = await fn(*a); effect(f"traced {fn.__name__} -> {out} id {next(counter)}")
        return out
    return wrapper

@traced
async def walk(*path):
    if len(path) < config["depth"]:
        return await walk(*path, "leaf")
    return await tool("walk", *path)

w = await walk("root"); names.append(f"eve{w}"); effect(str(config))

for name in names[:2]: config[name] = await tool("hello", name)

with Tracker() as t:
    w -= await tool("tracked", t.live)
    config["missing"]
    effect("never printed")
w = w + (await tool("after", text.count("await")))  # a comment ends here
await tool("same", w); await tool("same", w)
pair = {k: v for k, v in zip("ab", [await tool("a"), await tool("b", w)])}
if pair["a"] < pair["b"]:
    del config["depth"]
    config["depth"] = await tool("deep", *pair)

ready = await tool("ready", next(counter)) and not None
summary = f"{names!r:>10} {ready} {await = }
effect("after the broken line")
w = await tool("never", w)

class Later:
    pass

async def finish():
    return await tool("finish", Later, summary)

done = await finish()
effect(f"done {done}")

while len(names) < 5:
    names.append(await tool("pad", len(names)))

# names kept for the next cell
async for extra in agen():
    names.append(await tool("extra", extra))
final = {**pair, "done": done}
names.clear()
