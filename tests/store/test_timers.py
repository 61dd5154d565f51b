"""Timers: exactly once, in their lane, at no cost while pending."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from connector.store import Incoming, Store
from connector.store.schema import timer

from .conftest import MONDAY, Clock, pending

MINUTE = timedelta(minutes=1)


def set_timer(store: Store, key: str = "local:1", name: str = "age", minutes: float = 1, **payload: object) -> None:
    with store.begin() as work:
        work.set_timer(key, name, MONDAY + minutes * MINUTE, payload)


def test_a_timer_fires_when_it_is_due_and_only_once(store: Store, clock: Clock) -> None:
    set_timer(store, ticket="1")
    assert store.timers.fire() == 0
    clock.forward(60)
    assert store.timers.fire() == 1
    assert store.timers.fire() == 0
    (lane,) = store.inbox.claim("ann", 9)
    (event,) = store.inbox.waiting(lane)
    assert (lane.key, event.source, event.kind) == ("local:1", "timer", "timer")
    assert event.delivery == f"local:1/age/{(MONDAY + MINUTE).isoformat()}"
    at = (MONDAY + MINUTE).isoformat()
    assert event.event == {"kind": "timer", "note": "age", "at": at, "delivery": event.delivery, "ticket": "1"}


def test_a_timer_that_is_moved_fires_at_the_new_time(store: Store, clock: Clock) -> None:
    set_timer(store, minutes=1, n=1)
    set_timer(store, minutes=3, n=2)
    assert pending(store) == 1
    clock.forward(60)
    assert store.timers.fire() == 0
    clock.forward(120)
    assert store.timers.fire() == 1


def test_a_cancelled_timer_does_not_fire(store: Store, clock: Clock) -> None:
    set_timer(store, name="one")
    set_timer(store, name="two")
    set_timer(store, name="three")
    with store.begin() as work:
        work.cancel_timer("local:1", "one")
        work.cancel_timer("local:1", "never set")
    assert pending(store) == 2
    with store.begin() as work:
        work.cancel_timers("local:1")
    clock.forward(60)
    assert store.timers.fire() == 0


def test_a_timer_set_in_a_transaction_that_fails_is_not_set(store: Store) -> None:
    with pytest.raises(IndexError), store.begin() as work:  # noqa: PT012
        work.set_timer("local:1", "age", MONDAY, {})
        raise IndexError
    assert pending(store) == 0


def test_the_earliest_are_fired_first_and_the_rest_next_time(store: Store, clock: Clock) -> None:
    for minutes in (3, 1, 2):
        set_timer(store, key=f"local:{minutes}", minutes=minutes)
    clock.forward(600)
    assert store.timers.fire(2) == 2
    assert pending(store) == 1
    assert store.timers.get("local:3", "age")
    assert {lane.key for lane in store.inbox.claim("ann", 9)} == {"local:1", "local:2"}


def test_two_stores_fire_a_timer_once(url: str, store: Store, clock: Clock) -> None:
    other = Store.open(url, migrate=False, clock=clock)
    set_timer(store)
    clock.forward(60)
    assert store.timers.fire() + other.timers.fire() == 1
    other.close()


def test_waiting_ends_when_an_earlier_timer_is_set(url: str) -> None:
    store = Store.open(url, migrate=False)
    waits = []
    for _ in range(3):
        began = time.monotonic()
        with store.begin() as work:
            work.set_timer("local:1", "late", work.now + timedelta(hours=1), {})
            work.set_timer("local:1", "soon", work.now + timedelta(seconds=0.1), {})
        while not store.timers.fire():
            store.timers.wait(60)
        waits.append(time.monotonic() - began)
    # The poll of a second is only the safety net: with it alone each would take that long.
    assert 0.1 <= min(waits) < 0.9
    store.close()


def test_many_pending_timers_leave_a_tick_to_the_index(store: Store, clock: Clock) -> None:
    with store.begin() as work:
        for start in range(0, 5000, 1000):
            rows = [
                {"key": f"t:{n}", "name": "age", "due_at": MONDAY + (n + 10) * MINUTE, "payload": {}}
                for n in range(start, start + 1000)
            ]
            work.connection.execute(sa.insert(timer), rows)
    due = sa.select(timer.c.due_at).where(timer.c.due_at <= MONDAY).order_by(timer.c.due_at).limit(500)
    with store._database.read() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("ANALYZE timer"))
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        statement = due.compile(connection, compile_kwargs={"literal_binds": True})
        how = " ".join(str(row) for row in connection.execute(sa.text(f"{explain} {statement}")))
    assert "timer_due" in how
    assert store.timers.fire() == 0


def test_after_an_outage_what_was_due_first_is_worked_first(store: Store, clock: Clock) -> None:
    """The lanes bear names in another order, and two timers of one lane count as the earlier."""
    with store.begin() as work:
        for lane, minutes in (("jira:1", 50), ("jira:2", 10), ("jira:3", 40), ("jira:4", 20), ("jira:3", 30)):
            work.set_timer(lane, f"sla{minutes}", clock.now + timedelta(minutes=minutes))
    clock.forward(7200)
    store.inbox.accept(Incoming("jira", "webhook", "jira:0", "updated", {}))
    assert store.timers.fire() == 5
    assert [lane.key for lane in store.inbox.claim("ann", 10)] == ["jira:2", "jira:4", "jira:3", "jira:1", "jira:0"]
