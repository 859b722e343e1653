# Small analysis: batches come from an "API", numbers are crunched in between.
import numpy as np
import pandas as pd

rng = np.random.default_rng(7)
df = pd.DataFrame({"g": list("abab"), "v": rng.integers(0, 50, 4)})
view = df["v"].to_numpy(copy=True)
alias = view[1:]                 # shares memory with view
hist: list[int] = []
matrix = [hist] * 2              # the same list twice

async def batches(n):
    for i in range(n):
        k = await tool("batch", i)
        try:
            yield i, k
        finally:
            effect(f"batch {i} handed over")

n = 0
n += await tool("size", len(df))
n += await tool("size", len(df))
alias[0] = n; effect(f"view {view[1]} draw {rng.integers(100)}")

df["w"] = await tool("col", "w") + df.v * 2
matrix[0].append(await tool("cell", 0))

matrix[1].append(await tool("cell", 1))
print(f"{hist=} {n:>6}", end=" | ")
print(matrix)

async for i, k in batches(3):
    if i == 1:
        continue
    hist.append(k + i)
else:
    effect(f"loop done {hist}")

lazy = map(lambda t: (effect(f"lazy {t}"), t * n)[1], hist)
head = next(lazy)
scale, shift = (await tool("scale"), await tool("shift", head))
fns = [lambda q, j=j: q + j * scale for j in range(3)]
late = [lambda: n for _ in "xy"]
n = -1
it = iter(sorted({"pear", "fig", "kiwi"}, key=len)); next(it)
todo = ["t3", "t2", "t1"]
while todo:
    item = todo.pop()
    if item == "t2": effect("skip t2"); continue
    shift += await tool("todo", item) * (len(todo) + 1)
del item, i

class Model:
    instances = []
    def __init__(self): self.w = {}; Model.instances.append(self)
    async def fit(self, **kw):
        self.w.update(kw, loss=await tool("fit", *kw))
        return self

model = await Model().fit(lr=1, steps=2)
best = (await Model().fit(lr=3)).w["loss"]
[doubled, *_] = [2 * (await tool("dbl", s)) for s in ("p", "q")]
final_draw = int(rng.integers(1000))
tail, fruits = list(lazy), list(it)
outputs = [f(10) for f in fns] + [g() for g in late]
by_group = df.groupby("g")[["v", "w"]].sum().to_dict()
checks = [matrix[0] is matrix[1] is hist, np.shares_memory(view, alias), Model.instances[0] is model]
