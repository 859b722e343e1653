"""Command line: look at runs, check them, tidy up. Exit status 0 done, 1 a problem, 2 usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from jupyter_core.paths import jupyter_config_dir

from playbooks_ipython.checkpoints import FilesystemCheckpointProvider, parse_reference
from playbooks_ipython.errors import PlaybookError
from playbooks_ipython.execution.differences import differences_text
from playbooks_ipython.execution.host import PlainHost
from playbooks_ipython.execution.runs import Runs
from playbooks_ipython.execution.showing import checkpoint_text, runs_text
from playbooks_ipython.execution.stores import check_store
from playbooks_ipython.settings import USER_FILE_NAME, load_settings


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    arguments = _parser().parse_args(words)
    try:
        runs = _open(arguments.store)
        sys.stdout.writelines(f"{line}\n" for line in arguments.command(runs, arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough; what is left must not fail again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except PlaybookError as error:
        sys.stderr.write(f"playbooks-ipython: {error}\n")
        return 1
    return 0


def _open(store: str | None) -> Runs:
    settings = load_settings(Path.cwd(), os.environ, Path(jupyter_config_dir()) / USER_FILE_NAME)
    check_store(settings)
    provider = FilesystemCheckpointProvider(store or settings.storage_path)
    return Runs({}, PlainHost(), provider, settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="playbooks-ipython", description=__doc__)
    parser.add_argument("--store", help="the folder of checkpoints (default: as the settings say)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="every run, the one that changed last first")
    listing.set_defaults(command=_list)
    show = commands.add_parser("show", help="code with marks, call stack, variables")
    show.add_argument("reference", metavar="NAME[@N]")
    show.set_defaults(command=_show)
    diff = commands.add_parser("diff", help="variables added, removed, changed (loads both)")
    diff.add_argument("one", metavar="NAME@A")
    diff.add_argument("other", metavar="NAME@B")
    diff.set_defaults(command=_diff)
    verify = commands.add_parser("verify", help="read and check every byte")
    verify.add_argument("names", nargs="*", metavar="NAME")
    verify.set_defaults(command=_verify)
    collect = commands.add_parser("gc", help="drop what keep_last_n does not keep")
    collect.set_defaults(command=_collect)
    return parser


def _list(runs: Runs, _arguments: argparse.Namespace) -> Iterable[str]:
    return [runs_text(runs.catalogue.summaries())]


def _show(runs: Runs, arguments: argparse.Namespace) -> Iterable[str]:
    reference = parse_reference(arguments.reference)
    return [checkpoint_text(runs.catalogue.view(reference.name), reference.at)]


def _diff(runs: Runs, arguments: argparse.Namespace) -> Iterable[str]:
    one, other = parse_reference(arguments.one), parse_reference(arguments.other)
    return [differences_text(str(one), str(other), runs.differences(one, other))]


def _verify(runs: Runs, arguments: argparse.Namespace) -> Iterable[str]:
    verdicts = runs.verify(arguments.names or None)
    for verdict in verdicts:
        yield verdict.sentence
    if not all(verdict.sound for verdict in verdicts):
        raise NotSound(sum(not verdict.sound for verdict in verdicts))


def _collect(runs: Runs, _arguments: argparse.Namespace) -> Iterable[str]:
    return runs.collect() or ["nothing to drop"]


class NotSound(PlaybookError):
    """Some run did not pass. What is wrong with which has been printed."""

    def __str__(self) -> str:
        return f"{self.args[0]} not sound"
