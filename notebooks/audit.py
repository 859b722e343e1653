"""Audit: an agent that reads what is installed here. Offline; no language model, only tools.

Each tool works in a thread, then does one thing that cannot be taken back: an effect. Effects are
how a reader, or another process, sees that nothing happened twice.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import ParamSpec, TypeVar

EFFECTS_VARIABLE = "PLAYBOOKS_DEMO_EFFECTS"
"""Names the Unix socket of whoever counts the effects; without it they go to EFFECTS_FILE."""
EFFECTS_FILE = "effects.log"

P = ParamSpec("P")
T = TypeVar("T")
_LICENCE_SHOWN = 40


def effect(text: str) -> None:
    """Do something that cannot be taken back: a line in a file, or a count in another process."""
    address = os.environ.get(EFFECTS_VARIABLE)
    if address:
        _ask(address, text)
        return
    with Path(EFFECTS_FILE).open("a") as log:
        log.write(f"{text}\n")


def _ask(address: str, text: str) -> None:
    with socket.socket(socket.AF_UNIX) as outside:
        outside.connect(address)
        outside.sendall(f"{text}\n".encode())
        # The effect is done when the other side says so, and not before.
        if not outside.recv(16):
            raise ConnectionError(f"{text!r} was refused by {address}")


@dataclass
class Auditor:
    """An agent with a few tools. `steps` is what it has done, in order.

    `pause_s` makes each tool take longer, so that there is time to kill the kernel by hand.
    """

    pause_s: float = 0.0
    steps: list[str] = field(default_factory=list)

    async def list_distributions(self) -> list[str]:
        """Return the name of every installed distribution, sorted."""
        return await self._do("list the distributions", _installed)

    async def read_versions(self, names: list[str]) -> dict[str, str]:
        return await self._do("read the versions", _of_each, names, metadata.version)

    async def read_licences(self, names: list[str]) -> dict[str, str]:
        """Return each distribution's licence in its own words, "" where it says none."""
        return await self._do("read the licences", _of_each, names, _licence)

    async def read_requirements(self, names: list[str]) -> dict[str, list[str]]:
        """Return the distributions that each one cannot do without."""
        return await self._do("read the requirements", _of_each, names, _required)

    async def read_import_names(self, names: list[str]) -> dict[str, list[str]]:
        """Return the top-level modules that each distribution brings."""
        return await self._do("read the import names", _import_names, names)

    async def measure(self, names: list[str], which: str) -> dict[str, int]:
        """Return the bytes that each distribution's files take. `which` says what is measured."""
        return await self._do(f"measure the {which}", _of_each, names, _size_bytes)

    async def find_missing(self, requirements: Mapping[str, list[str]]) -> list[str]:
        """Return "A needs B" for each required distribution that is not installed."""
        return await self._do("look for what is missing", _missing, requirements)

    async def write_report(self, path: str, text: str) -> str:
        return await self._do(f"write {path}", _write, path, text)

    def tell(self, text: str) -> None:
        """Do something outside without awaiting it: plain code has effects too."""
        effect(text)
        self.steps.append(text)

    async def _do(self, what: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await asyncio.sleep(self.pause_s)
        found = await asyncio.to_thread(work, *args, **kwargs)
        self.tell(what)
        return found


def report(
    versions: Mapping[str, str],
    licences: Mapping[str, str],
    sizes: Mapping[str, int],
    modules: Mapping[str, list[str]],
    findings: Mapping[str, list[str]],
) -> str:
    """Return the audit as Markdown: a table of distributions, then the findings by heading."""
    rows = [
        f"| {name} | {versions[name]} | {licences[name] or 'none given'} "
        f"| {sizes[name]:,} | {', '.join(modules[name])} |"
        for name in sorted(versions)
    ]
    return "\n".join(
        [
            "# What is installed here",
            "",
            "| distribution | version | licence | bytes | imports |",
            "| --- | --- | --- | ---: | --- |",
            *rows,
            "",
            f"{len(rows)} distributions, {sum(sizes.values()):,} bytes.",
            "",
            *(f"- {heading}: {', '.join(found) or 'none'}" for heading, found in findings.items()),
            "",
        ]
    )


def _installed() -> list[str]:
    return sorted({_plain(one.metadata["Name"]) for one in metadata.distributions()})


def _of_each(names: Iterable[str], read: Callable[[str], T]) -> dict[str, T]:
    return {name: read(name) for name in names}


def _licence(name: str) -> str:
    about = metadata.metadata(name)
    classifiers = about.get_all("Classifier", [])
    classified = [one.split(" :: ")[-1] for one in classifiers if one.startswith("License ::")]
    expressions = about.get_all("License-Expression", [])
    free_texts = [text.strip().partition("\n")[0] for text in about.get_all("License", [])]
    return ", ".join(expressions or classified or free_texts)[:_LICENCE_SHOWN]


def _required(name: str) -> list[str]:
    # A requirement with a marker (after ";") is wanted only on some machines or for an extra.
    always = [one for one in metadata.requires(name) or [] if ";" not in one]
    return sorted(_plain(re.split(r"[^A-Za-z0-9._-]", one.strip())[0]) for one in always)


def _import_names(names: Iterable[str]) -> dict[str, list[str]]:
    modules: dict[str, list[str]] = {name: [] for name in names}
    for module, owners in sorted(metadata.packages_distributions().items()):
        for owner in sorted({_plain(one) for one in owners} & modules.keys()):
            modules[owner].append(module)
    return modules


def _size_bytes(name: str) -> int:
    return sum(file.size or 0 for file in metadata.files(name) or [])


def _missing(requirements: Mapping[str, list[str]]) -> list[str]:
    installed = set(_installed())
    wanted = {(name, one) for name, needs in requirements.items() for one in needs}
    return [f"{name} needs {one}" for name, one in sorted(wanted) if one not in installed]


def _write(path: str, text: str) -> str:
    Path(path).write_text(text)
    return path


def _plain(name: str) -> str:
    """Return a distribution's name in the one spelling that all its spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()
