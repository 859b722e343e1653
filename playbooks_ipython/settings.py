"""Settings: what a user may choose, read from files and the environment, and checked.

Later ones win: the user's own configuration file, the project's playbooks.toml, the environment.
What decides whether foreign bytes are loaded, or where values are sent, is never taken from a
project: a cloned repository must not be able to set it (`trust`, `dsn`, stores that others made).
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal

from playbooks_ipython.errors import SettingsError

FILE_NAME = "playbooks.toml"
USER_FILE_NAME = "playbooks_ipython.toml"
TABLE = "durability"
ENVIRONMENT_PREFIX = "PLAYBOOKS_DURABILITY__"
STORE_GROUP = "playbooks_ipython.stores"
BUILT_IN_STORES = ("filesystem", "sqlite", "postgresql", "redis")

_OWN_ONLY = frozenset({"trust", "dsn"})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. `storage_path` is relative to the notebook's folder."""

    enabled: bool = True
    store: str = "filesystem"
    storage_path: str = ".checkpoints"
    dsn: str | None = None
    keep_last_n: int = 100
    max_checkpoint_size_mb: int | None = None
    sync: Literal["process", "power"] = "process"
    trust: Literal["own", "keys"] = "own"
    modules: tuple[str, ...] = ()
    on_interrupted: Literal["ask", "resume", "fresh"] = "ask"
    output_limit_kb: int = 1024


def load_settings(
    start: Path, environ: Mapping[str, str], user_config: Path | None = None
) -> Settings:
    """Read the settings that hold in a folder.

    Args:
        start: where the search for playbooks.toml begins; the nearest one upward is taken.
        environ: PLAYBOOKS_DURABILITY__KEEP_LAST_N=5 and the like.
        user_config: the user's own file, which need not exist.
    Raises:
        SettingsError: an unknown key, a bad value, a file that cannot be read; all by name.
    """
    values: dict[str, Any] = {}
    if user_config is not None:
        values |= _read_user_file(user_config)
    values |= _read_project_file(start)
    values |= _read_environment(environ)
    return Settings(**values)


# What each setting may be. `read` takes a TOML value and `parse` the text of a variable; both
# return None for what is not allowed. Values that may be absent are absent by default.


@dataclass(frozen=True, slots=True)
class _Kind:
    allowed: str
    read: Callable[[object], object]
    parse: Callable[[str], object]


def _flag() -> _Kind:
    words = {"true": True, "false": False}
    return _Kind(
        "true or false",
        lambda value: value if isinstance(value, bool) else None,
        lambda text: words.get(text.lower()),
    )


def _count(least: int) -> _Kind:
    def read(value: object) -> int | None:
        # True is an int to Python, not to a user.
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        return value if value >= least else None

    def parse(text: str) -> int | None:
        return read(int(text)) if re.fullmatch(r"-?[0-9]{1,18}", text) else None

    return _Kind(f"a whole number, {least} or more", read, parse)


def _choice(*choices: str) -> _Kind:
    def read(value: object) -> object:
        return value if value in choices else None

    return _Kind(" or ".join(f'"{choice}"' for choice in choices), read, read)


def _text() -> _Kind:
    def read(value: object) -> object:
        return value if isinstance(value, str) and value.strip() else None

    return _Kind("a text that is not empty", read, read)


def _globs() -> _Kind:
    def read(value: object) -> tuple[str, ...] | None:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            return None
        return None if any(not each.strip() for each in value) else tuple(value)

    return _Kind(
        'a list of module names or globs, such as ["tools", "agents.*"]; '
        "separated by commas in an environment variable",
        read,
        lambda text: read([each.strip() for each in text.split(",")] if text.strip() else []),
    )


def _store() -> _Kind:
    def read(value: object) -> object:
        return value if value in _known_stores() else None

    return _Kind("a built-in store or one that is installed", read, read)


_KINDS: dict[str, _Kind] = {
    "enabled": _flag(),
    "store": _store(),
    "storage_path": _text(),
    "dsn": _text(),
    "keep_last_n": _count(1),
    "max_checkpoint_size_mb": _count(1),
    "sync": _choice("process", "power"),
    "trust": _choice("own", "keys"),
    "modules": _globs(),
    "on_interrupted": _choice("ask", "resume", "fresh"),
    "output_limit_kb": _count(0),
}


def _known_stores() -> tuple[str, ...]:
    installed = entry_points(group=STORE_GROUP).names
    return (*BUILT_IN_STORES, *sorted(installed - set(BUILT_IN_STORES)))


# The three places


def _read_user_file(path: Path) -> dict[str, Any]:
    content = _read_toml(path)
    if content is None:
        return {}
    for key in content:
        if key != TABLE:
            raise SettingsError(key, str(path), _unknown_table(key))
    return _read_table(content, str(path), _read_value)


def _read_project_file(start: Path) -> dict[str, Any]:
    folder = start.absolute()
    for path in (each / FILE_NAME for each in (folder, *folder.parents)):
        content = _read_toml(path)
        if content is not None:
            for key in content:
                _check_neighbour(key, str(path))
            return _read_table(content, str(path), _read_project_value)
    return {}


def _check_neighbour(key: str, where: str) -> None:
    """Refuse a misspelt table; playbooks.toml has tables of others too, which are left alone."""
    if key in _KINDS:
        raise SettingsError(key, where, f"settings stand in the table [{TABLE}]; put it there")
    if key != TABLE and _closest(key, [TABLE]):
        raise SettingsError(key, where, _unknown_table(key))


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable in sorted(environ):
        if not variable.startswith(ENVIRONMENT_PREFIX.rstrip("_")):
            continue
        if not variable.startswith(ENVIRONMENT_PREFIX):
            reason = f"unknown variable; settings begin with {ENVIRONMENT_PREFIX}"
            raise SettingsError(variable, "environment", reason)
        key = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        where = f"environment variable {variable}"
        text = environ[variable]
        values[key] = _checked(key, text, where, _kind(key, where).parse(text))
    return values


def _read_toml(path: Path) -> dict[str, Any] | None:
    """Return a file's content, None if there is no such file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as error:  # of TOML, which names the line, of UTF-8 or of a number
        raise SettingsError("TOML", str(path), f"cannot be read as TOML: {error}") from error
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror}"
        raise SettingsError("settings", str(path), reason) from error


# One table, one value

_ReadValue = Callable[[str, object, str], object]


def _read_table(content: Mapping[str, Any], where: str, read: _ReadValue) -> dict[str, Any]:
    table = content.get(TABLE, {})
    if not isinstance(table, dict):
        reason = f"must be a table: write [{TABLE}], and the settings beneath it"
        raise SettingsError(TABLE, where, reason)
    return {key: read(key, value, where) for key, value in table.items()}


def _read_value(key: str, value: object, where: str) -> object:
    return _checked(key, value, where, _kind(key, where).read(value))


def _read_project_value(key: str, value: object, where: str) -> object:
    foreign = key == "store" and isinstance(value, str) and value not in BUILT_IN_STORES
    if key in _OWN_ONLY or foreign:
        variable = ENVIRONMENT_PREFIX + key.upper()
        subject = f"the store {value!r}, which is not built in," if foreign else "this"
        raise SettingsError(
            key,
            where,
            f"{subject} is never taken from a project's file, which may be somebody else's; "
            f"set it in {USER_FILE_NAME} in your Jupyter configuration folder, or as {variable}",
        )
    return _read_value(key, value, where)


def _kind(key: str, where: str) -> _Kind:
    if key in _KINDS:
        return _KINDS[key]
    closest = _closest(key, _KINDS)
    meant = f"did you mean {closest!r}? " if closest else ""
    reason = f"unknown setting; {meant}there are: {', '.join(_KINDS)}"
    raise SettingsError(key, where, reason)


def _checked(key: str, given: object, where: str, value: object) -> object:
    if value is not None:
        return value
    allowed = _KINDS[key].allowed
    if key == "store":
        allowed += f": {', '.join(_known_stores())}"
    raise SettingsError(key, where, f"{given!r} is not allowed; it must be {allowed}")


def _unknown_table(key: str) -> str:
    return (
        f"unknown table; did you mean [{TABLE}]?"
        if _closest(key, [TABLE])
        else (f"unknown table; the only one is [{TABLE}]")
    )


def _closest(word: str, known: Iterable[str]) -> str | None:
    by_letters = {re.sub(r"[\W_]", "", each).lower(): each for each in known}
    found = difflib.get_close_matches(re.sub(r"[\W_]", "", word).lower(), by_letters, n=1)
    return by_letters[found[0]] if found else None
