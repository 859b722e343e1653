"""An error in a playbook reads like one in an ordinary cell: its lines, and no frame of ours."""

from __future__ import annotations

import pytest

from tests.kernel.conftest import Start, plain, value
from tests.support.kernels import Kernel, Outcome


def assert_program_only(shown: Outcome) -> None:
    text = plain(shown.traceback)
    assert "playbooks_ipython" not in text
    assert "run_cell_magic" not in text
    assert "asyncio/" not in text


def test_an_error_names_the_line_of_the_cell(shared: Kernel) -> None:
    shown = shared.run("%%playbook line\nawait asyncio.sleep(0)\n\nif True:\n    1 / 0")
    assert shown.error == ("ZeroDivisionError", "division by zero")
    assert "----> 5     1/0" in plain(shown.traceback).replace("1 / 0", "1/0")
    assert ", line 5" in plain(shown.traceback)


def test_an_error_shows_the_cell_by_its_number(shared: Kernel) -> None:
    number = value(shared, "get_ipython().execution_count")
    shown = shared.run("%%playbook numbered\nawait asyncio.sleep(0)\n1 / 0")
    assert f"Cell In[{number}], line 3" in plain(shown.traceback)


@pytest.mark.parametrize(
    "body",
    [
        "await asyncio.sleep(0)\n1 / 0",
        "async def f():\n    await asyncio.sleep(0)\n    1 / 0\nawait f()",
        "await asyncio.gather(tool('a'), fails())",
        "for i in range(2):\n    await asyncio.sleep(0)\n    1 / 0",
        "raise KeyError('plain')",
        "await asyncio.sleep(0)\nx = = 1",
        "await asyncio.sleep(0)\nreturn 1",
    ],
)
def test_no_frame_of_ours_is_shown(shared: Kernel, body: str) -> None:
    shared.run("async def fails():\n    await asyncio.sleep(0)\n    raise KeyError('f')")
    shown = shared.run(f"%%playbook no-frame --fresh\n{body}")
    assert shown.error is not None
    assert_program_only(shown)


def test_an_error_in_nested_async_functions_shows_each_of_their_lines(shared: Kernel) -> None:
    shown = shared.run(
        "%%playbook\n"
        "async def inner():\n"
        "    await asyncio.sleep(0)\n"
        "    raise ValueError('deep')\n"
        "async def outer():\n"
        "    await inner()\n"
        "await outer()"
    )
    text = plain(shown.traceback)
    assert [line for line in text.splitlines() if line.startswith(("----> ", "---> "))] == [
        "----> 7 await outer()",
        "----> 6     await inner()",
        "----> 4     raise ValueError('deep')",
    ]


def test_an_error_in_a_function_of_another_cell_shows_that_cell(shared: Kernel) -> None:
    shared.run("# a comment\ndef broken():\n    raise ValueError('there')")
    shown = shared.run("%%playbook\nawait asyncio.sleep(0)\nbroken()")
    assert "----> 3     raise ValueError('there')" in plain(shown.traceback)


def test_the_cause_of_an_error_is_shown_too(shared: Kernel) -> None:
    shown = shared.run(
        "%%playbook\nawait asyncio.sleep(0)\ntry:\n    1 / 0\n"
        "except ZeroDivisionError as e:\n    raise KeyError('later') from e"
    )
    assert "ZeroDivisionError: division by zero" in plain(shown.traceback)
    assert_program_only(shown)


def test_a_syntax_error_late_in_a_cell_lets_what_stands_before_run_once(shared: Kernel) -> None:
    shown = shared.run(
        "%%playbook\nran = globals().get('ran', 0) + 1\nawait asyncio.sleep(0)\nb = = 2"
    )
    assert shown.error is not None and shown.error[0] == "SyntaxError"
    assert value(shared, "ran") == 1


def test_a_syntax_error_lets_nothing_after_it_run(shared: Kernel) -> None:
    shared.run("after = 0")
    shared.run("%%playbook\nawait asyncio.sleep(0)\nb = = 2\nafter = 1\nafter += 1")
    assert value(shared, "after") == 0


def test_a_syntax_error_is_shown_at_its_own_line_of_the_cell(shared: Kernel) -> None:
    text = plain(shared.run("%%playbook\nawait asyncio.sleep(0)\n\n\nb = = 2").traceback)
    assert ", line 5" in text
    assert "b = = 2" in text
    assert "^" in text


def test_the_debuggers_last_error_is_the_programs(shared: Kernel) -> None:
    shared.run("%%playbook last-value\nawait asyncio.sleep(0)\n1 / 0")
    assert value(shared, "__import__('sys').last_value.args") == ("division by zero",)


def test_an_error_after_a_resume_names_the_line_of_the_cell(start: Start) -> None:
    body = "%%playbook again {}\nawait tool('first')\n\n\nif True:\n    1 / 0\n"
    one = start()
    one.run(body.format(""))
    shown = one.run(body.format("--resume"))
    assert "----> 6     1/0" in plain(shown.traceback).replace("1 / 0", "1/0")
    assert_program_only(shown)


def test_an_error_of_a_stored_function_names_its_line_after_a_restart(start: Start) -> None:
    cell = (
        "%%playbook stored {}\n"
        "async def fails():\n"
        "    await asyncio.sleep(0)\n"
        "    raise ValueError('here')\n"
        "await tool('first')\n"
        "await fails()"
    )
    start().run(cell.format(""))
    shown = start().run(cell.format("--resume"))
    text = plain(shown.traceback)
    assert "----> 6 await fails()" in text
    assert "----> 4     raise ValueError('here')" in text
    assert_program_only(shown)


def test_an_error_after_a_resume_by_name_shows_the_programs_lines(start: Start) -> None:
    start().run("%%playbook byname\nawait tool('first')\n\n1 / 0")
    shown = start().run("%playbook resume byname")
    assert "4 1 / 0" in plain(shown.traceback)
    assert_program_only(shown)


def test_an_error_in_a_comprehension_is_shown_at_its_line(shared: Kernel) -> None:
    """From 3.12 on a comprehension has no frame; what shows tracebacks looped for ever over it."""
    shown = shared.run(
        "%%playbook comprehended --fresh\n"
        "async def part(n):\n    await asyncio.sleep(0)\n    return 1 / n\n"
        "async def whole():\n    return [\n        await part(n)\n        for n in (1, 0)]\n"
        "await whole()"
    )
    text = plain(shown.traceback)
    assert "----> 9 await whole()" in text
    assert "----> 7     " in text
    assert "await part(n)" in text
    assert_program_only(shown)


def test_an_error_from_before_a_kill_shows_where_it_came_from(start: Start) -> None:
    first = start()
    first.run("def deep():\n    raise KeyError('deep')\n\nasync def fails():\n    deep()")
    first.run("kill_after('done', 3)")
    assert first.run(
        "%%playbook traced\ntry:\n    await fails()\nexcept KeyError as e:\n    kept = e\n"
        "await tool('a')\nasync def again(n, *more):\n    await tool('b')\n"
        "    raise ValueError(n) from kept\nawait again(1)"
    ).died
    second = start()
    text = plain(second.run("%playbook resume traced").traceback)
    for line in ("----> 3     await fails()", "----> 5     deep()", "----> 2     raise KeyError"):
        assert line.replace(" ", "") in text.replace(" ", ""), text
    assert "in again(n, *more)" in text
    assert "playbooks_ipython" not in text


def test_verbose_tracebacks_show_no_hidden_name(start: Start) -> None:
    """`%xmode Verbose` shows arguments and variables: the user's."""
    one = start()
    one.run("%xmode Verbose")
    body = "async def f(n, k=2):\n    m = await tool('a')\n    return [n / 0, m, k]\nawait f(1)"
    shown = plain(one.run(f"%%playbook verbose\n{body}").traceback)
    assert "f(n=1, k=2)" in shown
    assert "m = " in shown
    hidden = [f"{name} = " for name in (".pc", ".w", ".cells", ".t1")]
    assert not any(name in shown for name in hidden)
