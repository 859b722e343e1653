"""Magics: `%%playbook` and `%playbook`. They parse, call, and show; nothing else."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Generator
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from playbooks_ipython.checkpoints import Reference, parse_reference
from playbooks_ipython.execution.differences import differences_text
from playbooks_ipython.execution.runs import Cell
from playbooks_ipython.kernel.options import (
    CellOptions,
    Command,
    one_of,
    parse_cell_line,
    parse_restore,
    split,
    take_flag,
    two_of,
)
from playbooks_ipython.kernel.render import Shown, shown, shown_checkpoint, shown_runs
from playbooks_ipython.kernel.session import NotebookSession, as_usage_error, program_of


@magics_class
class PlaybookMagics(Magics):
    """Durable cells."""

    def __init__(self, session: NotebookSession) -> None:
        super().__init__(session.shell)
        self.session = session
        self.commands = {
            "show": Command("show NAME[@N]", "the code and where it stands", self._show),
            "restore": Command(
                "restore NAME[@N] [--keep A,B] [--exact] [--frame main]",
                "only the variables",
                self._restore,
                options=("--keep", "--exact", "--frame"),
            ),
            "resume": Command("resume NAME[@N]", "the variables, then the rest", self._resume),
            "undo": Command("undo", "what restore or resume replaced comes back", self._undo, 0),
            "fork": Command("fork NAME@N NEW", "a new run that starts there", self._fork),
            "diff": Command("diff NAME@A NAME@B", "what differs", self._diff, 2),
            "save": Command("save NAME", "the namespace now, without a run", self._save),
            "delete": Command("delete NAME[@N]", "a run, or one checkpoint of it", self._delete),
            "pin": Command(
                "pin NAME[@N] [--off]", "never tidied away", self._pin, options=("--off",)
            ),
            "verify": Command("verify [NAME]", "check every byte", self._verify),
            "gc": Command("gc", "drop what keep_last_n does not keep", self._gc, 0),
        }

    @cell_magic("playbook")  # type: ignore[arg-type]  # IPython's own annotation is for no method
    def cell(self, line: str, cell: str) -> Awaitable[Any]:
        """Run a cell durably: each completed `await` is a checkpoint.

        %%playbook [NAME] [--resume | --fresh] [--join] [--modules GLOB]

        NAME      what the run is called (a name is made from notebook and cell otherwise)
        --resume  continue where this cell's last run stopped; of a finished run, bring its
                  variables back without running anything; with no run yet, run normally
        --fresh   start over; the run before is kept as NAME~1
        --join    wait first for tasks that go on behind the cell of another run
        --modules go into the functions of these modules too: their awaits are points

        Without either, a cell whose last run was interrupted or failed runs nothing and asks.
        """
        options = parse_cell_line(line)
        self._check_awaited("%%playbook")
        return self.session.run_cell(self._cell(options, line, cell))

    @line_magic("playbook")  # type: ignore[arg-type]  # as above
    def line(self, line: str) -> Any:
        """List this notebook's runs, or do something with one.

        %playbook                      this notebook's runs
        %playbook show NAME[@N]        code with a done / here / left mark, stack, variables
        %playbook restore NAME[@N]     only the namespace  [--keep A,B] [--exact] [--frame main]
        %playbook resume NAME[@N]      the namespace, then the remaining code
        %playbook undo                 what the last restore or resume replaced comes back
        %playbook fork NAME@N NEW      a new run that starts there; `resume NEW` goes on with it
        %playbook diff NAME@A NAME@B   variables added, removed, changed
        %playbook save NAME            the namespace now, without a run
        %playbook delete NAME[@N]      a run, or one of its checkpoints
        %playbook pin NAME[@N]         never tidied away; with --off, it may be again
        %playbook verify [NAME]        read and check every byte
        %playbook gc                   drop what keep_last_n does not keep

        --keep A,B    these variables are left alone
        --exact       functions and classes that are newer here give way too, and live objects
                      that the checkpoint has only stand-ins for: exactly the checkpoint
        --frame FUNC  also the variables of that function of the call stack, over the cell's own
                      where names are equal; `main` is the cell itself
        """
        words = split(line)
        if not words:
            return shown_runs(self.session.runs.catalogue.own_summaries())
        command = self.commands.get(words[0])
        if command is None:
            raise UsageError(self._unknown(words[0]))
        with as_usage_error(self.session.shell):
            return command.run(words[1:])

    def _cell(self, options: CellOptions, line: str, cell: str) -> Cell:
        raw = f"%%playbook{' ' + line if line else ''}\n{cell}"
        program = program_of(self.session.shell, cell)
        self.session.host.cell = (program, raw)
        about = (options.name, options.policy, self.session.cell_id, options.modules)
        return Cell(program, *about, join=options.join)

    def _unknown(self, word: str) -> str:
        close = difflib.get_close_matches(word, self.commands, n=1)
        meant = f" Did you mean {close[0]}?" if close else ""
        return f"%playbook knows no {word!r}.{meant} It knows {', '.join(self.commands)}"

    def _show(self, words: list[str]) -> Shown:
        reference = parse_reference(one_of("show", self.commands["show"].usage, words))
        return shown_checkpoint(self.session.runs.catalogue.view(reference.name), reference.at)

    def _restore(self, words: list[str]) -> Shown:
        options = parse_restore(self.commands["restore"].usage, words)
        reference = parse_reference(options.reference)
        return shown(
            self.session.restore(reference, options.keep, exact=options.exact, frame=options.frame)
        )

    def _fork(self, words: list[str]) -> Shown:
        of, name = two_of("fork", self.commands["fork"].usage, words)
        return shown(self.session.fork(parse_reference(of), name))

    def _diff(self, words: list[str]) -> Shown:
        one, other = map(parse_reference, two_of("diff", self.commands["diff"].usage, words))
        found = self.session.runs.differences(one, other)
        return shown(differences_text(str(one), str(other), found))

    def _save(self, words: list[str]) -> Shown:
        name = one_of("save", self.commands["save"].usage, words)
        names = ", ".join(sorted(self.session.save(name))) or "no variables"
        return shown(f"saved as {name}: {names}")

    def _check_awaited(self, magic: str) -> None:
        if not self.session.shell.autoawait:
            raise UsageError(f"{magic} needs `%autoawait asyncio`: its cell is awaited")

    def _resume(self, words: list[str]) -> Awaitable[Any]:
        self._check_awaited("%playbook resume")
        reference = parse_reference(one_of("resume", self.commands["resume"].usage, words))
        return Resuming(self.session, reference)

    def _undo(self, words: list[str]) -> Shown:
        _nothing_after("undo", words)
        undone = self.session.runs.replacer.undo()
        if undone is None:
            return shown("nothing to bring back: no restore or resume in this kernel")
        names = (
            ", ".join(sorted((*undone.replaced, *undone.removed))) or "nothing had been replaced"
        )
        return shown(f"back as before: {names}")

    def _delete(self, words: list[str]) -> Shown:
        reference = parse_reference(one_of("delete", self.commands["delete"].usage, words))
        return shown(self.session.delete(reference))

    def _pin(self, words: list[str]) -> Shown:
        words, off = take_flag(words, "--off")
        reference = parse_reference(one_of("pin", self.commands["pin"].usage, words))
        return shown(self.session.pin(reference, pinned=not off))

    def _verify(self, words: list[str]) -> Shown:
        names = [one_of("verify", self.commands["verify"].usage, words)] if words else None
        return shown(*(verdict.sentence for verdict in self.session.runs.verify(names)))

    def _gc(self, words: list[str]) -> Shown:
        _nothing_after("gc", words)
        return shown(*(self.session.runs.collect() or ["nothing to drop"]))


class Resuming:
    """What `%playbook resume` gives, to be awaited; a cell awaits it where the extension was loaded
    before the cell began, and shows it otherwise."""

    def __init__(self, session: NotebookSession, reference: Reference) -> None:
        self._session, self._reference = session, reference

    def __await__(self) -> Generator[Any, Any, Any]:
        __tracebackhide__ = True
        return self._session.resume(self._reference).__await__()

    def __repr__(self) -> str:
        return (
            "nothing was run: this cell began before the extension was loaded. Run it again, or "
            f'write `await pb.resume("{self._reference}")` after `import playbooks_ipython as pb`'
        )


def _nothing_after(command: str, words: list[str]) -> None:
    if words:
        raise UsageError(f"%playbook {command} takes no arguments")
