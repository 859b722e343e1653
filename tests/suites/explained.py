"""Explained: each test of other people's suites that differs, and why that is left so."""

from __future__ import annotations

_OWN_LOOP = (
    "It awaits what only the suite's own loop understands, which steps coroutines by hand; a run "
    "is driven by asyncio, which says `Task got bad yield`."
)

DIFFERENT = dict.fromkeys(
    [
        "unittests/test_functools.py::test_cache_property_order",
        "unittests/test_functools.py::test_cache_property_lock_order",
        "unittests/test_functools.py::test_cache_property_lock_deletion",
        "unittests/test_functools.py::test_lru_cache_concurrent",
        "unittests/test_itertools.py::test_tee_concurrent_locked",
        "unittests/test_itertools.py::test_tee_concurrent_unlocked",
        "unittests/test_itertools.py::test_tee_concurrent_ordering",
        "unittests/test_itertools.py::test_tee_share",
        "unittests/test_itertools.py::test_tee_share_deep",
    ],
    _OWN_LOOP,
)
"""As a recorded run they give something else; all of asyncstdlib. With twins they pass."""

TIMED = ("tests/test_ttl.py::",)
"""Tests of async-lru that compare with the clock within 10 ms, which a checkpoint takes too."""
