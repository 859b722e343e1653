"""Leaves: dill, for objects that pickle refuses and that refer to nothing else that is stored.

Never for an object with references: a stream within the stream would copy what it shares.
"""

from __future__ import annotations

import gc
import types
import warnings
from typing import Any

from playbooks_ipython.errors import UnreadableValue
from playbooks_ipython.snapshot.capsules import Capsule

_SHARED_BY_ALL = (type, types.ModuleType, types.BuiltinFunctionType, str, bytes, int, float, bool)


def dump_leaf(obj: object) -> bytes | None:
    """Return a leaf's bytes, or None for what is no leaf or cannot be loaded again."""
    if isinstance(obj, Capsule):
        return None
    if not all(isinstance(one, _SHARED_BY_ALL) or one is None for one in gc.get_referents(obj)):
        return None
    # 60 ms, and most notebooks never need it.
    import dill  # type: ignore[import-untyped] # has no stubs

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data: bytes = dill.dumps(obj, protocol=5, byref=True)
            return data if type(dill.loads(data)) is type(obj) else None  # noqa: S301 # ours
    except Exception:  # noqa: BLE001 # dill and the object's own code may raise anything
        return None


def load_leaf(type_name: str, data: bytes) -> Any:
    """Rebuild a leaf. The caller has verified the bytes. Raises UnreadableValue."""
    try:
        import dill  # as above

        return dill.loads(data)  # noqa: S301 # verified before the stream was loaded
    except Exception as error:  # as above
        raise UnreadableValue(type_name, f"{type(error).__name__}: {error}") from error
