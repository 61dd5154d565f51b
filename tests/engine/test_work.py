"""From event to record: one read, one plan, one write; people outrank plugins; twice is once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import Gone, TrackerError
from connector.model import Kind
from connector.testing import FakeTracker, FixedClock
from tests.engine.line import RULES, Line, a_line


class Desk:
    """A line with the fake tracker at its end."""

    def __init__(self, line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
        self.line, self.tracker, self.clock = line, tracker, clock

    def ticket(self, title: str = "outage in the shop", **fields: object) -> str:
        fields.setdefault("email", "dana@x.example")
        fields.setdefault("name", "Dana")
        return self.tracker.add(title, **fields)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        tracker.words = line.services.words("local")
        yield Desk(line, tracker, clock)


def test_a_new_ticket_gets_priority_team_a_reply_and_the_reasons(desk: Desk) -> None:
    id = desk.ticket()
    desk.line.created(id)
    ticket = desk.tracker.ticket(id)
    assert (ticket.priority.word, ticket.team) == ("urgent", "frontline")
    texts = desk.tracker.texts(id)
    assert ("public", "Hello Dana.") in texts
    note = next(text for audience, text in texts if audience == "internal")
    assert "priority urgent: Text says: outage (+50) = 50" in note
    assert "team frontline: rule rest" in note


def test_the_same_event_twice_writes_nothing_the_second_time(desk: Desk) -> None:
    id = desk.ticket()
    desk.line.created(id)
    before = len(desk.tracker.writes)
    desk.line.created(id)
    assert len(desk.tracker.writes) == before
    verdicts = {slot: v for slot, v in desk.line.verdicts(id).items() if not slot.startswith("fact:")}
    assert set(verdicts.values()) == {"already so"}


def test_ten_events_waiting_together_cost_one_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    id, reads = desk.ticket(), []
    fetch = desk.tracker.fetch
    monkeypatch.setattr(desk.tracker, "fetch", lambda *a: reads.append(a) or fetch(*a))
    for _ in range(10):
        desk.line.deliver(desk.line.event("local", id))
    desk.line.work()
    assert len(reads) == 1
    assert desk.line.store.inbox.depth().waiting == 0


def test_a_persons_later_change_stays_theirs_and_the_note_says_so(desk: Desk) -> None:
    id = desk.ticket()
    desk.line.created(id)
    desk.clock.advance(minutes=5) if hasattr(desk.clock, "advance") else None
    desk.tracker.edit(id, "bo", priority="low")
    desk.line.updated(id)
    assert desk.tracker.ticket(id).priority.word == "low"
    assert desk.line.verdicts(id)["priority"] == "a person changed it since"


def test_a_command_writes_and_pins_the_value_as_the_persons(desk: Desk) -> None:
    id = desk.ticket("hello")
    desk.line.created(id)
    desk.line.said(id, "@pointsman priority high because the boss asked")
    assert desk.tracker.ticket(id).priority.word == "high"
    desk.line.updated(id)
    assert desk.tracker.ticket(id).priority.word == "high"
    assert desk.line.verdicts(id)["priority"] == "a person changed it since"


def test_release_gives_a_slot_back(desk: Desk) -> None:
    id = desk.ticket()
    desk.line.created(id)
    desk.line.said(id, "@pointsman priority low")
    assert desk.tracker.ticket(id).priority.word == "low"
    desk.line.said(id, "@pointsman release priority")
    assert desk.tracker.ticket(id).priority.word == "urgent"


def test_a_comment_is_worked_once_however_often_it_is_delivered(desk: Desk) -> None:
    id = desk.ticket("hello")
    desk.line.created(id)
    for _ in range(3):
        desk.line.said(id, "@pointsman why", id="77")
    assert sum("priority low" in text for _, text in desk.tracker.texts(id)) == 2  # the note and one answer


def test_shadow_decides_and_records_but_writes_nothing(tmp_path: Path) -> None:
    tracker = FakeTracker()
    files = {"desk.yaml": RULES.replace("mode: live", "mode: shadow")}
    with a_line(tmp_path, {"local": tracker}, files=files) as line:
        id = tracker.add("outage")
        line.created(id)
        line.said(id, "@pointsman priority low")
        assert tracker.writes == []
        assert line.plans(id)[-1]["mode"] == "shadow"
        assert line.plans(id)[-1]["decisions"][-1]["verdict"] == "apply"


def test_a_deleted_ticket_is_a_tombstone_without_a_read(desk: Desk) -> None:
    id = desk.ticket()
    desk.line.created(id)
    desk.line.deliver(desk.line.event("local", id, Kind.DELETED))
    desk.line.work()
    row = desk.line.store.tickets.get("local", id)
    assert row is not None
    assert row.gone


def test_a_ticket_that_is_not_there_is_done_with_and_noted(desk: Desk) -> None:
    desk.line.updated("999")
    assert desk.line.store.inbox.depth().waiting == 0
    assert desk.line.store.inbox.count_parked() == 0


class Flaky(FakeTracker):
    """Fails at the n-th send, before or after the write."""

    fail_at: int | None = None
    after = False
    permanent = False

    def send(self, call, chain=""):
        if self.fail_at is not None and len(self.writes) >= self.fail_at:
            self.fail_at = None
            if self.after:
                super().send(call, chain)
            raise TrackerError(call.what, status=403 if self.permanent else 502, permanent=self.permanent)
        return super().send(call, chain)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_failure_at_any_write_leads_to_the_same_end(tmp_path: Path, at: int, after: bool) -> None:
    tracker = Flaky()
    with a_line(tmp_path, {"local": tracker}) as line:
        id = tracker.add("outage", email="dana@x.example", name="Dana")
        tracker.fail_at, tracker.after = at, after
        line.deliver(line.event("local", id, Kind.CREATED))
        for _ in range(5):
            line.work(swallow=(TrackerError,))
        ticket = tracker.ticket(id)
        assert (ticket.priority.word, ticket.team) == ("urgent", "frontline")
        texts = [text for _, text in tracker.texts(id)]
        assert sum(text.startswith("Hello") for text in texts) == 1
        assert sum("Pointsman" in text for text in texts) == 1
        assert line.store.inbox.depth().waiting == 0


def test_a_person_who_changes_the_slot_between_tries_wins(tmp_path: Path) -> None:
    tracker = Flaky()
    with a_line(tmp_path, {"local": tracker}) as line:
        id = tracker.add("outage", priority="normal")
        tracker.fail_at = 0
        line.deliver(line.event("local", id, Kind.CREATED))
        line.work(swallow=(TrackerError,))
        tracker.edit(id, "bo", priority="low")
        line.work()
        assert tracker.ticket(id).priority.word == "low"
        effects = {e["slot"]: e["state"] for plan in line.plans(id) for e in plan["effects"]}
        assert effects["priority"] == "dropped"


BY = """applies_to: {local: [desk]}
mode: live
plugins: [priority, replies]
priority:
  levels: {urgent: 4, high: 2, normal: 1, low: 0}
  signals:
    - {id: machine, when: {event.kind: [timer, reconciled], event.by: system}, score: 2}
    - {id: customer, when: {event.kind: [timer, reconciled], event.by: customer}, score: 4}
    - {id: agent, when: {event.kind: created, event.by: agent}, score: 1}
replies:
  - {id: waiting, on: timer, when: {age: ">= 3d"}, audience: public, say: {en: "Still here after {age}."}}
"""


def test_time_and_reconcile_are_machines_and_no_customers(tmp_path: Path) -> None:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    with a_line(tmp_path, {"local": tracker}, clock=clock, files={"desk.yaml": BY}) as line:
        id = tracker.add("hello")
        line.created(id)
        clock.forward(timedelta(days=3))
        assert line.store.timers.fire() == 1
        line.work()
        assert [d["rule"] for d in line.plans(id)[0]["decisions"]] == ["machine", "waiting"]
        assert ("public", "Still here after 3d.") in tracker.texts(id)
        line.deliver(line.event("local", id, Kind.RECONCILED))
        line.work()
        assert line.plans(id)[0]["decisions"][0]["rule"] == "machine"


def test_a_creation_that_names_nobody_is_its_requesters(tmp_path: Path) -> None:
    tracker = FakeTracker()
    with a_line(tmp_path, {"local": tracker}, files={"desk.yaml": BY}) as line:
        id = tracker.add("hello", email="ann", name="Ann Li")
        line.deliver(line.event("local", id, Kind.CREATED))
        line.work()
        assert line.plans(id)[0]["decisions"][0]["rule"] == "agent"


def test_a_look_up_that_finds_nothing_does_not_bury_a_ticket_that_is_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = desk.ticket()
    desk.clock.forward(timedelta(seconds=5))
    desk.tracker.edit(id, "bo", title="outage again")

    def missing(*_: object) -> None:
        raise Gone("GET its history", status=404, permanent=True)

    with monkeypatch.context() as patch:
        patch.setattr(desk.tracker, "past", missing)
        desk.line.deliver(desk.line.event("local", id, Kind.CREATED))
        desk.line.work(swallow=(TrackerError,))
    assert desk.line.store.inbox.depth().waiting == 1
    desk.line.work()
    assert desk.tracker.ticket(id).priority.word == "urgent"
