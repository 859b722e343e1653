"""Naming: the name of a cell that was given none, the same each time that cell is run."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_STEM_SHOWN = 40


def default_name(notebook: str | None, cell_id: str | None, text: str) -> str:
    """Derive a name from notebook and cell, or from notebook and source where no id is known."""
    stem = Path(notebook).stem if notebook else "cell"
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-._")[:_STEM_SHOWN] or "cell"
    key = f"{notebook}\n{cell_id or text}"
    return f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"
