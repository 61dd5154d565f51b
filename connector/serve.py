"""waitress with a graceful end: no new connections, requests under way are answered, then it stops."""

from __future__ import annotations

import json
import logging
import secrets
import socket
import threading
import time
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask
from waitress.utilities import Error

from . import metrics
from .engine.accept import REFUSALS
from .errors import SettingsError
from .log import request_id
from .web.tracing import masked

THREADS = 64
"""Group commit needs requests side by side: a thread waits for the disk, not for the processor."""
RETRY_SECONDS = "10"

log = logging.getLogger("pointsman.web")


class WebServer:
    """Serves `app` on `host`:`port` from the moment it is made; port 0 takes a free one."""

    def __init__(self, app: Flask, host: str, port: int, *, body_limit: int) -> None:
        self._map: dict[int, Any] = {}
        self._stop = threading.Event()
        try:
            self._server = create_server(
                app,
                map=self._map,
                host=_one_address(host),
                port=port,
                threads=THREADS,
                connection_limit=1000,
                channel_timeout=60,
                max_request_body_size=body_limit + 1024 * 1024,
                ident=None,
                clear_untrusted_proxy_headers=False,
            )
        except OSError as error:
            told = f"cannot listen on {host}:{port}: {error.strerror or error}"
            raise SettingsError(f"{told}; choose another port, or end what listens there") from error
        self._server.channel_class = _Channel

    @property
    def port(self) -> int:
        return int(self._server.effective_port)

    def stop(self) -> None:
        """Ask `run` to come to its end; may be called from a signal handler or another thread."""
        self._stop.set()
        self._server.pull_trigger()

    def run(self, grace: float = 20.0) -> None:
        """Serve until `stop`, then answer what is under way, for `grace` seconds at most."""
        while not self._stop.is_set():
            self._turn(1.0)
        self._server.del_channel()
        self._server.socket.close()
        end = time.monotonic() + grace
        while self._busy() and time.monotonic() < end:
            self._turn(0.05)
        self._server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map, ignore_all=True)

    def _turn(self, timeout: float) -> None:
        wasyncore.loop(timeout=timeout, map=self._map, use_poll=True, count=1)

    def _busy(self) -> bool:
        channels = [c for c in self._server.active_channels.values() if c is not None]
        return any(c.requests or c.request is not None or c.total_outbufs_len for c in channels)


class _Refused(ErrorTask):  # type: ignore[misc]
    """What the application never sees (far too large, no HTTP) is answered and logged as it would do it."""

    def execute(self) -> None:
        error, id = self.request.error, secrets.token_hex(8)
        body = json.dumps({"error": error.reason.lower(), "request_id": id}).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", "application/json"), ("X-Request-Id", id)]
        if error.code == 503:
            self.response_headers.append(("Retry-After", RETRY_SECONDS))
        self.set_close_on_finish()
        self.content_length = len(body)
        with request_id(id):
            fields = {"method": _word(self.request, "command"), "path": masked(_word(self.request, "path"))}
            log.warning("request", extra={**fields, "status": error.code, "reason": error.reason})
            if fields["path"].startswith("/hooks/"):
                metrics.count(metrics.names.REFUSED, "", REFUSALS.get(error.code, "other"))
        self.write(body)


class _NoRoom(Error):  # type: ignore[misc]
    code = 503
    reason = "Service Unavailable"


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection. A large body waits on disk until it is whole; a disk without room is a 503, not a cut."""

    error_task_class = _Refused
    request: Any

    def received(self, data: bytes) -> bool:
        try:
            return bool(super().received(data))
        except OSError:
            with self.requests_lock:
                self.request.error = _NoRoom("no room to keep the body")
                self.request.completed = True
                self.requests.append(self.request)
                self.request = None
                if len(self.requests) == 1:
                    self.server.add_task(self)
            return True


def _word(request: Any, name: str) -> str:
    """A request that could not be parsed has neither method nor path."""
    return str(getattr(request, name, "") or "")


def _one_address(host: str) -> str:
    """The first address of `host`: `localhost` has two, and one server listens on one socket."""
    return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
