"""Snapshot: a notebook's namespace to bytes and back."""

from playbooks_ipython.snapshot.crowd import Crowd
from playbooks_ipython.snapshot.decoder import Decoded, decode
from playbooks_ipython.snapshot.encoder import Encoder, Encoding, chunks
from playbooks_ipython.snapshot.namespace import Replaced, replace, user_variables
from playbooks_ipython.snapshot.standin import StandIn
from playbooks_ipython.snapshot.units import Parked

__all__ = [
    "Crowd",
    "Decoded",
    "Encoder",
    "Encoding",
    "Parked",
    "Replaced",
    "StandIn",
    "chunks",
    "decode",
    "replace",
    "user_variables",
]
