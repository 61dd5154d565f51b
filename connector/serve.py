"""waitress with a graceful end: no new connections, requests under way are answered, then it stops."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore

THREADS = 64
"""Group commit needs requests side by side: a thread waits for the disk, not for the processor."""


class WebServer:
    """Serves `app` on `host`:`port` from the moment it is made; port 0 takes a free one."""

    def __init__(self, app: Flask, host: str, port: int, *, body_limit: int) -> None:
        self._map: dict[int, Any] = {}
        self._stop = threading.Event()
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


def _one_address(host: str) -> str:
    """The first address of `host`: `localhost` has two, and one server listens on one socket."""
    return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
