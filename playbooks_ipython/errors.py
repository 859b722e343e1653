"""Every error of the package. The class says who must act; the text what, which, why, what next.

    PlaybookError
        SettingsError           the settings file or an environment variable
        BadName                 a run's name
        RunError                a run as a whole
            RunNotFound
            NameTaken           another notebook's live or interrupted run bears it
            NotResumable        there is a checkpoint, and it cannot be used
            NameInUse               what is new needs a name of its own
            AnotherRun              what was to be deleted no longer bears its name
            NoFrame                 the stack of a checkpoint has no such function
            NoNumber                the end of a run where a numbered checkpoint is needed
            EditedProgram       what had already run was edited
            OtherCall           gone through again, it asks for something else than before
            TasksGoOn           its cell has ended, tasks of it have not
        SnapshotError           namespace <-> bytes
            UnstorableValue
            UnreadableValue
        StoreError              bytes and records
            CheckpointNotFound
            Pinned                  it was to be deleted
            CorruptLog
            StoreFull
            ClaimHeld           another kernel continues the run
            ClaimLost           this kernel no longer does
        TrustError
            UntrustedRun        written with a key that is not this user's
    BaseException
        Signal                  ours alone; no `except Exception` of the user's may swallow one

Values go to `super().__init__` and the text is made in `__str__`, so that every error can be
pickled: failed awaits are stored.
"""

from __future__ import annotations


class PlaybookError(Exception):
    """The tree's top: the user or the project's own code must act, and the text says how."""


class Signal(BaseException):
    """The tree's other top: control flow that no `except Exception` may catch."""


class SettingsError(PlaybookError):
    """A setting is unknown or has a bad value. The user must act."""

    def __init__(self, key: str, where: str, reason: str) -> None:
        super().__init__(key, where, reason)
        self.key, self.where, self.reason = key, where, reason

    def __str__(self) -> str:
        return f"{self.where}: {self.key}: {self.reason}"


class BadName(PlaybookError):
    """A run's name is not a name. The user must act."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"{self.name!r} is not a run's name: use 1 to 100 letters, digits, '_', '.' or '-', "
            "the first one a letter or a digit"
        )


class RunError(PlaybookError):
    """One run cannot do what was asked."""


class RunNotFound(RunError):
    """No run bears this name here. The user must act."""

    def __init__(self, name: str, where: str, known: tuple[str, ...] = ()) -> None:
        super().__init__(name, where, known)
        self.name, self.where, self.known = name, where, known

    def __str__(self) -> str:
        known = f"; there are: {', '.join(self.known)}" if self.known else "; there are no runs yet"
        return f"no run {self.name!r} in {self.where}{known}"


class NameTaken(RunError):
    """Another notebook's live or interrupted run bears the name. The user must choose another."""

    def __init__(self, name: str, holder: str, asker: str) -> None:
        super().__init__(name, holder, asker)
        self.name, self.holder, self.asker = name, holder, asker

    def __str__(self) -> str:
        return (
            f"the name {self.name!r} is taken by an unfinished run of {self.holder}; "
            f"this is {self.asker}. Give this cell another name, or delete that run"
        )


class Unfinished(RunError):
    """A cell whose last run stopped half-way was run again. The user must choose."""

    def __init__(self, name: str, state: str, line: int | None, awaits: int) -> None:
        super().__init__(name, state, line, awaits)
        self.name, self.state, self.line, self.awaits = name, state, line, awaits

    def __str__(self) -> str:
        verb = "failed" if self.state == "failed" else "stopped"
        where = f" at line {self.line}" if self.line else ""
        times = "1 await" if self.awaits == 1 else f"{self.awaits} awaits"
        return (
            f"{self.name} {verb}{where} after {times}. `--resume` continues; "
            f"`--fresh` starts over (this one is kept as {self.name}~1). Nothing was run"
        )


class NotResumable(RunError):
    """There is a checkpoint and it cannot be used. Never started over silently."""

    def __init__(self, name: str, reason: str, advice: str) -> None:
        super().__init__(name, reason, advice)
        self.name, self.reason, self.advice = name, reason, advice

    def __str__(self) -> str:
        return f"{self.name} cannot be resumed: {self.reason}; {self.advice}"


class NameInUse(RunError):
    """Something new was to bear a name that is in use here. The user must choose another."""

    def __init__(self, name: str, what: str, advice: str) -> None:
        super().__init__(name, what, advice)
        self.name, self.what, self.advice = name, what, advice

    def __str__(self) -> str:
        return f"{self.name!r} is {self.what} already: {self.advice}"


class AnotherRun(RunError):
    """The run that was meant no longer bears its name, which another bears now. Nothing is lost."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name!r} is another run by now, which stays"


class NoFrame(RunError):
    """A function was named that did not run at a checkpoint. The user must act."""

    def __init__(self, checkpoint: str, function: str, stack: tuple[str, ...]) -> None:
        super().__init__(checkpoint, function, stack)
        self.checkpoint, self.function, self.stack = checkpoint, function, stack

    def __str__(self) -> str:
        return (
            f"{self.checkpoint} does not stand in {self.function!r}; its stack: "
            f"{', '.join(self.stack)}"
        )


class NoNumber(RunError):
    """The end of a run was named where a checkpoint with a number is needed. The user must act."""

    def __init__(self, asked: str, newest: int) -> None:
        super().__init__(asked, newest)
        self.asked, self.newest = asked, newest

    def __str__(self) -> str:
        numbers = f"give a number up to {self.newest}" if self.newest else "it has no checkpoints"
        return f"{self.asked} is the end of a finished run, with nothing left to run; {numbers}"


class EditedProgram(RunError):
    """What had already run was edited. The user must act.

    `function`: the one in another cell that was; None if it was the program.
    """

    def __init__(
        self, name: str, line: int, difference: str, fits: str, function: str | None = None
    ) -> None:
        super().__init__(name, line, difference, fits, function)
        self.name, self.line, self.difference, self.fits = name, line, difference, fits
        self.function = function

    def __str__(self) -> str:
        where = f" of the cell that defines {self.function}()" if self.function else ""
        return (
            f"{self.name}: line {self.line}{where} had already run and is different now; "
            f"{self.fits}.\n{self.difference}"
        )


class OtherCall(RunError):
    """A stretch that is gone through again asks for something else than before. The user must act.

    `number` is the newest checkpoint from which nothing has to be asked again; 0 if none is.
    """

    def __init__(
        self, name: str, line: int, asked: str, line_before: int, before: str, number: int
    ) -> None:
        super().__init__(name, line, asked, line_before, before, number)
        self.name, self.line, self.asked = name, line, asked
        self.line_before, self.before, self.number = line_before, before, number

    def __str__(self) -> str:
        older = f"`%playbook resume {self.name}@{self.number}`"
        back = f"{older} goes on from before all that is asked again, or " if self.number else ""
        return (
            f"{self.name} cannot go on: line {self.line} now asks for {self.asked}, and before the "
            f"restart line {self.line_before} asked for {self.before} here, or with other "
            f"arguments. {back}`--fresh` starts over"
        )


class TasksGoOn(RunError):
    """The cell of a run has ended, and tasks of it go on. The user must wait, or stop them."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"tasks of {self.name} go on behind its cell: `%%playbook --join` waits for their end, "
            "an interrupt stops them (the run can be resumed then)"
        )


class SnapshotError(PlaybookError):
    """Namespace <-> bytes."""


class UnstorableValue(SnapshotError):
    """A variable holds something that cannot be written. The user must act."""

    def __init__(self, name: str, type_name: str, reason: str) -> None:
        super().__init__(name, type_name, reason)
        self.name, self.type_name, self.reason = name, type_name, reason

    def __str__(self) -> str:
        return (
            f"{self.name!r} ({self.type_name}) could not be stored: {self.reason}; "
            "make it again, or leave it out"
        )


class UnreadableValue(SnapshotError):
    """A stored value cannot be built again here. The user must act."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name, self.reason = name, reason

    def __str__(self) -> str:
        return f"{self.name!r} is stored but cannot be read back: {self.reason}"


class StoreError(PlaybookError):
    """Bytes and records."""


class CheckpointNotFound(StoreError):
    """The run has no such checkpoint. The user must act."""

    def __init__(self, checkpoint: str, kept: str) -> None:
        super().__init__(checkpoint, kept)
        self.checkpoint, self.kept = checkpoint, kept

    def __str__(self) -> str:
        return f"no checkpoint {self.checkpoint}; kept: {self.kept}"


class Pinned(StoreError):
    """A checkpoint that is pinned was to be deleted. The user must act."""

    def __init__(self, checkpoint: str) -> None:
        super().__init__(checkpoint)
        self.checkpoint = checkpoint

    def __str__(self) -> str:
        return f"{self.checkpoint} is pinned; `%playbook pin {self.checkpoint} --off` first"


class CorruptLog(StoreError):
    """Nothing of a run's log can be used. The files are left as they are."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} cannot be read: {self.reason}; nothing was changed in it"


class StoreFull(StoreError):
    """A commit could not be written. The run goes on, not durable, and says so."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"could not write to {self.path}: {self.reason}"


class ClaimHeld(StoreError):
    """Another kernel continues this run. The user must choose one of them."""

    def __init__(self, name: str, holder: str) -> None:
        super().__init__(name, holder)
        self.name, self.holder = name, holder

    def __str__(self) -> str:
        return (
            f"{self.name} is being run by {self.holder}; interrupt it there, or wait until it ends"
        )


class ClaimLost(StoreError):
    """Another kernel took this run over; nothing more may be done here in its name."""

    def __init__(self, name: str, holder: str) -> None:
        super().__init__(name, holder)
        self.name, self.holder = name, holder

    def __str__(self) -> str:
        return f"{self.name} was taken over by {self.holder}; this kernel does no more of it"


class TrustError(PlaybookError):
    """May these bytes be loaded."""


class UntrustedRun(TrustError):
    """A checkpoint was not written with this user's key. The user must decide."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name, self.reason = name, reason

    def __str__(self) -> str:
        return (
            f"{self.name} is not signed by you: {self.reason}. Loading a checkpoint runs code "
            "from it, so nothing was loaded; run the cell under another name"
        )
