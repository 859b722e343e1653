# Crawl three "pages", keep a shared inbox, summarise.
from dataclasses import dataclass, field
import json

@dataclass
class Page:
    name: str
    score: int = 0
    tags: list = field(default_factory=list)

    def bump(self, by):
        self.score += by
        return self

inbox = []
log = inbox                      # same list, two names
home, about = Page("home"), Page("about", tags=inbox)
pages = {"home": home, "about": about}

def counter(start=0):
    n = start
    def step(by=1):
        nonlocal n
        n += by
        return n
    return step

tick = counter(100); tick()

x = await tool("fetch", "home")
home.bump(x)
log.append(x); inbox.append(tick())

effect(f"after first: {inbox} {home}")
x = await tool("fetch", "home")
x = await tool("fetch", "home")

# the same again, on purpose: a retry

x = await tool("fetch", "home")
about.tags.append(tick(x))

squares = ((effect(f"gen {i}"), i * i)[1] for i in range(2, 9))
first = next(squares); second = next(squares)
y: int = await tool("rank", *inbox)
third = next(squares)

pages["third"] = await tool("fetch", third)
import collections, math as m; tally = collections.Counter()

async def visit(page, depth=2):
    before = await tool("open", page.name)
    page.bump(before)
    tally[page.name] += depth
    effect(f"visited {page.name} tick={tick()}")
    return before

for p in (home, about):
    got = await visit(p)
    log.append(got)

a, b = await visit(home), await visit(about, depth=m.isqrt(17))
total = 0
total += await tool("sum", a, b) + await tool("sum", *log)
del x, p; rest = list(squares)
same = inbox is log is about.tags and pages["about"] is about
has_x = "x" in globals()
last_tick = tick(0)
summary = json.dumps({"total": total, "tally": tally, "scores": [home.score, about.score], "inbox": inbox})
effect(summary)
