"""The front end's sources keep the house's rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FRONT_END = Path(__file__).parents[2] / "labextension"
SOURCES = sorted((FRONT_END / "src").rglob("*.ts*"))


def test_lock_file_names_no_host() -> None:
    """Whoever builds the panel fetches from the registry that they have, not from ours."""
    lock = (FRONT_END / "yarn.lock").read_text()
    assert re.findall(r"https?://\S*|__archiveUrl", lock) == []


def test_colours_are_the_themes() -> None:
    """No colour and no font is ours: every theme that JupyterLab has fits."""
    style = re.sub(
        r"/\*.*?\*/", "", (FRONT_END / "style" / "base.css").read_text(), flags=re.DOTALL
    )
    own = re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(|var\(--(?!jp-)", style)
    families = re.findall(r"font-family: (?!var\(--jp-|inherit)(.*);", style)
    assert (own, families) == ([], [])


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_sources_say_what_they_mean(source: Path) -> None:
    """TypeScript without `any`, without the console, without a silenced checker."""
    text = source.read_text()
    assert re.findall(r"\bany\b(?=\s*[;,)>\]=[|])|console\.|@ts-|eslint-disable", text) == []
