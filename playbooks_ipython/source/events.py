"""Events: what the scanner of logical lines tells, in the order of the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class LineBegins:
    """A logical line that is neither blank nor a comment.

    `start` is the offset of its physical line, `token` of its first token; `word` is that token
    as far as it is known: complete if it is one of CLAUSES, one character if it is no word.
    """

    start: int
    token: int
    column: int
    word: str


@dataclass(frozen=True, slots=True)
class LineEnds:
    """The newline of a logical line stands at `end`.

    `head` is its leading words, two at most; `opens` says that its last token is a colon.
    """

    end: int
    head: tuple[str, ...]
    opens: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """No logical line can end after this: Python's tokenizer refuses the text."""


Event: TypeAlias = LineBegins | LineEnds | Broken

CLAUSES = ("elif", "else", "except", "finally")
