"""A receiver of notices on a loopback port: it keeps what it is told, and can be slow, refuse, or be down."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """`told` are the bodies taken; `status` is what it answers, `hold` makes it wait for `release`."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.asked = threading.Event()
        self.release = threading.Event()
        self.release.set()
        self.status = 200
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        """Its address, with a password and a path that nobody else may see."""
        return f"json://bot:hunter2SECRET@127.0.0.1:{self.port}/pathSECRET"

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.asked.set()
                receiver.release.wait(30)
                if receiver.status == 200:
                    receiver.told.append(body)
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()
