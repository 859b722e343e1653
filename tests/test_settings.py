"""Settings: every way in which they are given, and one sentence for every way to get them wrong."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from playbooks_ipython.config import config, user_config_path
from playbooks_ipython.errors import SettingsError
from playbooks_ipython.settings import _KINDS, Settings, load_settings

PREFIX = "PLAYBOOKS_DURABILITY__"


@pytest.fixture
def project(tmp_path):
    """Write playbooks.toml and load the settings of its folder."""

    def load(text, environ=None, user=None):
        (tmp_path / "playbooks.toml").write_text(text)
        if user is not None:
            (tmp_path / "user.toml").write_text(user)
        return load_settings(tmp_path, environ or {}, tmp_path / "user.toml")

    return load


def table(line):
    return f"[durability]\n{line}\n"


def test_without_any_file_the_defaults_hold(tmp_path):
    """Durable by default, one hundred checkpoints, no limit of size, ask."""
    assert load_settings(tmp_path, {}, tmp_path / "none.toml") == Settings(
        enabled=True,
        store="filesystem",
        storage_path=".checkpoints",
        dsn=None,
        keep_last_n=100,
        max_checkpoint_size_mb=None,
        sync="process",
        trust="own",
        modules=(),
        on_interrupted="ask",
        output_limit_kb=1024,
    )


def test_every_setting_says_what_it_may_be():
    """A setting without a check, or a check without a setting, would be one nobody can set."""
    assert _KINDS.keys() == {field.name for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("enabled = false", "enabled", False),
        ('store = "sqlite"', "store", "sqlite"),
        ('storage_path = "/var/lib/checkpoints"', "storage_path", "/var/lib/checkpoints"),
        ("keep_last_n = 10", "keep_last_n", 10),
        ("max_checkpoint_size_mb = 10", "max_checkpoint_size_mb", 10),
        ('sync = "power"', "sync", "power"),
        ('modules = ["tools", "agents.*"]', "modules", ("tools", "agents.*")),
        ('on_interrupted = "resume"', "on_interrupted", "resume"),
        ("output_limit_kb = 0", "output_limit_kb", 0),
    ],
)
def test_a_project_sets(project, line, key, value):
    """playbooks.toml changes this setting and no other."""
    assert project(table(line)) == dataclasses.replace(Settings(), **{key: value})


def test_the_nearest_file_upward_is_taken(tmp_path):
    """A notebook in a subfolder has the settings of its project, and of the nearest one."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "playbooks.toml").write_text(table("keep_last_n = 1"))
    assert load_settings(inner, {}).keep_last_n == 1
    (tmp_path / "a" / "playbooks.toml").write_text(table("keep_last_n = 2"))
    assert load_settings(inner, {}).keep_last_n == 2


def test_the_environment_wins_over_the_project_and_that_over_the_user(project):
    """The more particular place decides."""
    user = table("keep_last_n = 1\noutput_limit_kb = 1\nenabled = false")
    toml = table("keep_last_n = 2\noutput_limit_kb = 2")
    settings = project(toml, {PREFIX + "KEEP_LAST_N": "3"}, user)
    assert (settings.keep_last_n, settings.output_limit_kb, settings.enabled) == (3, 2, False)


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("ENABLED", "false", False),
        ("ENABLED", "True", True),
        ("KEEP_LAST_N", "5", 5),
        ("MODULES", "tools, agents.*", ("tools", "agents.*")),
        ("MODULES", "", ()),
        ("TRUST", "keys", "keys"),
        ("DSN", "postgresql://h/d", "postgresql://h/d"),
        ("MAX_CHECKPOINT_SIZE_MB", "7", 7),
    ],
)
def test_the_environment_sets(tmp_path, variable, text, value):
    """Text becomes a value of the setting's own type."""
    settings = load_settings(tmp_path, {PREFIX + variable: text})
    assert getattr(settings, variable.lower()) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("ENABLED", "yes"),
        ("ENABLED", "1"),
        ("ENABLED", ""),
        ("KEEP_LAST_N", "0"),
        ("KEEP_LAST_N", "5.0"),
        ("KEEP_LAST_N", " 5"),
        ("KEEP_LAST_N", "\u0665"),
        ("KEEP_LAST_N", "9" * 5000),
        ("SYNC", "Power"),
        ("DSN", " "),
        ("MODULES", "a,,b"),
    ],
)
def test_the_environment_is_read_strictly(tmp_path, variable, text):
    """A near miss is an error that names the variable, never a guess."""
    with pytest.raises(SettingsError, match=PREFIX + variable) as caught:
        load_settings(tmp_path, {PREFIX + variable: text})
    assert caught.value.key == variable.lower()


@pytest.mark.parametrize(
    "line",
    [
        "enabled = 1",
        'enabled = "true"',
        "keep_last_n = true",
        "keep_last_n = 0",
        "keep_last_n = 1.5",
        "max_checkpoint_size_mb = 0",
        'storage_path = ""',
        "storage_path = 3",
        'sync = "disk"',
        'on_interrupted = ["ask"]',
        'modules = "tools"',
        "modules = [1]",
        "store = 1",
        "output_limit_kb = -1",
    ],
)
def test_a_bad_value_is_an_error_that_names_key_file_and_what_is_allowed(project, line):
    """One sentence is enough to mend it."""
    with pytest.raises(SettingsError) as caught:
        project(table(line))
    key = line.split(" =")[0]
    assert caught.value.key == key
    assert "playbooks.toml" in str(caught.value)
    assert _KINDS[key].allowed in str(caught.value)


@pytest.mark.parametrize("allowed", ["process", "power"])
def test_the_allowed_values_are_written_out(project, allowed):
    """`sync` says both of its values."""
    with pytest.raises(SettingsError, match=f'"{allowed}"'):
        project(table('sync = "disk"'))


def test_an_unknown_store_names_those_there_are(project):
    """The list of stores is in the error, wherever the store was chosen."""
    with pytest.raises(SettingsError, match="filesystem, sqlite, postgresql, redis"):
        project("", {PREFIX + "STORE": "floppy"})


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("keep_last = 5", "keep_last_n"),
        ("keep-last-n = 5", "keep_last_n"),
        ("KeepLastN = 5", "keep_last_n"),
        ('storagepath = "x"', "storage_path"),
        ("enable = true", "enabled"),
    ],
)
def test_an_unknown_key_is_an_error_with_the_closest_one(project, line, meant):
    """A misspelt setting is never ignored."""
    with pytest.raises(SettingsError, match=f"did you mean '{meant}'"):
        project(table(line))


def test_a_key_like_no_other_is_an_error_with_all_of_them(project):
    """Without a close match the whole list helps."""
    with pytest.raises(SettingsError, match=r"there are: enabled, store, .*output_limit_kb"):
        project(table("colour = 1"))


def test_an_unknown_variable_is_an_error(tmp_path):
    """Also one whose two underscores were written as one."""
    with pytest.raises(SettingsError, match="did you mean 'sync'"):
        load_settings(tmp_path, {PREFIX + "SYNK": "power"})
    with pytest.raises(SettingsError, match="settings begin with " + PREFIX):
        load_settings(tmp_path, {"PLAYBOOKS_DURABILITY_SYNC": "power"})


@pytest.mark.parametrize("name", ["Durability", "durabilty", "durable-ity"])
def test_a_misspelt_table_is_an_error(project, name):
    """Settings that would silently not hold."""
    with pytest.raises(SettingsError, match=r"did you mean \[durability\]"):
        project(f"[{name}]\nkeep_last_n = 5\n")


def test_a_setting_outside_of_the_table_is_an_error(project):
    """It would silently not hold either."""
    with pytest.raises(SettingsError, match=r"keep_last_n: .*table \[durability\]"):
        project("keep_last_n = 5\n")


@pytest.mark.parametrize("text", ["durability = true", "[[durability]]\nenabled = true"])
def test_what_is_no_table_is_an_error(project, text):
    """The error shows how a table is written."""
    with pytest.raises(SettingsError, match=r"write \[durability\]"):
        project(text)


def test_tables_of_others_are_left_alone(project):
    """playbooks.toml is not ours alone."""
    assert project('[model]\nname = "m"\n') == Settings()


def test_the_users_own_file_has_no_tables_of_others(project):
    """There an unknown table can only be a mistake."""
    with pytest.raises(SettingsError, match=r"user.toml: model: .*\[durability\]"):
        project("", user="[model]\n")


@pytest.mark.parametrize("line", ['trust = "keys"', 'dsn = "postgresql://h/d"', 'store = "theirs"'])
def test_a_project_cannot_choose_what_is_trusted_or_where_values_go(project, line):
    """H14: a cloned repository sets none of these; the error says where they may stand."""
    key = line.split(" =")[0]
    with pytest.raises(SettingsError) as caught:
        project(table(line))
    assert caught.value.key == key
    assert "playbooks_ipython.toml" in str(caught.value)
    assert PREFIX + key.upper() in str(caught.value)


def test_the_user_chooses_them(project):
    """The user's own file and the environment may."""
    settings = project("", user=table('trust = "keys"\ndsn = "redis://h"'))
    assert (settings.trust, settings.dsn) == ("keys", "redis://h")


def test_an_installed_store_may_be_chosen_by_the_user_alone(project, tmp_path, monkeypatch):
    """An entry point of an installed distribution is a store; a project may not name it."""
    installed = tmp_path / "site" / "theirs-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Name: theirs\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[playbooks_ipython.stores]\ntheirs = theirs:S\n")
    monkeypatch.syspath_prepend(str(installed.parent))
    assert project("", {PREFIX + "STORE": "theirs"}).store == "theirs"
    with pytest.raises(SettingsError, match="not built in"):
        project(table('store = "theirs"'))


def test_broken_toml_names_file_and_line(project):
    """The reason is the parser's own."""
    with pytest.raises(SettingsError, match=r"playbooks\.toml: .*line 2"):
        project("[durability]\nenabled = = true\n")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"n = " + b"9" * 5000])
def test_a_file_that_is_no_toml_is_an_error(tmp_path, content):
    """Also where the parser fails with something else than its own error."""
    (tmp_path / "playbooks.toml").write_bytes(content)
    with pytest.raises(SettingsError, match="cannot be read as TOML"):
        load_settings(tmp_path, {})


def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    """A folder of that name is not skipped silently."""
    (tmp_path / "playbooks.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path, {})


def test_config_follows_the_folder_and_the_file(tmp_path, monkeypatch):
    """The seeds' `config.durability.enabled` is read when it is asked for."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    monkeypatch.chdir(tmp_path)
    assert config.durability.enabled is True
    Path("playbooks.toml").write_text(table("enabled = false"))
    assert config.durability.enabled is False


def test_config_reads_the_users_file_in_jupyters_folder(tmp_path, monkeypatch):
    """Where Jupyter's own configuration stands."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert user_config_path() == tmp_path / "playbooks_ipython.toml"
    user_config_path().write_text(table('trust = "keys"'))
    assert config.durability.trust == "keys"


def test_importing_config_reads_nothing(tmp_path):
    """A broken file is an error where it is used, not where something is imported."""
    (tmp_path / "playbooks.toml").write_text("=")
    root = Path(__file__).parents[1]
    subprocess.run(
        [sys.executable, "-c", "from playbooks_ipython.config import config"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=True,
    )
