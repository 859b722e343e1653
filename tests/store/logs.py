"""A log as bytes, for tests that cut, swap and flip them."""

from playbooks_ipython.store.framing import HEAD_BYTES, decode_head


def frames(data: bytes) -> list[bytes]:
    """Cut a log into the frames of its records."""
    found = []
    while data:
        end = HEAD_BYTES + decode_head(data[:HEAD_BYTES]).length
        found.append(data[:end])
        data = data[end:]
    return found
