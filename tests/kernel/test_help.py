"""Help and completion know the magics as they know every other."""

from __future__ import annotations

from tests.support.kernels import Kernel


def completions(one: Kernel, code: str) -> list[str]:
    reply = one.ask(one.client.complete(code, len(code)), "complete_reply")
    matches: list[str] = reply["matches"]
    return sorted(matches)


def test_help_on_the_cell_magic_shows_how_it_is_used(shared: Kernel) -> None:
    one = shared.ask(shared.client.execute("%%playbook?"), "execute_reply")
    text = one["payload"][0]["data"]["text/plain"]
    assert "%%playbook [NAME] [--resume | --fresh] [--join] [--modules GLOB]" in text


def test_help_on_the_line_magic_lists_its_commands(shared: Kernel) -> None:
    one = shared.ask(shared.client.execute("%playbook?"), "execute_reply")
    text = one["payload"][0]["data"]["text/plain"]
    assert "%playbook restore NAME[@N]" in text


def test_the_magics_are_listed(shared: Kernel) -> None:
    listed = shared.run("'%playbook' in str(get_ipython().run_line_magic('lsmagic', ''))")
    assert listed.value == "True"


def test_the_names_of_the_magics_complete(shared: Kernel) -> None:
    assert "%%playbook" in completions(shared, "%%playb")


def test_commands_complete(shared: Kernel) -> None:
    assert completions(shared, "%playbook re") == ["restore", "resume"]


def test_all_commands_complete_from_nothing(shared: Kernel) -> None:
    found = completions(shared, "%playbook ")
    assert found == [
        *("delete", "diff", "fork", "gc", "pin", "restore"),
        *("resume", "save", "show", "undo", "verify"),
    ]


def test_runs_complete_where_a_run_is_expected(shared: Kernel) -> None:
    shared.run("%%playbook finish-me\nawait asyncio.sleep(0)")
    for command in ("show", "resume", "restore", "delete", "pin", "verify", "fork", "diff"):
        assert completions(shared, f"%playbook {command} fin") == ["finish-me"]


def test_runs_do_not_complete_where_none_is_expected(shared: Kernel) -> None:
    shared.run("%%playbook not-here\nawait asyncio.sleep(0)")
    assert "not-here" not in completions(shared, "%playbook undo ")


def test_options_complete_after_the_run(shared: Kernel) -> None:
    assert completions(shared, "%playbook restore finish-me --k") == ["--keep"]
    assert completions(shared, "%playbook restore x --") == ["--exact", "--frame", "--keep"]
    assert completions(shared, "%playbook restore x --exact --") == ["--frame", "--keep"]
    assert completions(shared, "%playbook pin finish-me@1 --") == ["--off"]
    assert completions(shared, "%playbook diff finish-me@1 fin") == ["finish-me"]


def test_runs_and_options_complete_after_the_cell_magic(shared: Kernel) -> None:
    shared.run("%%playbook some-run\nawait asyncio.sleep(0)")
    assert completions(shared, "%%playbook som") == ["some-run"]
    assert completions(shared, "%%playbook some-run --") == ["--fresh", "--resume"]


def test_the_completion_replaces_the_word_at_the_cursor_only(shared: Kernel) -> None:
    code = "x = 1\n%playbook res"
    reply = shared.ask(shared.client.complete(code, len(code)), "complete_reply")
    assert code[reply["cursor_start"] : reply["cursor_end"]] == "res"


def test_other_lines_complete_as_ever(shared: Kernel) -> None:
    assert "%lsmagic" in completions(shared, "%lsm")
