"""What webhooks missed is found by polling: new tickets, changes, comments; and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.engine.reconcile import reconcile
from connector.store import CommentRow
from connector.testing import FakeTracker, FixedClock
from tests.engine.line import Line, a_line


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tracker(clock: FixedClock) -> FakeTracker:
    tracker = FakeTracker(clock=clock)
    tracker.old = tracker.add("outage, from before")
    clock.forward(timedelta(days=1))
    return tracker


@pytest.fixture
def line(tmp_path: Path, tracker: FakeTracker, clock: FixedClock) -> Iterator[Line]:
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        yield line


def run(line: Line, tracker: FakeTracker) -> int:
    found = reconcile(line.services, tracker)
    line.work()
    return found.added


def test_a_ticket_made_since_our_start_is_worked_as_created(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    clock.forward(timedelta(minutes=10))
    id = tracker.add("outage", email="dana@x.example", name="Dana")
    assert run(line, tracker) == 1
    assert tracker.ticket(id).priority.word == "urgent"
    assert ("public", "Hello Dana.") in tracker.texts(id)


def test_older_tickets_wait_for_a_backfill(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    clock.forward(timedelta(minutes=10))
    assert run(line, tracker) == 0
    assert tracker.ticket(tracker.old).priority.word == "none"


def test_an_older_ticket_that_changed_is_worked_but_not_greeted(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    clock.forward(timedelta(minutes=10))
    tracker.edit(tracker.old, "bo", title="outage again")
    assert run(line, tracker) == 1
    assert tracker.ticket(tracker.old).priority.word == "urgent"
    assert not [t for a, t in tracker.texts(tracker.old) if a == "public"]


def test_a_second_pass_finds_nothing_new(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    clock.forward(timedelta(minutes=10))
    tracker.add("outage")
    run(line, tracker)
    clock.forward(timedelta(minutes=1))
    assert run(line, tracker) == 0
    clock.forward(timedelta(minutes=1))
    assert run(line, tracker) == 0


def test_a_missed_command_is_obeyed_late(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    clock.forward(timedelta(minutes=10))
    id = tracker.add("hello")
    run(line, tracker)
    clock.forward(timedelta(minutes=1))
    tracker.storage.add_comment(id, "@pointsman priority high", "internal", "ann")
    tracker.storage.set(id, {"updated": clock()})
    run(line, tracker)
    assert tracker.ticket(id).priority.word == "high"


def test_a_missed_command_gives_way_to_a_newer_change_by_a_person(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    clock.forward(timedelta(minutes=10))
    id = tracker.add("hello")
    run(line, tracker)
    clock.forward(timedelta(minutes=1))
    tracker.storage.add_comment(id, "@pointsman priority high", "internal", "ann")
    clock.forward(timedelta(minutes=1))
    tracker.edit(id, "bo", priority="normal")
    run(line, tracker)
    assert tracker.ticket(id).priority.word == "normal"


def test_a_text_kept_by_its_digest_does_not_stand_for_a_missed_comment(
    line: Line, tracker: FakeTracker, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.forward(timedelta(minutes=10))
    id = tracker.add("hello")
    run(line, tracker)
    with line.store.begin() as work:
        work.put_comment(CommentRow("local", id, "~digest", ours=True, digest="x", worked=True))
    clock.forward(timedelta(minutes=1))
    tracker.storage.add_comment(id, "@pointsman priority high", "internal", "ann")
    tracker.storage.set(id, {"updated": clock()})
    listed = tracker.changed
    # As a tracker whose list tells the number of comments only.
    bare = lambda *a: (replace(t, comments=(), comment_count=len(t.comments)) for t in listed(*a))  # noqa: E731
    monkeypatch.setattr(tracker, "changed", bare)
    run(line, tracker)
    assert tracker.ticket(id).priority.word == "high"
