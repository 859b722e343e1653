"""References: what is stored as a name because every process can import it."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Mapping
from typing import Any

# Types that say they live in builtins and are found in `types` alone.
_NAMED_TYPES = {value: name for name, value in vars(types).items() if isinstance(value, type)}


def is_importable(obj: object, namespace: Mapping[str, object]) -> bool:
    """True if `__module__` and `__qualname__` lead back to the object in every process."""
    module_name = getattr(obj, "__module__", None)
    qualname = getattr(obj, "__qualname__", None)
    if type(module_name) is not str or type(qualname) is not str:
        return False
    return leads_to(obj, module_name, qualname, namespace)


def leads_to(obj: object, module_name: str, qualname: str, namespace: Mapping[str, object]) -> bool:
    """True if a module other than the notebook has this object by this name."""
    if "<locals>" in qualname or module_name == "__main__":
        return False
    found: Any = sys.modules.get(module_name)
    if found is None or getattr(found, "__dict__", None) is namespace:
        return False
    try:
        for part in qualname.split("."):
            found = getattr(found, part)
    except Exception:  # noqa: BLE001 # a lazy module's own code
        return False
    return found is obj


def type_name_in_types(cls: type) -> str | None:
    """Return the name in `types` of a type that `builtins` claims and does not have."""
    return _NAMED_TYPES.get(cls) if cls.__module__ == "builtins" else None


def lookup(module: str, qualname: str) -> Any:
    """Find a module's attribute by dotted name."""
    found: Any = importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


def module(name: str) -> types.ModuleType:
    return importlib.import_module(name)


def home_module(namespace: dict[str, Any]) -> types.ModuleType:
    """Return the module whose dictionary the namespace is; a new one if there is none."""
    name = str(namespace.get("__name__", "__main__"))
    live = sys.modules.get(name)
    if live is not None and live.__dict__ is namespace:
        return live
    made = types.ModuleType(name)
    made.__dict__.update(namespace)
    return made
