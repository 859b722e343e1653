"""Completion: what may stand next on a magic's line. Reads names; opens no run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from playbooks_ipython.kernel.options import Command

_CELL_OPTIONS = ("--resume", "--fresh")

Matcher = Callable[[CompletionContext], SimpleMatcherResult]


def playbook_matcher(
    commands: Mapping[str, Command], names: Callable[[], Iterable[str]]
) -> Matcher:
    """Return a matcher for IPython's completer.

    Args:
        commands: what `%playbook` knows, by word.
        names: gives the runs there are now; called only on a line of ours.
    """

    def complete_playbook(context: CompletionContext) -> SimpleMatcherResult:
        magic, *before = _words_before(context) or [""]
        if magic == "%%playbook":
            found = _of_cell(before, names)
        elif magic == "%playbook":
            found = _of_line(before, commands, names)
        else:
            return {"completions": []}
        fitting = [word for word in found if word.startswith(context.token)]
        completions = [SimpleCompletion(word, type="playbook") for word in fitting]
        return {"completions": completions, "suppress": True}

    matcher: Matcher = context_matcher()(complete_playbook)
    return matcher


def _words_before(context: CompletionContext) -> list[str]:
    """Return the whole words of the line before the one at the cursor."""
    line = context.text_until_cursor
    return line[: len(line) - len(context.token)].split()


def _of_cell(before: Sequence[str], names: Callable[[], Iterable[str]]) -> list[str]:
    named = any(not word.startswith("-") for word in before)
    chosen = any(word in _CELL_OPTIONS for word in before)
    return [*([] if named else names()), *([] if chosen else _CELL_OPTIONS)]


def _of_line(
    before: Sequence[str], commands: Mapping[str, Command], names: Callable[[], Iterable[str]]
) -> list[str]:
    if not before:
        return list(commands)
    command = commands.get(before[0])
    if command is None:
        return []
    if len(before) <= command.runs:
        return list(names())
    return [option for option in command.options if option not in before]
