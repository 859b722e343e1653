"""Web: a real HTTP server that outlives the processes which ask it, and remembers each request.

A request says by its headers which operation it is an attempt of; `stamp` writes them, as a hook of
a client would. What is in another module than the cell is a library's.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from playbooks_ipython.agents import attempt, idempotency_key
from playbooks_ipython.agents.operations import _current

OPERATION, ATTEMPT, KEY = "X-Operation", "X-Attempt", "Idempotency-Key"
LINES = 4


class Request(NamedTuple):
    """One request as the server saw it. `operation` is empty where nothing of ours ran."""

    path: str
    operation: str
    attempt: int
    key: str


async def stamp(request: Any) -> None:
    """Write into the headers of a request what it is an attempt of."""
    operation = _current.get()
    request.headers[OPERATION] = operation.id if operation else ""
    request.headers[ATTEMPT] = str(attempt())
    request.headers[KEY] = idempotency_key()


class Web:
    """The server's side: its address, and what it was asked since the last `forget`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Request] = []

    def forget(self) -> None:
        self.requests = []


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    web: Web

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked may be dead by now."""


class _Answer(BaseHTTPRequestHandler):
    """`/stream/NAME` says a few lines, in chunks; every other path says what it is."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:  # named by its base
        said = self.headers.get
        request = Request(self.path, said(OPERATION, ""), int(said(ATTEMPT, "1")), said(KEY, ""))
        self.server.web.requests.append(request)
        self.send_response(200)
        if self.path.startswith("/stream/"):
            self._say_lines()
        else:
            body = json.dumps({"path": self.path, "size": len(self.path)}).encode()
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def _say_lines(self) -> None:
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(LINES):
            line = f"{self.path} {number}\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_args: Any) -> None:
        """What was asked is remembered, not printed."""


@contextmanager
def serving() -> Iterator[Web]:
    """Serve in a thread of this process."""
    with _Server(("127.0.0.1", 0), _Answer) as server:
        server.web = Web(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server.web
        server.shutdown()
        thread.join()
