"""What was finished long ago goes, however much of it there is; what is recent or waits stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from app import FORGET_AFTER, PRUNE_AFTER, clean_up
from connector.store import Incoming, Store
from connector.testing import FixedClock

BATCH = 500
"""How many rows the store removes in one transaction."""


def event(number: int, lane: str) -> Incoming:
    said = {"tracker": "t", "ticket": lane}
    return Incoming(
        source="t", delivery=f"d{number}", lane=f"t:{lane}", kind="updated", event=said, body=b"", headers={}
    )


def test_a_busy_month_is_removed_in_one_go_and_the_ids_later(tmp_path: Path) -> None:
    clock = FixedClock()
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=clock)
    try:
        with ThreadPoolExecutor(32) as hands:
            list(hands.map(lambda n: store.inbox.accept(event(n, "1")), range(BATCH + 50)))
        (lane,) = store.inbox.claim("test", 1)
        while ids := [row.id for row in store.inbox.waiting(lane, BATCH)]:
            with store.fenced(lane) as work:
                work.finish(ids)
        store.inbox.accept(event(-1, "2"))

        clock.forward(PRUNE_AFTER + timedelta(days=1))
        clean_up(store, clock())
        assert store.inbox.prune(clock()) == 0
        assert store.inbox.depth().waiting == 1
        assert store.inbox.accept(event(7, "1")).duplicate

        clock.forward(FORGET_AFTER)
        clean_up(store, clock())
        assert not store.inbox.accept(event(7, "1")).duplicate
    finally:
        store.close()
