"""The web role in a process of its own, as `serve --role web` runs it, with one of several ways to store an event.

    python -m benchmarks.endpoint group|each|none|recount

`group` is the product; `each` commits every event by itself in the thread of its request; `none` stores nothing;
`recount` is the product that also counts all open clocks anew, as its worker would.
All verify, read and log alike. Settings come from the environment, as always; the port is printed.
"""

from __future__ import annotations

import signal
import sys
from functools import partial
from typing import Any

import app
from connector.engine.recount import RECOUNT_EVERY, recount_all
from connector.log import start_logging
from connector.serve import WebServer
from connector.store import Accepted, Incoming, Store
from connector.store.inbox.accept import ready
from connector.web import create_web
from connector.worker import Worker

WAYS = ("none", "each", "group", "recount")


def main(way: str) -> None:
    """Serve until SIGTERM."""
    given = app.settings()
    start_logging(given.log_level)
    services = app.build_services(given)
    _change(services.store, way)
    web = create_web(services)
    server = WebServer(web, given.host, given.port, body_limit=given.body_limit)
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    if way == "recount":
        # Without hands: what is accepted is not worked.
        job = (RECOUNT_EVERY, partial(recount_all, services))
        Worker(services.store, lambda *_: None, threads=0, periodic={"recount": job}).start()
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

    if way in ("none", "each"):
        inbox.accept = {"none": nothing, "each": alone}[way]


if __name__ == "__main__":
    main(sys.argv[1])
