"""The corpus of concurrent programs, by name."""

from tests.execution import (
    corpus_cancelled,
    corpus_children,
    corpus_futures,
    corpus_locks,
    corpus_waiting,
)

_PARTS = (corpus_children, corpus_waiting, corpus_locks, corpus_cancelled, corpus_futures)

START = "import asyncio\nfrom tests.support.task_tools import Client, act, block, hang, op\n"

PROGRAMS = {name: START + text for part in _PARTS for name, text in part.PROGRAMS.items()}
