"""What a user gets wrong is answered with one message that says what to do, and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.conftest import Start
from tests.support.kernels import Kernel, Outcome


def the_message(shown: Outcome) -> str:
    """Return the one line that a mistake is answered with."""
    assert shown.error is None
    assert shown.traceback == ""
    (line,) = shown.stderr.splitlines()
    assert line.startswith("UsageError: ")
    return line.removeprefix("UsageError: ")


MISTAKES = {
    "%playbook nonsense": "knows no 'nonsense'",
    "%playbook resum x": "Did you mean resume?",
    "%playbook resume": "%playbook resume is used as: %playbook resume NAME[@N]",
    "%playbook resume a b": "%playbook resume is used as",
    "%playbook resume --now": "%playbook resume is used as",
    "%playbook resume nowhere": "no run 'nowhere' in",
    "%playbook resume known@99": "no checkpoint known@99; kept: known@1 to known@2",
    "%playbook resume known@x": "'known@x' is not NAME, NAME@N",
    "%playbook resume known@": "'known@' is not NAME, NAME@N",
    "%playbook resume known~7": "no run 'known~7'",
    "%playbook restore nowhere": "no run 'nowhere' in",
    "%playbook restore known --keep": "--keep",
    "%playbook restore --keep a": "%playbook restore is used as",
    "%playbook show": "%playbook show is used as",
    "%playbook show known@0": "no checkpoint known@0",
    "%playbook delete": "%playbook delete is used as",
    "%playbook delete nowhere": "no run 'nowhere' in",
    "%playbook delete known@9": "no checkpoint known@9",
    "%playbook verify nowhere": "no run 'nowhere' in",
    "%playbook verify a b": "%playbook verify is used as",
    "%playbook undo x": "%playbook undo takes no arguments",
    "%playbook gc x": "%playbook gc takes no arguments",
    '%playbook resume "a': "No closing quotation",
    "%%playbook a b\nx = 1": "takes one name, not 'a' and 'b'",
    "%%playbook --resum\nx = 1": "unknown option --resum; it knows --resume, --fresh",
    "%%playbook --modules\nx = 1": "--modules needs a glob of module names",
    "%%playbook a --resume --fresh\nx = 1": "--resume and --fresh exclude each other",
    "%%playbook a --fresh=1\nx = 1": "unknown option --fresh=1",
    '%%playbook "a\nx = 1': "No closing quotation",
}


@pytest.fixture(scope="module", autouse=True)
def known(shared: Kernel) -> None:
    shared.run("%%playbook known\nawait tool('a')\nawait tool('b')")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_in_one_line(shared: Kernel, mistake: str) -> None:
    assert MISTAKES[mistake] in the_message(shared.run(mistake))


def test_an_unknown_run_is_answered_with_those_there_are(shared: Kernel) -> None:
    assert "; there are: known" in the_message(shared.run("%playbook resume nowhere"))


def test_python_functions_answer_a_mistake_in_one_line_too(shared: Kernel) -> None:
    shared.run("import playbooks_ipython as pb")
    assert "no run 'nowhere'" in the_message(shared.run("await pb.resume('nowhere')"))
    assert "no run 'nowhere'" in the_message(shared.run("pb.restore('nowhere')"))
    assert "is not a run's name" in the_message(shared.run("await pb.resume('a b')"))


def test_a_step_of_another_shape_is_the_programs_error(shared: Kernel) -> None:
    shown = shared.run("%%playbook step\nawait Step('nowhere')")
    assert shown.error is not None and shown.error[0] == "ValueError"


def test_without_autoawait_the_cell_says_what_it_needs(shared: Kernel) -> None:
    shared.run("%autoawait False")
    shown = [shared.run(text) for text in ("%%playbook\nawait tool('x')", "%playbook resume known")]
    shared.run("%autoawait asyncio")
    assert ["%autoawait asyncio" in the_message(each) for each in shown] == [True, True]


SETTINGS = {
    "[durability]\nkeep_last = 3": "keep_last: unknown setting; did you mean 'keep_last_n'?",
    "[durability]\nkeep_last_n = 0": "keep_last_n: 0 is not allowed",
    "[durability]\non_interrupted = 'never'": 'must be "ask" or "resume" or "fresh"',
    "[durability]\ntrust = 'keys'": "never taken from a project's file",
    "keep_last_n = 3": "settings stand in the table [durability]",
    "[durability": "cannot be read as TOML",
}


@pytest.mark.parametrize("text", SETTINGS)
def test_a_wrong_setting_is_named_with_its_file_when_the_extension_loads(
    start: Start, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "playbooks.toml"
    path.write_text(text)
    message = the_message(start(load="").run("%load_ext playbooks_ipython"))
    assert SETTINGS[text] in message
    assert str(path) in message


def test_a_wrong_variable_is_named(start: Start) -> None:
    one = start(load="", PLAYBOOKS_DURABILITY__SYNC="sometimes")
    message = the_message(one.run("%load_ext playbooks_ipython"))
    assert "PLAYBOOKS_DURABILITY__SYNC" in message
    assert "'sometimes' is not allowed" in message


def test_a_store_that_is_not_there_yet_is_refused_by_name(start: Start, tmp_path: Path) -> None:
    (tmp_path / "playbooks.toml").write_text("[durability]\nstore = 'redis'")
    shown = start(load="").run("%load_ext playbooks_ipython")
    assert "redis" in the_message(shown)
