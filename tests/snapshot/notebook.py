"""A notebook's namespace for tests: runs cells, encodes, and comes back in another process.

The other process is a plain Python, also of another version, so nothing here needs pytest.
"""

from __future__ import annotations

import builtins
import linecache
import pickle
import subprocess
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playbooks_ipython.snapshot import Decoded, Encoder, Encoding, decode, replace, user_variables

ROOT = Path(__file__).parents[2]


class Notebook:
    """A namespace that is a module's, as a kernel's is `__main__`'s."""

    def __init__(self) -> None:
        module = types.ModuleType("__main__")
        self.namespace: dict[str, Any] = module.__dict__
        self.namespace["__builtins__"] = builtins
        self.module, self.cells = module, 0
        self.encoder = Encoder(self.namespace)

    def run(self, text: str) -> None:
        self.cells += 1
        filename = f"<cell {id(self)} {self.cells}>"
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        code = compile(text, filename, "exec", dont_inherit=True)
        with self._as_main():
            exec(code, self.namespace)  # noqa: S102 # a cell is code

    def encode(self, **extra: object) -> Encoding:
        return self.encoder.encode(user_variables(self.namespace, ()), extra)

    def bring_back(self, encoding: Encoding) -> Decoded:
        """Make the namespace be what was encoded."""
        with self._as_main():
            decoded = decode(
                encoding.stream,
                [bytearray(one) for one in encoding.buffers],
                namespace=self.namespace,
                sources=encoding.sources.__getitem__,
            )
        replace(self.namespace, decoded.variables, ())
        return decoded

    @contextmanager
    def _as_main(self) -> Iterator[None]:
        before, sys.modules["__main__"] = sys.modules["__main__"], self.module
        try:
            yield
        finally:
            sys.modules["__main__"] = before


def check_in_new_process(
    folder: Path, encoding: Encoding, check: str, python: str = sys.executable
) -> None:
    """Bring an encoding back in a new process and run a check there; AssertionError if it fails."""
    stored = folder / "stored"
    buffers = [bytes(one) for one in encoding.buffers]
    stored.write_bytes(pickle.dumps((encoding.stream, buffers, dict(encoding.sources), check)))
    child = subprocess.run(
        [python, "-W", "error", "-m", "tests.snapshot.notebook", str(stored)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert child.returncode == 0, child.stdout + child.stderr


def _restored(stored: str) -> None:
    stream, buffers, sources, check = pickle.loads(Path(stored).read_bytes())  # noqa: S301 # ours
    book = Notebook()
    sys.modules["__main__"] = book.module
    decoded = book.bring_back(Encoding(stream, buffers, sources, ()))
    book.namespace["stand_ins"] = {one.variable: one for one in decoded.stand_ins}
    book.namespace["extra"] = decoded.extra
    book.run(check)


if __name__ == "__main__":
    _restored(sys.argv[1])
