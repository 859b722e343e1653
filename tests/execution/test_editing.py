"""A cell is edited after an error ended it: what is used in its new form, and what is refused."""

from __future__ import annotations

import builtins
import linecache
from typing import Any

import pytest

from playbooks_ipython.errors import EditedProgram
from playbooks_ipython.execution.host import PlainHost
from playbooks_ipython.execution.runs import Runs
from playbooks_ipython.settings import Settings
from tests.execution.place import Place
from tests.support import outside


class Edited(Place):
    """One run that is stopped by an error of its own, edited and gone on with."""

    def enter(self, **names: object) -> None:
        """Begin with a new namespace, as a new kernel has one."""
        self.namespace = {"__name__": "__main__", "__builtins__": builtins}
        self.namespace |= {"effect": outside.effect, "tool": outside.tool, **names}

    def cell(self, text: str) -> None:
        """Run an ordinary cell of the notebook."""
        filename = f"<cell {len(linecache.cache)}>"
        lines = text.splitlines(keepends=True)
        linecache.cache[filename] = (len(text), None, lines, filename)
        exec(compile(text, filename, "exec"), self.namespace)  # noqa: S102  # the test's own

    def runs(self, **settings: Any) -> Runs:
        return Runs(self.namespace, PlainHost(), self.provider, Settings(**settings))

    def run(self, text: str, policy: str = "resume", **settings: Any) -> None:
        super().run(text, policy, **settings)

    def stop(self, text: str) -> None:
        """Run a program until an error of its own ends it."""
        with pytest.raises(ZeroDivisionError):
            self.run(text)


@pytest.fixture
def place(place: Place) -> Edited:
    edited = Edited(place.folder)
    edited.enter()
    return edited


ITEMS = """
results = []
for item in range(60):
    got = await tool('score', item)
    results.append(10 // (56 - item))
"""


def test_the_fix_is_used_from_item_57_on(place: Edited) -> None:
    """Results of iterations that are done stay, and none of them runs again."""
    place.stop(ITEMS)
    place.enter()
    place.run(ITEMS.replace("10 // (56 - item)", "'fixed'"))
    assert place.namespace["results"] == [10 // (56 - n) for n in range(56)] + ["fixed"] * 4
    assert place.effects == [f"tool score ({n},)" for n in range(60)]


def test_awaits_may_be_added_and_taken_away_behind_the_one_it_stands_at(place: Edited) -> None:
    old = "for i in range(3):\n    await tool('a')\n    1 / (1 - i)\n    await tool('b')\n"
    place.stop(old)
    place.enter()
    place.run(old.replace("    1 / (1 - i)\n", "    x = [await tool('c') for _ in 'xy']\n"))
    a, b, c = (f"tool {name} ()" for name in "abc")
    assert place.effects == [a, b, a, c, c, b, a, c, c, b]


def test_names_may_be_new_or_gone_behind_the_await(place: Edited) -> None:
    """Also names that become cells of the frame, or cease to be ones."""
    old = (
        "async def work():\n    shared, other = [1], 2\n    x = await tool('a')\n"
        "    give = lambda: shared\n    1 / 0\n\nawait work()\n"
    )
    place.stop(old)
    place.enter()
    place.run(
        old.replace(
            "    give = lambda: shared\n    1 / 0\n",
            "    take = lambda: other\n    effect(f'{take()} {shared}')\n",
        )
    )
    assert place.effects == ["tool a ()", "2 [1]"]


SHARED = """
async def work():
    count = 0
    for n in range(3):
        await tool('a', n)
        def more():
            return count
        {kept}
        count += 1
        1 / (1 - n)
    return count

kept = []
found = await work()
"""


def test_a_closure_that_still_shares_a_variable_must_stay_in_the_text(place: Edited) -> None:
    """Without it the function would have the variable to itself, and the closure an old value."""
    text = SHARED.format(kept="kept.append(more)")
    place.stop(text)
    place.enter()
    gone = text[: text.index("        def more")] + text[text.index("        count += 1") :]
    with pytest.raises(EditedProgram, match="line 2 had already run"):
        place.run(gone.replace("1 / (1 - n)", "pass"))
    place.run(text.replace("1 / (1 - n)", "pass"))
    assert place.namespace["found"] == 3
    assert [one() for one in place.namespace["kept"]] == [3, 3, 3]


def test_a_closure_that_is_gone_needs_no_text(place: Edited) -> None:
    text = SHARED.format(kept="del more")
    place.stop(text)
    place.enter()
    gone = text[: text.index("        def more")] + text[text.index("        count += 1") :]
    place.run(gone.replace("1 / (1 - n)", "pass"))
    assert place.namespace["found"] == 3


CLOSING = """
def make():
    a, b = 1, 2
    def more():
        return a
    async def inner():
        x = await tool('a')
        1 / 0
        return a, more()
    return inner

inner = make()
found = await inner()
"""


def test_a_frame_whose_function_now_closes_over_more_is_refused(place: Edited) -> None:
    """What it would read was never kept for it."""
    place.stop(CLOSING)
    place.enter()
    with pytest.raises(EditedProgram, match="line 6 had already run"):
        place.run(CLOSING.replace("1 / 0", "pass").replace("return a, m", "return b, m"))


def test_a_function_that_now_closes_over_more_goes_on_as_it_was_and_is_named(
    place: Edited, capsys: pytest.CaptureFixture[str]
) -> None:
    place.stop(CLOSING)
    place.enter()
    place.run(CLOSING.replace("1 / 0", "pass").replace("return a\n", "return a + b\n"))
    assert place.namespace["found"] == (1, 1)
    assert "goes on as it was before the edit: make.<locals>.more" in capsys.readouterr().err


def test_refusal_shows_the_difference_and_the_newest_checkpoint_that_fits(place: Edited) -> None:
    """Inside of the loop that was edited, too: those at awaits before the edit fit."""
    text = (
        "for i in range(3):\n    await tool('a')\n    x = i\n    await tool('b')\n"
        "    1 / (1 - i)\n    note = 'why'\n"
    )
    place.stop(text)
    with pytest.raises(EditedProgram) as refused:
        place.run(text.replace("x = i", "x = -i").replace("'why'", "'how'"))
    said = str(refused.value)
    assert "line 3 had already run and is different now" in said
    assert "-    x = i\n+    x = -i" in said
    assert "the newest checkpoint that still fits is program@3" in said


def test_no_checkpoint_inside_a_statement_whose_header_was_edited_fits(place: Edited) -> None:
    """The one before the statement does."""
    place.stop("a = await tool('one')\n" + ITEMS)
    with pytest.raises(EditedProgram, match="still fits is program@1:"):
        place.run("a = await tool('one')\n" + ITEMS.replace("range(60)", "range(61)"))


def test_a_comprehension_that_ran_in_the_function_may_not_change(place: Edited) -> None:
    """Though it is a function of its own to Python, no frame of it is left to tell."""
    text = (
        "async def work():\n    xs = [await tool('a') for _ in 'ab']\n    await tool('b')\n"
        "    1 / 0\n\nawait work()\n"
    )
    place.stop(text)
    with pytest.raises(EditedProgram, match="line 2 had already run"):
        place.run(text.replace("'a'", "'c'"))


def test_an_await_added_to_a_finally_around_is_refused(place: Edited) -> None:
    """How its frame was left would have had to be noted from its beginning."""
    text = "try:\n    await tool('a')\n    1 / 0\nfinally:\n    effect('left')\n"
    place.stop(text)
    with pytest.raises(EditedProgram, match="no checkpoint fits any more"):
        place.run(text.replace("effect('left')", "await tool('left')"))


def test_a_slip_of_the_pen_is_told_before_anything_is_touched(place: Edited) -> None:
    place.stop(ITEMS)
    place.enter(mine=1)
    with pytest.raises(SyntaxError):
        place.run(ITEMS.replace("10 // (56 - item)", "10 // (56 - item"))
    assert place.namespace["mine"] == 1
    assert "results" not in place.namespace


def test_in_the_same_kernel_the_function_of_the_cell_is_not_taken_for_newer(
    place: Edited,
) -> None:
    """What the failed run left in the namespace is the old text, not the user's newest word."""
    text = (
        "def half(n):\n    return 1 // n\n\nclass C:\n    def m(self):\n        return 1 // 0\n\n"
        "x = await tool('a')\ny = half(0), C().m()\n"
    )
    place.stop(text)
    place.run(text.replace("1 // n", "'fixed'").replace("1 // 0", "'too'"))
    assert place.namespace["y"] == ("fixed", "too")


def test_every_reference_to_a_function_is_to_its_new_form(place: Edited) -> None:
    """In containers, in `partial`, as a method of objects that exist: it is one function."""
    text = (
        "from functools import partial\n"
        "class C:\n    def m(self):\n        return 'old m'\n"
        "def f(n):\n    return f'old {n}'\n\n"
        "kept, c = [f, partial(f, 1)], C()\nx = await tool('a')\n"
        "1 / 0\nfound = [kept[0](0), kept[1](), c.m(), kept[0] is f]\n"
    )
    place.stop(text)
    place.enter()
    place.run(text.replace("old", "new").replace("1 / 0\n", ""))
    assert place.namespace["found"] == ["new 0", "new 1", "new m", True]


HALF_USED = """
def numbers():
    for n in range(4):
        effect(f'old {n}')
        yield n
        effect('behind')

source = numbers()
for n in source:
    await tool('a', n)
    1 / (1 - n)
"""


def test_a_half_used_generator_goes_on_in_its_new_form_if_that_fits(place: Edited) -> None:
    place.stop(HALF_USED)
    place.enter()
    place.run(HALF_USED.replace("'behind'", "'new'").replace("1 / (1 - n)", ""))
    assert place.effects[5:] == [
        "new", "old 2", "tool a (2,)", "new", "old 3", "tool a (3,)", "new"
    ]  # fmt: skip


def test_a_half_used_generator_that_does_not_fit_goes_on_as_it_was_and_is_named(
    place: Edited, capsys: pytest.CaptureFixture[str]
) -> None:
    place.stop(HALF_USED)
    place.enter()
    place.run(HALF_USED.replace("old", "new").replace("1 / (1 - n)", ""))
    assert place.effects[5:8] == ["behind", "old 2", "tool a (2,)"]
    assert "goes on as it was before the edit: numbers" in capsys.readouterr().err


def test_comments_and_layout_are_no_edit_where_lines_are_kept(place: Edited) -> None:
    """Calls that a resume makes again know their line, which has moved."""
    text = (
        "import contextlib, sqlite3\nheld = sqlite3.connect(':memory:')\n"
        "async def work():\n    db = sqlite3.connect(':memory:')\n"
        "    for n, text in enumerate(map(str, range(3))):\n"
        "        with contextlib.suppress(OSError), contextlib.nullcontext(n) as m:\n"
        "            x = await tool(text)\n            1 / (1 - m)\n"
        "    return db.execute('select 7').fetchone()\n\nfound = await work()\n"
    )
    place.stop(text)
    place.enter()
    place.run("# moved\n\n" + text.replace("    for", "    # why\n    for").replace("1 - m", "9"))
    assert place.namespace["found"] == (7,)
    assert place.effects == [f"tool {n} ()" for n in range(3)]


ELSEWHERE = "async def work(n):\n    got = await tool('a', n)\n    return 10 // (1 - n)\n"
CALLS = "for n in range(3):\n    effect(await work(n))\n"


def test_a_function_of_another_cell_goes_on_in_its_newer_form(place: Edited) -> None:
    """Though its frame is on the stack, also without the cell's own text."""
    place.cell(ELSEWHERE.replace("10 // (1 - n)", "str(10 // (1 - n))"))
    place.stop(CALLS)
    place.enter()
    place.cell("\n" + ELSEWHERE.replace("10 // (1 - n)", "f'new {n}'"))
    place.resume()
    a = [f"tool a ({n},)" for n in range(3)]
    assert place.effects == [a[0], "10", a[1], "new 1", a[2], "new 2"]


def test_a_function_of_another_cell_that_was_edited_before_its_await_is_refused(
    place: Edited,
) -> None:
    """With the difference, and how to go on all the same."""
    place.cell(ELSEWHERE)
    with pytest.raises((ZeroDivisionError, TypeError)):
        place.run(CALLS.replace("await work(n)", "str(await work(n))"))
    place.enter()
    place.cell(ELSEWHERE.replace("'a', n", "'b', n"))
    with pytest.raises(EditedProgram) as refused:
        place.resume()
    said = str(refused.value)
    assert "line 2 of the cell that defines work() had already run" in said
    assert "still fits is program@2" in said
    assert "`del work` first, and it goes on as it was" in said
    del place.namespace["work"]
    with pytest.raises(ZeroDivisionError):
        place.resume()
    assert place.effects == ["tool a (0,)", "10", "tool a (1,)"]


def test_a_run_may_be_edited_again_and_again(place: Edited) -> None:
    """Each time from where the edit before has led."""
    text = (
        "async def work(n):\n    got = await tool('a', n)\n    1 / (1 - n)\n    return 'v0'\n\n"
        "found = []\nfor n in range(4):\n    found.append(await work(n))\n"
    )
    place.stop(text)
    place.enter()
    place.stop(text.replace("1 - n", "2 - n").replace("v0", "v1"))
    place.enter()
    place.run("# moved\n" + text.replace("1 - n", "9 - n").replace("v0", "v2"))
    assert place.namespace["found"] == ["v0", "v1", "v2", "v2"]
    assert place.effects == [f"tool a ({n},)" for n in range(4)]


def test_a_finished_run_whose_cell_grew_runs_only_what_is_new(place: Edited) -> None:
    place.run("a = await tool('a')\n")
    place.enter()
    place.run("a = await tool('a')\nb = await tool('b', a)\n")
    assert place.effects == ["tool a ()", "tool b (1,)"]
