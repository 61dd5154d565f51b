"""What was given up is listed page by page, brought back or put away, and the audit keeps who did it."""

from __future__ import annotations

import sqlalchemy as sa

from connector.store import Incoming, Store
from connector.store.schema import audit

from .conftest import Clock


def parked(store: Store, delivery: str, lane: str = "gitlab:7/1", error: str = "TrackerError: PUT issue: 403") -> int:
    """The number of an event that was accepted and given up."""
    number = store.inbox.accept(Incoming("gitlab", delivery, lane, "updated", {"x": 1})).id
    assert number is not None
    (held,) = store.inbox.claim("ann", 1)
    with store.fenced(held) as work:
        work.park(number, error)
    store.inbox.release(held)
    return number


def told(store: Store, what: str) -> list[tuple[str, int, dict[str, str]]]:
    with store._database.read() as connection:
        rows = connection.execute(sa.select(audit).where(audit.c.what == what)).all()
    return [(row.actor, row.inbox_id, dict(row.detail)) for row in rows]


def test_parked_events_are_listed_from_where_a_page_ended(store: Store) -> None:
    numbers = [parked(store, name, f"gitlab:7/{name}") for name in "abc"]

    assert [row.id for row in store.inbox.parked(limit=2)] == numbers[:2]
    assert [row.id for row in store.inbox.parked(limit=2, after=numbers[1])] == numbers[2:]


def test_one_parked_event_is_found_by_its_number_and_no_other_is(store: Store) -> None:
    number = parked(store, "a")
    waiting = store.inbox.accept(Incoming("gitlab", "b", "gitlab:7/2", "updated", {})).id

    found = store.inbox.parked_one(number)
    assert found is not None
    assert found.lane == "gitlab:7/1"
    assert store.inbox.parked_one(waiting or 0) is None
    assert store.inbox.parked_one(0) is None


def test_a_discarded_event_leaves_a_line_that_says_who_why_and_what(store: Store) -> None:
    number = parked(store, "a")

    assert store.inbox.discard(number, "ann", "a test ticket")
    assert not store.inbox.discard(number, "bo", "again")

    detail = {"lane": "gitlab:7/1", "kind": "updated", "error": "TrackerError: PUT issue: 403"}
    assert told(store, "discarded") == [("ann", number, {**detail, "reason": "a test ticket"})]
    assert store.inbox.parked() == []


def test_a_doubled_delivery_of_a_discarded_event_adds_nothing(store: Store) -> None:
    store.inbox.discard(parked(store, "a"), "ann", "a test ticket")

    assert store.inbox.accept(Incoming("gitlab", "a", "gitlab:7/1", "updated", {})).duplicate


def test_a_replayed_event_leaves_a_line_that_says_who_and_what(store: Store) -> None:
    number = parked(store, "a")

    assert store.inbox.replay(number, "ann")

    detail = {"lane": "gitlab:7/1", "kind": "updated", "error": "TrackerError: PUT issue: 403"}
    assert told(store, "replayed") == [("ann", number, detail)]


def test_what_nobody_parked_can_neither_be_replayed_nor_discarded(store: Store) -> None:
    number = store.inbox.accept(Incoming("gitlab", "a", "gitlab:7/1", "updated", {})).id or 0

    assert not store.inbox.replay(number, "ann")
    assert not store.inbox.discard(number, "ann", "why not")
    assert told(store, "discarded") + told(store, "replayed") == []


def test_a_lane_shows_what_is_parked_in_it_and_what_is_tried_again(store: Store, clock: Clock) -> None:
    given_up = parked(store, "a")
    parked(store, "elsewhere", "gitlab:7/2")
    failing = store.inbox.accept(Incoming("gitlab", "b", "gitlab:7/1", "commented", {})).id
    (held,) = store.inbox.claim("ann", 1)
    with store.fenced(held) as work:
        work.retry([failing or 0], clock.now, "TrackerError: GET issue: 401")
    store.inbox.accept(Incoming("gitlab", "c", "gitlab:7/1", "updated", {}))

    found = store.inbox.troubled("gitlab:7/1")

    assert [(row.id, row.attempts, row.parked_at is None) for row in found] == [
        (given_up, 1, False),
        (failing, 1, True),
    ]
    assert found[1].error == "TrackerError: GET issue: 401"
    assert store.inbox.troubled("gitlab:9/9") == ()
