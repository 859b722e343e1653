# Order pipeline. Runs fine until the ledger refuses the third charge.
from __future__ import annotations
from collections import deque, namedtuple
from dataclasses import dataclass
import asyncio

Line = namedtuple("Line", "sku qty")
class LedgerError(ValueError): """refused"""

@dataclass(slots=True)
class Account:
    owner: str
    parent: Account | None = None
    balance: int = 60

queue = deque([Line("bolt", 2), Line("nut", 3), Line("gear", 9)], maxlen=4)
root = Account("root"); root.parent = root       # refers to itself
accounts = [root, Account("kid", parent=root)]
audit = []; note = audit.append                  # a bound method kept around

def limiter(limit, used=0):
    def spend(k):
        nonlocal used
        used += k
        if used > limit: raise LedgerError(f"{used} > {limit}")
        return used
    return spend, lambda: limit - used
spend, left = limiter(12)

async def charge(acc, line):
    async def inner(cost):
        effect(f"charging {acc.owner} {line.sku} from {acc.balance}")
        acc.balance -= cost
        return spend(line.qty)
    return await inner(await tool("price", *line))

ids = (f"#{i}-{left()}" for i in range(9)); next(ids)
ping = await tool("ping")
ping = await tool("ping")
try:
    note(next(ids)); await asyncio.wait_for(asyncio.Event().wait(), 0.01)
except (asyncio.TimeoutError, LedgerError) as e:
    note(type(e).__name__)
finally: audit += [await tool("audit", len(audit))]
(await tool("warm", 1), effect("tuple"), await tool("warm", 2))
for acc in accounts:
    note(await charge(acc, queue.popleft())); effect(f"left {left()} {audit}")

left_before: int = await tool("left", next(ids))
accounts[1].parent.balance += (await tool("refund", "kid")) // 2
result = await charge(root.parent, queue[-1])    # 5 + 9 is too much

effect("unreachable")
result = await tool("unreachable", result)
audit.clear(); queue.clear()

try:
    result = await charge(accounts[1], Line("washer", 1))
except LedgerError:
    effect("unreachable too")
else:
    accounts.append(Account("late", parent=accounts[1]))

for acc in accounts:
    acc.balance = await tool("settle", acc.owner, acc.balance)

report = {a.owner: a.balance for a in accounts}
await tool("report", sorted(report)); effect(f"{report}")
