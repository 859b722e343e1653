"""Reasons: what is excepted from a rule says beside it why."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXCEPTED = re.compile(r"# (noqa|type: ignore)")
WITH_REASON = re.compile(r"# (noqa: [A-Z0-9, ]+|type: ignore\[[\w, -]+\]) +[#(-]\W*\w+")


def test_what_a_checker_passes_over_has_a_reason() -> None:
    """Whoever reads it need not guess whether it still must be so."""
    assert [
        f"{path}:{line}"
        for path in sources("playbooks_ipython", "notebooks", "tests")
        for line, comment in comments(path).items()
        if EXCEPTED.search(comment) and not WITH_REASON.search(comment)
    ] == []


def test_who_catches_everything_says_why() -> None:
    """What only cleans up and raises on needs no words."""
    assert [
        f"{path}:{handler.lineno}"
        for path in sources("playbooks_ipython", "notebooks")
        for handler in ast.walk(ast.parse(path.read_text()))
        if isinstance(handler, ast.ExceptHandler) and is_broad(handler.type)
        if handler.lineno not in comments(path) and not isinstance(handler.body[-1], ast.Raise)
    ] == []


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def comments(path: Path) -> dict[int, str]:
    """Return the comments of a file by line; what stands in its strings is none."""
    with tokenize.open(path) as file:
        tokens = list(tokenize.generate_tokens(file.readline))
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def is_broad(caught: ast.expr | None) -> bool:
    return caught is None or (
        isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException")
    )
