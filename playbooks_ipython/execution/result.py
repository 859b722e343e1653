"""Result: what came of a program that was executed as it streamed in."""

from __future__ import annotations

import traceback as tracebacks
from dataclasses import dataclass
from typing import Any

from playbooks_ipython.records import Json


@dataclass(slots=True)
class ExecutionResult:
    """What came of a program. `value` is that of the last statement, if it is an expression."""

    value: Any = None
    error: BaseException | None = None
    executed_code: str = ""

    @property
    def has_error(self) -> bool:
        return self.error is not None

    @property
    def syntax_error(self) -> SyntaxError | None:
        return self.error if isinstance(self.error, SyntaxError) else None

    @property
    def runtime_error(self) -> BaseException | None:
        return None if self.syntax_error else self.error

    @property
    def error_message(self) -> str | None:
        return None if self.error is None else describe(self.error)

    @property
    def traceback(self) -> str | None:
        return None if self.error is None else "".join(tracebacks.format_exception(self.error))


def describe(error: BaseException) -> str:
    """Return an error as its last traceback line says it."""
    return "".join(tracebacks.format_exception_only(error)).strip().splitlines()[-1]


def error_fields(error: BaseException, filename: str) -> dict[str, Json]:
    """Return what the log keeps of an error: type, text, and the innermost line of the program."""
    lines = [f.lineno for f in tracebacks.extract_tb(error.__traceback__) if f.filename == filename]
    line = error.lineno if isinstance(error, SyntaxError) else (lines[-1] if lines else None)
    text = describe(error).removeprefix(f"{type(error).__name__}: ")
    return {"type": type(error).__name__, "text": text, "line": line}
