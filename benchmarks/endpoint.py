"""The web role in a process of its own, as `serve --role web` runs it, with one of three ways to store an event.

    python -m benchmarks.endpoint group|each|none

`group` is the product; `each` commits every event by itself in the thread of its request; `none` stores nothing.
All three verify, read and log alike. Settings come from the environment, as always; the port is printed.
"""

from __future__ import annotations

import signal
import sys
from typing import Any

import app
from connector.log import start_logging
from connector.serve import WebServer
from connector.store import Accepted, Incoming, Store
from connector.store.inbox.accept import ready
from connector.web import create_web

WAYS = ("none", "each", "group")


def main(way: str) -> None:
    """Serve until SIGTERM."""
    given = app.settings()
    start_logging(given.log_level)
    services = app.build_services(given)
    _change(services.store, way)
    web = create_web(services)
    server = WebServer(web, given.host, given.port, body_limit=given.body_limit)
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    print(server.port, flush=True)
    server.run(grace=2.0)
    services.store.close()
    services.host.close()


def _change(store: Store, way: str) -> None:
    inbox: Any = store.inbox

    def nothing(_: Incoming) -> Accepted:
        return Accepted(1, False)

    def alone(incoming: Incoming) -> Accepted:
        (accepted,) = inbox._store([ready(incoming)])
        assert isinstance(accepted, Accepted)
        return accepted

    if way != "group":
        inbox.accept = {"none": nothing, "each": alone}[way]


if __name__ == "__main__":
    main(sys.argv[1])
