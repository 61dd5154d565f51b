"""Two trackers of one ticket each, written from what is documented and from real deliveries, and from nothing else.

They share no code with the larger fakes. What those leave out is in here: texts come back with other
line ends, answers carry rate limit headers, older hooks lack ids, dates, roles and audiences, a write
to Jira's issue property is a webhook of its own. A request that no fact covers is in `mistakes`.
"""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any]
Delivery = tuple[dict[str, str], bytes]


class Stub:
    """`answer(method, path, query, body, headers)` is the tracker; `hooks` are the webhooks it would send."""

    limits: dict[str, str]

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bodies: list[Any] = []
        self.mistakes: list[str] = []
        self.hooks: list[Delivery] = []
        self.comments: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._ids = iter(range(5001, 10**6))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        raise NotImplementedError

    def genuine(self, headers: dict[str, str]) -> bool:
        raise NotImplementedError

    def wrong(self, what: str) -> Answer:
        self.mistakes.append(what)
        return 400, {"message": what, "errorMessages": [what], "errors": {}}

    def _handler(stub) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                body = json.loads(content) if content else None
                with stub._lock:
                    stub.asked.append(f"{self.command} {parts.path}")
                    if self.command != "GET":
                        stub.bodies.append(body)
                    heard = {name.lower(): value for name, value in self.headers.items()}
                    known = stub.genuine(heard)
                    status, said = stub.answer(self.command, parts.path, query, body) if known else (401, {})
                self._say(status, said)

            do_PUT = do_POST = do_DELETE = do_GET

            def _say(self, status: int, said: Any) -> None:
                content = b"" if said is None else json.dumps(said).encode()
                self.send_response(status)
                for name, value in {**stub.limits, "Content-Type": "application/json"}.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def now() -> datetime:
    return datetime.now(UTC)


def iso(at: datetime, zone: str = "Z") -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}{zone}"
