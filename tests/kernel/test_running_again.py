"""What running a cell again does: ask, go on, start over, use what was edited, or refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.kernel.conftest import Start, effect_lines, value
from tests.support.kernels import Kernel

Happened = Callable[[], list[str]]

FAILING = "%%playbook {name} {options}\na = await tool('{name}')\nb = {b}\nb"


def failing(name: str, options: str = "", b: str = "1 / 0") -> str:
    return FAILING.format(name=name, options=options, b=b)


# -- with nothing said


def test_an_unfinished_run_is_asked_about(shared: Kernel) -> None:
    shared.run(failing("asked"))
    said = shared.run(failing("asked")).stderr
    assert "asked failed at line 3 after 1 await" in said
    assert "`--resume` continues" in said
    assert "`--fresh` starts over (this one is kept as asked~1)" in said


def test_asking_runs_nothing(shared: Kernel) -> None:
    shared.run(failing("nothing-run"))
    shared.run(failing("nothing-run"))
    assert effect_lines(shared).count("tool nothing-run ()") == 1


def test_a_finished_run_begins_anew(shared: Kernel) -> None:
    for _ in range(2):
        assert shared.run(failing("anew", b="2")).value == "2"
    assert effect_lines(shared).count("tool anew ()") == 2


def test_a_run_that_failed_before_its_first_await_begins_anew(shared: Kernel) -> None:
    assert shared.run("%%playbook early\n1 / 0\nawait tool('early')").error is not None
    assert shared.run("%%playbook early\nx = 1\nawait tool('early')").error is None


# -- --resume


def test_resume_of_a_finished_run_runs_nothing(shared: Kernel) -> None:
    shared.run(failing("idem", b="2"))
    again = shared.run(failing("idem", "--resume", b="2"))
    assert "idem is finished: its variables are back, nothing was run" in again.stderr
    assert effect_lines(shared).count("tool idem ()") == 1


def test_resume_of_a_finished_run_brings_its_variables_back(shared: Kernel) -> None:
    shared.run("%%playbook back\nkept = [1]\nsame = kept\nawait tool('back')\nkept.append(2)")
    shared.run("kept = same = None")
    shared.run(
        "%%playbook back --resume\nkept = [1]\nsame = kept\nawait tool('back')\nkept.append(2)"
    )
    assert value(shared, "kept is same and kept") == [1, 2]


def test_resume_of_a_finished_run_shows_its_output_again(shared: Kernel) -> None:
    text = "%%playbook shown {}\nprint('once')\nawait tool('shown')"
    shared.run(text.format(""))
    assert shared.run(text.format("--resume")).stdout == "once\n"


def test_a_cell_that_grew_at_the_end_runs_only_what_is_new(shared: Kernel) -> None:
    shared.run("%%playbook grew\na = await tool('grew')")
    grown = shared.run(
        "%%playbook grew --resume\na = await tool('grew')\nb = await tool('new', a)\nb"
    )
    assert grown.value == "4"
    assert effect_lines(shared).count("tool grew ()") == 1


def test_what_grew_is_finished_too_afterwards(shared: Kernel) -> None:
    first, more = "a = await tool('grow2')", "\nb = await tool('more2')"
    shared.run(f"%%playbook grow2\n{first}")
    for _ in range(2):
        shared.run(f"%%playbook grow2 --resume\n{first}{more}")
    assert effect_lines(shared).count("tool more2 ()") == 1


def test_resume_with_no_run_yet_says_so_and_runs(shared: Kernel) -> None:
    shown = shared.run("%%playbook first-time --resume\nawait asyncio.sleep(0, 'ran')")
    assert shown.value == "'ran'"
    assert "first-time has no checkpoint yet: running it from the start" in shown.stderr


def test_run_all_twice_repeats_nothing(start: Start, happened: Happened) -> None:
    cells = [
        "%load_ext playbooks_ipython",
        "import outside",
        "%%playbook all --resume\na = await outside.tool('x')\nb = await outside.tool('y', a)",
        "print(a, b)",
    ]
    for _ in range(2):
        one = start(load="")
        shown = [one.run(cell) for cell in cells]
        assert [each.error for each in shown] == [None] * 4
        assert shown[-1].stdout == "1 2\n"
    assert happened() == ["tool x ()", "tool y (1,)"]


# -- edited


def test_a_statement_that_had_run_and_was_edited_is_refused(shared: Kernel) -> None:
    shared.run(failing("edited"))
    said = shared.run("%%playbook edited --resume\na = await tool('other')\nb = 2\nb").stderr
    assert "edited: line 2 had already run and is different now" in said
    assert "tool other ()" not in effect_lines(shared)


def test_the_refusal_shows_the_difference(shared: Kernel) -> None:
    shared.run(failing("differs"))
    said = shared.run("%%playbook differs --resume\na = await tool('other')\nb = 2\nb").stderr
    assert "-a = await tool('differs')" in said
    assert "+a = await tool('other')" in said


def test_the_refusal_names_the_newest_checkpoint_that_still_fits(shared: Kernel) -> None:
    text = (
        "%%playbook fits {}\na = await tool('f1')\n"
        "b = await tool('f2')\nc = {}\nd = await tool('f3')\n1/0"
    )
    shared.run(text.format("", "1"))
    said = shared.run(text.format("--resume", "2")).stderr
    assert "the newest checkpoint that still fits is fits@2" in said


def test_a_statement_that_had_not_run_is_used_in_its_new_form(shared: Kernel) -> None:
    shared.run(failing("later"))
    assert shared.run(failing("later", "--resume", b="a + 100")).value == "105"
    assert effect_lines(shared).count("tool later ()") == 1


def test_comments_and_layout_are_no_edit(shared: Kernel) -> None:
    shared.run(failing("layout"))
    again = shared.run(
        "%%playbook layout --resume\n# what this does\n\na = await tool( 'layout' )  # x\nb = 5\nb"
    )
    assert again.value == "5"
    assert effect_lines(shared).count("tool layout ()") == 1


# -- --fresh


def test_fresh_starts_over(shared: Kernel) -> None:
    shared.run(failing("fresh"))
    assert shared.run(failing("fresh", "--fresh", b="3")).value == "3"
    assert effect_lines(shared).count("tool fresh ()") == 2


def test_fresh_keeps_the_three_runs_before(shared: Kernel) -> None:
    for n in range(5):
        shared.run(f"%%playbook kept-runs --fresh\nawait tool('k', {n})\nwhich = {n}")
    names = [line.split()[0] for line in str(shared.run("%playbook").value).splitlines()]
    assert sorted(name for name in names if name.startswith("kept-runs")) == [
        "kept-runs",
        "kept-runs~1",
        "kept-runs~2",
        "kept-runs~3",
    ]
    for older, n in (("", 4), ("~1", 3), ("~3", 1)):
        shared.run(f"%playbook restore kept-runs{older}")
        assert value(shared, "which") == n


def test_a_reference_may_name_a_checkpoint_of_an_older_run(shared: Kernel) -> None:
    for n in range(2):
        shared.run(
            f"%%playbook older --fresh\nat = [{n}, 0]\nawait tool('o')\nat[1] = 1\nawait tool('p')"
        )
    assert shared.run("%playbook restore older~1@2").stderr.count("Error") == 0
    assert value(shared, "at") == [0, 1]


# -- going back


def test_resuming_an_older_checkpoint_keeps_the_newer_line(shared: Kernel) -> None:
    shared.run(
        "%%playbook forked\na = await tool('fa')\nb = await tool('fb')\nc = await tool('fc')\nc"
    )
    assert shared.run("%playbook resume forked@1").error is None
    lines = effect_lines(shared)
    counts = [lines.count(f"tool {name} ()") for name in ("fa", "fb", "fc")]
    assert counts == [1, 2, 2]
    shared.run("%playbook restore forked~1")
    assert value(shared, "(a, b, c)") == (2, 2, 2)


def test_going_back_makes_one_run_and_keeps_one(shared: Kernel) -> None:
    shared.run("%%playbook once\nawait tool('o1')\nawait tool('o2')")
    shared.run("%playbook resume once@1")
    names = [line.split()[0] for line in str(shared.run("%playbook").value).splitlines()]
    assert [name for name in names if name.startswith("once")] == ["once", "once~1"]


def test_an_older_checkpoint_goes_on_with_its_own_values(shared: Kernel) -> None:
    shared.run(
        "%%playbook past\nseen = []\nawait tool('p1')\n"
        "seen.append(1)\nawait tool('p2')\nseen.append(2)"
    )
    shared.run("%playbook resume past@1")
    assert value(shared, "seen") == [1, 2]


# -- settings


def settled(folder: Path, text: str) -> None:
    (folder / "playbooks.toml").write_text(f"[durability]\n{text}\n")


def test_on_interrupted_resume_goes_on_without_being_told(
    start: Start, tmp_path: Path, happened: Happened
) -> None:
    settled(tmp_path, 'on_interrupted = "resume"')
    one = start()
    one.run(failing("auto"))
    assert one.run(failing("auto", b="7")).value == "7"
    assert happened() == ["tool auto ()"]


def test_on_interrupted_resume_leaves_finished_runs_to_begin_anew(
    start: Start, tmp_path: Path, happened: Happened
) -> None:
    settled(tmp_path, 'on_interrupted = "resume"')
    one = start()
    one.run(failing("auto", b="7"))
    one.run(failing("auto", b="7"))
    assert happened() == ["tool auto ()"] * 2


def test_on_interrupted_fresh_starts_over_without_being_told(
    start: Start, tmp_path: Path, happened: Happened
) -> None:
    settled(tmp_path, 'on_interrupted = "fresh"')
    one = start()
    one.run(failing("over"))
    assert one.run(failing("over", b="8")).value == "8"
    assert happened() == ["tool over ()"] * 2


def test_an_explicit_option_wins_over_the_setting(
    start: Start, tmp_path: Path, happened: Happened
) -> None:
    settled(tmp_path, 'on_interrupted = "fresh"')
    one = start()
    one.run(failing("wins"))
    assert one.run(failing("wins", "--resume", b="9")).value == "9"
    assert happened() == ["tool wins ()"]


def test_enabled_false_runs_without_saving_and_says_so(start: Start, tmp_path: Path) -> None:
    settled(tmp_path, "enabled = false")
    shown = start().run("%%playbook off\nawait tool('off')\n'ran'")
    assert shown.value == "'ran'"
    assert "enabled = false" in shown.stderr
    assert not (tmp_path / ".checkpoints").exists()


def test_the_environment_overrides_the_file(start: Start, tmp_path: Path) -> None:
    settled(tmp_path, "enabled = true")
    one = start(PLAYBOOKS_DURABILITY__ENABLED="false")
    assert "enabled = false" in one.run("%%playbook off\nawait tool('off')").stderr


def test_keep_last_n_is_applied_when_a_run_ends(start: Start, tmp_path: Path) -> None:
    settled(tmp_path, "keep_last_n = 2")
    one = start()
    one.run("%%playbook few\n" + "\n".join(f"await tool('n{n}')" for n in range(5)))
    files = sorted(path.name for path in (tmp_path / ".checkpoints" / "few").glob("*.pkl"))
    assert files == ["few_ckpt_4.pkl", "few_ckpt_5.pkl"]
    assert "few@4 to few@5" in one.run("%playbook show few@1").stderr


def test_storage_path_says_where_runs_are_kept(start: Start, tmp_path: Path) -> None:
    settled(tmp_path, 'storage_path = "elsewhere/runs"')
    start().run("%%playbook there\nawait tool('x')")
    assert (tmp_path / "elsewhere" / "runs" / "there").is_dir()
