"""Signs of life, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.store import Incoming, Store
from connector.store.migrations import newest

from .conftest import Clock


def incoming(delivery: str, source: str = "gitlab", body: bytes = b"") -> Incoming:
    return Incoming(source, delivery, f"{source}:1", "updated", {"n": 1}, body=body)


def test_the_schema_is_the_one_this_program_brings(store: Store):
    assert store.pulse.schema() == (newest(), newest())


def test_only_what_has_a_body_is_a_webhook(store: Store):
    store.inbox.accept(incoming("reconcile/1"))
    assert store.pulse.last_webhook("gitlab") is None
    store.inbox.accept(incoming("a", body=b"{}"))
    assert store.pulse.last_webhook("gitlab") is not None
    assert store.pulse.last_webhook("jira") is None


def test_what_reconcile_found_is_known_by_itself_and_by_lane(store: Store, clock: Clock):
    store.inbox.accept(incoming("a", body=b"{}"))
    clock.forward(60)
    store.inbox.accept(incoming("reconcile/1"))
    told, missed = store.pulse.last_webhook("gitlab", "gitlab:1"), store.pulse.last_missed("gitlab", "gitlab:1")
    assert None not in (told, missed)
    assert told < missed
    assert store.pulse.last_webhook("gitlab", "gitlab:2") is None
    assert store.pulse.last_missed("gitlab", "gitlab:2") is None


def test_a_job_that_ran_tells_when_it_runs_next(store: Store):
    assert store.pulse.next_runs() == {}
    store.periodic.claim("prune", timedelta(minutes=10))
    assert store.pulse.next_runs()["prune"] > store.now()


def test_without_timers_none_is_due(store: Store):
    assert store.pulse.next_timer() is None


def test_the_database_tells_its_kind_and_version(store: Store):
    kind, version = store.pulse.server()
    assert kind in ("SQLite", "PostgreSQL")
    assert version[0].isdigit()


def test_what_waits_is_counted_by_ticket_and_timers_by_being_late(store: Store, clock: Clock):
    assert store.pulse.backlog() == (0, 0)
    for number, ticket in enumerate("aab"):
        store.inbox.accept(Incoming("gitlab", f"d{number}", f"gitlab:{ticket}", "updated", {"n": number}))
    with store.begin() as work:
        work.set_timer("gitlab:a", "due", clock.now + timedelta(seconds=5))
        work.set_timer("gitlab:a", "later", clock.now + timedelta(days=1))
    assert store.pulse.backlog() == (2, 0)
    clock.forward(5)
    assert store.pulse.backlog() == (2, 1)


def test_what_waits_is_counted_up_to_a_limit(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("connector.store.pulse.MANY", 2)
    for number in range(4):
        store.inbox.accept(Incoming("gitlab", f"d{number}", f"gitlab:{number}", "updated", {"n": number}))
    assert store.pulse.backlog() == (2, 0)
    assert store.inbox.depth().waiting == 4


def test_the_oldest_that_waits_is_the_first_that_came(store: Store, clock: Clock):
    assert store.inbox.depth().oldest is None
    first = clock.now
    for number in range(3):
        store.inbox.accept(Incoming("gitlab", f"d{number}", f"gitlab:{9 - number}", "updated", {"n": number}))
        clock.forward(10)
    assert store.inbox.depth().oldest == first
    for lane in store.inbox.claim("w", 10):
        if lane.key == "gitlab:9":
            with store.fenced(lane) as work:
                work.finish([event.id for event in store.inbox.waiting(lane)])
    assert store.inbox.depth().oldest == first + timedelta(seconds=10)


def test_the_headers_of_what_came_with_a_body_can_be_read(store: Store):
    told = {"traceparent": "00-1-2-01"}
    with_body = store.inbox.accept(Incoming("gitlab", "a", "gitlab:1", "updated", {"n": 1}, body=b"{}", headers=told))
    bare = store.inbox.accept(incoming("b", body=b"{}"))
    timer = store.inbox.accept(incoming("c"))
    ids = [accepted.id for accepted in (with_body, bare, timer) if accepted.id]
    assert store.inbox.headers(ids) == [told]
    assert store.inbox.headers([]) == []
