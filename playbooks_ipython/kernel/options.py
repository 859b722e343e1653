"""Options: what stands on a magic's line, read into data. Every mistake is one sentence."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from IPython.core.error import UsageError


@dataclass(frozen=True, slots=True)
class CellOptions:
    name: str | None = None
    policy: str = "ask"
    modules: tuple[str, ...] = ()
    join: bool = False


def parse_cell_line(line: str) -> CellOptions:
    """Read the line after %%playbook. Raises UsageError."""
    name, policy, modules, join = None, "ask", [], False
    words = iter(split(line))
    for word in words:
        if word == "--modules" or word.startswith("--modules="):
            modules.append(_glob(word.partition("=")[2] or next(words, "")))
        elif word == "--join":
            join = True
        elif word in ("--resume", "--fresh"):
            if policy != "ask":
                raise UsageError("%%playbook: --resume and --fresh exclude each other")
            policy = word.removeprefix("--")
        elif word.startswith("-"):
            raise UsageError(f"%%playbook: unknown option {word}; it knows {_KNOWN}")
        elif name is not None:
            raise UsageError(f"%%playbook takes one name, not {name!r} and {word!r}")
        else:
            name = word
    return CellOptions(name, policy, tuple(modules), join)


_KNOWN = "--resume, --fresh, --join and --modules GLOB"


def _glob(word: str) -> str:
    if not word or word.startswith("-"):
        raise UsageError("%%playbook: --modules needs a glob of module names, as in agents.*")
    return word


def split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"playbook: {error}") from None


@dataclass(frozen=True, slots=True)
class Command:
    """One word of %playbook: how it is used, what it does.

    `runs`: how many of its arguments name a run that there is; `options` stand after those.
    """

    usage: str
    about: str
    run: Callable[[list[str]], object]
    runs: int = 1
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """What stands after `%playbook restore`."""

    reference: str
    keep: tuple[str, ...] = ()
    exact: bool = False
    frame: str | None = None


def parse_restore(usage: str, words: list[str]) -> RestoreOptions:
    """Read the words after `%playbook restore`. Raises UsageError."""
    words, keep = _take_value(words, "--keep", "names, as in --keep A,B")
    words, frame = _take_value(words, "--frame", "a function of the stack, as in --frame main")
    words, exact = take_flag(words, "--exact")
    if exact and keep:
        raise UsageError("%playbook restore: --exact and --keep exclude each other")
    names = tuple(name for name in (keep or "").split(",") if name)
    return RestoreOptions(one_of("restore", usage, words), names, exact, frame)


def _take_value(words: list[str], option: str, needs: str) -> tuple[list[str], str | None]:
    """Return the words without an option and its value, and that value; None if it is absent."""
    if option not in words:
        return words, None
    at = words.index(option)
    before, after = words[:at], words[at + 1 :]
    if not after or after[0].startswith("-"):
        raise UsageError(f"%playbook restore: {option} needs {needs}")
    taken = 1
    while after[taken - 1].endswith(",") and taken < len(after):  # "A, B" is two words
        taken += 1
    return [*before, *after[taken:]], "".join(after[:taken])


def two_of(command: str, usage: str, words: list[str]) -> tuple[str, str]:
    """Return the two arguments that a command takes. Raises UsageError."""
    if len(words) != 2 or any(word.startswith("-") for word in words):
        raise UsageError(f"%playbook {command} is used as: %playbook {usage}")
    return words[0], words[1]


def take_flag(words: list[str], flag: str) -> tuple[list[str], bool]:
    """Return the words without a flag, and whether it was among them."""
    return [word for word in words if word != flag], flag in words


def one_of(command: str, usage: str, words: list[str]) -> str:
    """Return the one argument that a command takes. Raises UsageError."""
    if len(words) != 1 or words[0].startswith("-"):
        raise UsageError(f"%playbook {command} is used as: %playbook {usage}")
    return words[0]
