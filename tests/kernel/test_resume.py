"""A run that stopped goes on where it stopped, whatever stopped it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel.conftest import Start, until, value
from tests.support.kernels import effects

Happened = Callable[[], list[str]]

CELL = """%%playbook work {options}
done = []
a = await tool('a')
effect('between')
done.append(a)
both = done
b = await tool('b', a)
done.append(b)
c = await tool('c', b)
(a, b, c, done, both is done)"""
EFFECTS = ["tool a ()", "between", "tool b (1,)", "tool c (2,)"]
VALUE = "(1, 2, 2, [1, 2], True)"


def cell(options: str = "", **changes: str) -> str:
    text = CELL.format(options=options)
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


# -- the kernel is killed


@pytest.mark.parametrize("k", [1, 2, 3])
def test_after_a_kill_no_completed_await_runs_again(
    start: Start, happened: Happened, k: int
) -> None:
    victim = start()
    victim.run(f"kill_after('done', {k})")
    assert victim.run(cell()).died
    shown = start().run(cell("--resume"))
    assert (shown.error, shown.value) == (None, VALUE)
    assert happened() == EFFECTS


def test_after_a_kill_in_flight_only_that_await_runs_again(
    start: Start, happened: Happened
) -> None:
    victim = start()
    victim.run(
        "async def deadly():\n    effect('in flight')\n    import os\n    os.kill(os.getpid(), 9)"
    )
    assert victim.run("%%playbook flight\na = await tool('a')\nawait deadly()\nc = a").died
    again = start()
    again.run("import os; os.kill = lambda *a: None")
    assert again.run("%playbook resume flight").error is None
    assert value(again, "c") == 1
    assert happened() == ["tool a ()", "in flight", "in flight"]


def test_resume_by_name_needs_no_cell(start: Start, happened: Happened) -> None:
    victim = start()
    victim.run("kill_after('done', 2)")
    assert victim.run(cell()).died
    assert start().run("%playbook resume work").value == VALUE
    assert happened() == EFFECTS


def test_a_run_is_resumed_after_each_of_several_kills(start: Start, happened: Happened) -> None:
    for _ in range(3):
        victim = start()
        victim.run("kill_after('done', 1)")
        assert victim.run(cell("--resume")).died
    assert start().run(cell("--resume")).value == VALUE
    assert happened() == EFFECTS


def test_a_killed_run_is_listed_as_interrupted(start: Start) -> None:
    victim = start()
    victim.run("kill_after('done', 2)")
    assert victim.run(cell()).died
    listed = str(start().run("%playbook").value)
    assert "interrupted" in listed
    assert "%playbook resume work" in listed


def test_functions_and_classes_of_earlier_cells_come_back(start: Start) -> None:
    victim = start()
    victim.run(
        "class Point:\n    def __init__(self, x): self.x = x\n"
        "    def twice(self): return self.x * 2"
    )
    victim.run("def helper(p): return p.twice() + 1")
    victim.run("kill_after('done', 1)")
    assert victim.run("%%playbook kept\np = Point(4)\nawait tool('a')\nhelper(p)").died
    again = start()
    assert again.run("%playbook resume kept").value == "9"
    assert again.run("isinstance(p, Point)").value == "True"


def test_what_was_printed_before_the_kill_is_shown_again_above_what_is_new(start: Start) -> None:
    victim = start()
    victim.run("kill_after('done', 2)")
    text = "%%playbook out {}\nprint('one')\nawait tool('a')\nprint('two')\nawait tool('b')\n"
    assert victim.run(text.format("") + "print('three')").died
    again = start().run(text.format("--resume") + "print('three')")
    assert again.stdout == "one\ntwo\nthree\n"


def test_say_is_shown_again_without_being_said_again(start: Start) -> None:
    """B20: the predecessor showed a text before its statement ran, and once more on resume."""
    text = "%%playbook said {}\nawait Say('hello')\nawait tool('b')\nawait Say('bye')"
    victim = start()
    victim.run("kill_after('done', 2)")
    assert victim.run(text.format("")).died
    shown = start().run(text.format("--resume"))
    said = [data["text/markdown"] for data in shown.displays if "text/markdown" in data]
    assert said == ["hello", "bye"]


# -- other ends


def test_the_await_whose_error_ended_the_run_is_issued_again(
    start: Start, happened: Happened
) -> None:
    one = start()
    one.run("async def flaky():\n    effect('flaky')\n    if not ready: raise OSError('down')")
    text = "%%playbook flaky {}\na = await tool('a')\nawait flaky()\n'through'"
    one.run("ready = False")
    assert one.run(text.format("")).error == ("OSError", "down")
    assert start().run(text.format("--resume")).error == ("OSError", "down")
    assert happened() == ["tool a ()", "flaky", "flaky"]


def test_after_an_error_of_plain_code_it_goes_on_after_the_last_await(
    start: Start, happened: Happened
) -> None:
    one = start()
    text = "%%playbook plain {}\na = await tool('a')\neffect('plain')\nb = {}\nawait tool('b')\nb"
    assert one.run(text.format("", "1 / 0")).error == ("ZeroDivisionError", "division by zero")
    assert one.run(text.format("--resume", "a + 1")).value == "2"
    assert happened() == ["tool a ()", "plain", "plain", "tool b ()"]


def test_after_an_interrupt_the_await_in_flight_is_issued_again(
    start: Start, happened: Happened, tmp_path: Path
) -> None:
    one = start()
    text = "%%playbook stop {}\na = await tool('a')\nawait gate()\nb = await tool('b')"
    request = one.start(text.format(""))
    until(lambda: "gate" in happened())
    one.interrupt()
    one.collect(request)
    (tmp_path / "open").touch()
    assert one.run(text.format("--resume")).error is None
    assert happened() == ["tool a ()", "gate", "gate", "tool b ()"]


def test_after_a_kernel_restart_it_goes_on(start: Start, happened: Happened) -> None:
    one = start()
    text = "%%playbook restarted {}\na = await tool('a')\nb = await tool('b')\n{}\n'end'"
    assert one.run(text.format("", "raise KeyError('x')")).error == ("KeyError", "'x'")
    one.client.shutdown(restart=True)
    one.manager.finish_shutdown()
    assert start().run(text.format("--resume", "")).value == "'end'"
    assert happened() == ["tool a ()", "tool b ()"]


def test_a_restart_while_a_run_waits_leaves_it_resumable(
    start: Start, happened: Happened, tmp_path: Path
) -> None:
    """H7: what runs while a shutdown unwinds the program makes no point to continue from."""
    one = start()
    one.start(
        "%%playbook shutdown\na = await tool('a')\n"
        "try:\n    await gate()\nfinally:\n    await tool('cleanup')\n'end'"
    )
    until(lambda: "gate" in happened())
    one.client.shutdown(restart=True)
    one.manager.finish_shutdown()
    before = happened()
    (tmp_path / "open").touch()
    shown = start().run("%playbook resume shutdown")
    assert (shown.error, shown.value) == (None, "'end'")
    assert happened()[len(before) :] == ["gate", "tool cleanup ()"]


def test_after_a_syntax_error_was_mended_it_goes_on(start: Start, happened: Happened) -> None:
    one = start()
    text = "%%playbook mended {}\na = await tool('a')\n{}\nb = await tool('b')\n'end'"
    assert one.run(text.format("", "x = = 1")).error is not None
    assert one.run(text.format("--resume", "x = 1")).value == "'end'"
    assert happened() == ["tool a ()", "tool b ()"]


def test_errors_that_the_program_caught_are_not_raised_again(
    start: Start, happened: Happened
) -> None:
    """H26: an exception whose own __init__ takes more than its args comes back as it was."""
    victim = start()
    victim.run(
        "class Refused(Exception):\n"
        "    def __init__(self, *, code):\n"
        "        super().__init__(f'code {code}')\n"
        "        self.code = code\n"
        "async def refuse():\n    effect('refuse')\n    raise Refused(code=7)"
    )
    victim.run("kill_after('done', 2)")
    text = (
        "%%playbook caught {}\ntry:\n    await refuse()\n"
        "except Refused as error:\n    kept = error\n"
        "await tool('a')\nkept.code, str(kept)"
    )
    assert victim.run(text.format("")).died
    assert start().run(text.format("--resume")).value == "(7, 'code 7')"
    assert happened() == ["refuse", "tool a ()"]


# -- a fresh kernel and one cell


def test_a_fresh_kernel_resumes_with_one_cell_and_no_extension_loaded(start: Start) -> None:
    """H32: such a cell is transformed before any extension in it could be loaded."""
    victim = start()
    victim.run("kill_after('done', 2)")
    assert victim.run(cell()).died
    again = start(load="")
    shown = again.run("import playbooks_ipython as pb\nawait pb.resume('work')")
    assert (shown.error, shown.value) == (None, VALUE)


def test_the_inserted_cell_is_idempotent(start: Start, happened: Happened) -> None:
    one = start()
    one.run(cell())
    again = start(load="")
    resume = "import playbooks_ipython as pb\nawait pb.resume('work')"
    for _ in range(2):
        assert again.run(resume).error is None
    assert happened() == EFFECTS
    assert value(again, "done") == [1, 2]


def test_load_ext_and_resume_in_one_cell_says_what_to_do(start: Start) -> None:
    """H32: never a coroutine object, shown and not awaited."""
    one = start()
    one.run("%%playbook both\nawait tool('a')\n1 / 0")
    shown = start(load="").run("%load_ext playbooks_ipython\n%playbook resume both")
    assert "Run it again" in str(shown.value)
    assert "coroutine" not in shown.stderr


def test_resume_outside_of_ipython_is_one_sentence() -> None:
    import asyncio

    import playbooks_ipython as pb
    from playbooks_ipython.errors import PlaybookError

    with pytest.raises(PlaybookError, match="notebook or in IPython"):
        asyncio.run(pb.resume("x"))


def test_a_module_that_the_cell_names_is_gone_into(start: Start, tmp_path: Path) -> None:
    """With `--modules` its awaits are points, and the resume need not name it again."""
    (tmp_path / "steps.py").write_text(
        "from outside import tool\n"
        "async def two():\n    await tool('one')\n    return await tool('two')\n"
    )
    first = start()
    first.run("kill_after('done', 1)")
    assert first.run("%%playbook into --modules step*\nimport steps\nx = await steps.two()").died
    second = start()
    assert second.run("%playbook resume into").error is None
    assert effects(tmp_path) == ["tool one ()", "tool two ()"]
