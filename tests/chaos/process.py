"""The processes that the chaos test kills: `work URL FOLDER SEED` and `feed URL FOLDER EVENTS TICKETS`."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from connector.errors import StoreUnavailable
from connector.store import Incoming, Store
from connector.worker import Worker

from .desk import FarEnd, Handler

LEASE = 2.0
PACE = 0.05


def work(url: str, folder: Path, seed: int) -> None:
    """Work until killed."""
    store = Store.open(url)
    handler = Handler(store, FarEnd(folder / "far"), folder / "journal", seed)
    Worker(store, handler, threads=4, lease=LEASE).start()
    threading.Event().wait()


def feed(url: str, folder: Path, events: int, tickets: int) -> None:
    """Deliver all events, every third one twice; note each one that was acknowledged."""
    store = Store.open(url)

    def deliver(ticket: int) -> None:
        with (folder / f"acknowledged.{ticket}").open("a") as file:
            for n in range(ticket, events, tickets):
                for _ in range(2 if n % 3 == 0 else 1):
                    insist(store, Incoming("t", f"{n:06}", f"t:{ticket}", "updated", {"n": n}))
                file.write(f"{n}\n")
                file.flush()
                time.sleep(PACE)

    with ThreadPoolExecutor(tickets) as pool:
        list(pool.map(deliver, range(tickets)))
    store.close()


def insist(store: Store, incoming: Incoming) -> None:
    """Come again, as a tracker does, until the event is accepted."""
    while True:
        try:
            store.inbox.accept(incoming)
        except StoreUnavailable:
            continue
        return


if __name__ == "__main__":
    what, url, folder, *numbers = sys.argv[1:]
    if what == "work":
        work(url, Path(folder), int(numbers[0]))
    else:
        feed(url, Path(folder), *map(int, numbers))
