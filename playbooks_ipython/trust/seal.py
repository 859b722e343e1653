"""Seals: what this user's key says of one record after another of one run."""

from __future__ import annotations

import hmac


class KeySealer:
    """A Sealer: HMAC-SHA-256 over run id, previous seal and body, each with its length in front.

    With lengths, because two parts that run into each other could be cut elsewhere.
    """

    def __init__(self, key: bytes, run_id: str) -> None:
        self._key = key
        encoded = run_id.encode()
        self._run = len(encoded).to_bytes(4, "big") + encoded

    def seal(self, previous: bytes, body: bytes) -> bytes:
        """Return the 32-byte seal of `body` that follows the seal `previous`."""
        signed = b"".join((self._run, len(previous).to_bytes(4, "big"), previous, body))
        return hmac.digest(self._key, signed, "sha256")

    def holds(self, previous: bytes, body: bytes, seal: bytes) -> bool:
        """Tell whether `seal` is what this key gives. Constant time."""
        return hmac.compare_digest(self.seal(previous, body), seal)
