"""Loops over what cannot be stored go on at the item at which they were killed."""

from __future__ import annotations

import pytest

from tests.continuation.harness import check

LOOP = """
{before}
seen = []
for item in {iterable}:
    seen.append(await leaf({shown}))
else:
    seen.append(await leaf("end"))
"""


def loop(iterable: str, before: str = "", shown: str = "str(item)") -> str:
    return LOOP.format(iterable=iterable, before=before, shown=shown)


PLAIN = {
    "finditer": loop("re.finditer('[a-z]', 'a b c')", "import re", "item.group()"),
    "pattern's finditer": loop("p.finditer('a b c')", "import re\np = re.compile('[a-z]')"),
    "enumerate(finditer)": loop(
        "enumerate(re.finditer('[a-z]', 'a b c'), start=1)", "import re", "(item[0], item[1][0])"
    ),
    "pairwise": loop("itertools.pairwise([1, 2, 3, 4])", "import itertools"),
    "zip over two": loop(
        "zip(itertools.pairwise(x), re.finditer('.', 'abc'), x)",
        "import itertools, re\nx = [1, 2, 3, 4]",
        "(item[0], item[1][0], item[2])",
    ),
    "keyword": loop(
        "zip(pairwise(x), x, strict=False)", "from itertools import pairwise\nx = 'abc'"
    ),
    "csv.reader": loop("csv.reader(lines)", "import csv\nlines = ['a,b', '1,2', '3,4']"),
    "csv.DictReader": loop("csv.DictReader(lines)", "import csv\nlines = ['a,b', '1,2', '3,4']"),
    "inside a function": """
import re
async def words(text):
    found = []
    for match in re.finditer(r"\\w+", text):
        if match.group() == "skip":
            continue
        found.append(await leaf(match.group()))
        if match.group() == "stop":
            break
    return found
found = await words("a skip b stop c")
""",
    "nested loops": """
import re
found = []
for line in re.finditer(r"[a-z ]+", "a b;c d"):
    for word in re.finditer(r"[a-z]", line.group()):
        found.append(await leaf(word.group()))
        await leaf()
    await leaf()
""",
    "unpacking": """
import itertools
pairs = []
for a, b in itertools.pairwise(await leaf([1, 2, 3])):
    pairs.append(await leaf(a + b))
    a = b = None
""",
    "async for": """
class Words:
    def __init__(self, text):
        self.parts = __import__("re").finditer("[a-z]", text)
    def __aiter__(self):
        return self
    async def __anext__(self):
        for part in self.parts:
            return part.group()
        raise StopAsyncIteration
seen = []
async for word in Words("a b c"):
    seen.append(await leaf(word))
del Words, word
""",
    "comprehension": """
import re
words = [await leaf(m.group()) for m in re.finditer("[a-z]", "a b c")]
""",
    "generator": """
import re
def words(text):
    for match in re.finditer("[a-z]", text):
        yield match.group()
live = words("a b c")
seen = [await leaf(next(live))]
for word in live:
    seen.append(await leaf(word))
del live
""",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_loop_goes_on_at_its_item(text: str) -> None:
    """Killed at every mark, and again at every later one; as CPython runs it."""
    cleaned = text + "\nitem = match = line = word = m = p = None\n"
    assert check(cleaned) > 8
