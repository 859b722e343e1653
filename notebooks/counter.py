"""Counter: the world outside the kernel, in a process of its own. It performs effects and counts.

    python counter.py SOCKET

An effect is a line on the Unix socket. The counter writes it to its standard output and reads a
verdict from its standard input: "count" performs it and answers "done", "refuse" hangs up. An empty
line on the socket is answered with all effects performed so far, in order, as JSON.
"""

from __future__ import annotations

import json
import socket
import sys


def serve(address: str) -> None:
    """Serve until standard input ends."""
    performed: list[str] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        _say("ready")
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rw") as line:
                effect = line.readline().rstrip("\n")
                if not effect:
                    line.write(json.dumps(performed))
                    continue
                _say(effect)
                verdict = sys.stdin.readline().strip()
                if not verdict:
                    return
                if verdict == "count":
                    performed.append(effect)
                    line.write("done\n")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(sys.argv[1])
