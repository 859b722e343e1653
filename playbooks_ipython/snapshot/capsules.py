"""Capsules: pointers of C in Python's hands. None may be stored but those whose content is known.

`dill` would write the pointer itself, and the next process die of it.
"""

from __future__ import annotations

import contextvars
import datetime
from collections.abc import Mapping
from typing import Any

from playbooks_ipython.snapshot.references import lookup

Capsule: type = type(datetime.datetime_CAPI)
_ERROR_STATE = "numpy.ufunc.extobj"


def is_error_state(capsule: object) -> bool:
    """Tell whether a capsule holds what `numpy.errstate` and `numpy.seterr` set."""
    return repr(capsule).startswith(f'<capsule object "{_ERROR_STATE}"')


def error_state_args(capsule: object) -> tuple[Mapping[str, str], Any, int]:
    """Return NumPy's error handling, its callback and its buffer size, as a capsule holds them."""
    aside = contextvars.copy_context()
    aside.run(_variable(aside).set, capsule)
    about = (aside.run(lookup("numpy", name)) for name in ("geterr", "geterrcall", "getbufsize"))
    handling, callback, size = about
    return handling, callback, size


def error_state(handling: Mapping[str, str], callback: Any, size: int) -> Any:
    """Make the capsule anew, by asking NumPy to set what it held."""
    aside = contextvars.copy_context()
    aside.run(lookup("numpy", "setbufsize"), size)
    aside.run(lookup("numpy", "seterrcall"), callback)
    aside.run(lambda: lookup("numpy", "seterr")(**handling))
    return aside[_variable(aside)]


def _variable(aside: contextvars.Context) -> contextvars.ContextVar[Any]:
    aside.run(lambda: lookup("numpy", "seterr")())  # asked for, it is set
    return next(one for one in aside if one.name == _ERROR_STATE)
