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


def parse_cell_line(line: str) -> CellOptions:
    """Read the line after %%playbook. Raises UsageError."""
    name, policy, modules = None, "ask", []
    words = iter(split(line))
    for word in words:
        if word == "--modules" or word.startswith("--modules="):
            modules.append(_glob(word.partition("=")[2] or next(words, "")))
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
    return CellOptions(name, policy, tuple(modules))


_KNOWN = "--resume, --fresh and --modules GLOB"


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


def take_flag(words: list[str], flag: str) -> tuple[list[str], bool]:
    """Return the words without a flag, and whether it was among them."""
    return [word for word in words if word != flag], flag in words


def one_of(command: str, usage: str, words: list[str]) -> str:
    """Return the one argument that a command takes. Raises UsageError."""
    if len(words) != 1 or words[0].startswith("-"):
        raise UsageError(f"%playbook {command} is used as: %playbook {usage}")
    return words[0]
