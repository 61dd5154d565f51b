"""A ticket's clocks over its life: kept as facts, shown for any instant by what was known at any other."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connector.cli import sla
from connector.engine.clocks import TicketClocks, ticket_clocks
from connector.model import Actor, Audience, Comment, FieldChange, Kind, Role
from connector.testing import FakeTracker, FixedClock
from connector.testing.values import NOW
from tests.engine.line import Line, a_line

HOUR = timedelta(hours=1)
DESK = """
version: 1
applies_to: {local: [desk]}
mode: live
plugins: [priority, sla]
priority:
  levels: {urgent: 50, low: 0}
  signals: [{id: down, when: {title: {contains_any: [outage]}}, score: 50, because: "Says outage"}]
sla:
  - id: vip
    when: {labels: {has: vip}}
    targets: {first_response: 1h 24x7, resolution: 4h 24x7}
  - id: rest
    pause_when: {status: pending}
    targets:
      first_response: {urgent: 2h 24x7, default: 4h 24x7}
      resolution: 8h 24x7
"""
ANN = Actor("ann", "Ann", Role.AGENT, "ann")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tracker(clock: FixedClock) -> FakeTracker:
    return FakeTracker(clock=clock)


@pytest.fixture
def line(tmp_path: Path, tracker: FakeTracker, clock: FixedClock) -> Iterator[Line]:
    with a_line(tmp_path, {"local": tracker}, clock=clock, files={"desk.yaml": DESK}) as line:
        yield line


def at(line: Line, id: str, as_of: datetime, known: datetime | None = None) -> TicketClocks:
    found = ticket_clocks(line.store, line.services.rules.current, "local", id, as_of, known)
    assert found is not None
    return found


def answer(line: Line, id: str, by: Actor = ANN, audience: Audience = Audience.PUBLIC) -> None:
    said = Comment("1", "We look.", audience, by, line.services.clock())
    line.deliver(line.event("local", id, Kind.COMMENTED, actor=by, comment=said))
    line.work()


def labels(tracker: FakeTracker, id: str) -> set[str]:
    return {label for label in tracker.ticket(id).labels if label.startswith("sla::")}


def test_the_timer_wakes_the_ticket_when_it_comes_to_be_at_risk(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    assert labels(tracker, id) == {"sla::ok"}
    clock.forward(3.1 * HOUR)
    assert line.store.timers.fire() == 0
    clock.forward(0.1 * HOUR)
    assert line.store.timers.fire() == 1
    line.work()
    assert labels(tracker, id) == {"sla::at-risk"}
    clock.forward(0.8 * HOUR)
    assert line.store.timers.fire() == 1
    line.work()
    assert labels(tracker, id) == {"sla::breached"}


def test_an_answer_is_known_from_the_moment_on_at_which_it_was_learned(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    clock.forward(HOUR)
    answer(line, id)
    now = clock.forward(HOUR)
    assert at(line, id, now).clocks["first_response"].state == "met"
    assert at(line, id, NOW + HOUR / 2).clocks["first_response"].state == "running"
    assert at(line, id, now, NOW + HOUR / 2).clocks["first_response"].state == "running"


def test_an_internal_note_answers_nobody(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    id = tracker.add("hello")
    line.created(id)
    answer(line, id, audience=Audience.INTERNAL)
    assert at(line, id, clock()).clocks["first_response"].state == "running"


def test_another_policy_later_is_a_change_of_the_goal_and_the_time_used_stays(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    clock.forward(HOUR)
    tracker.edit(id, "ann", labels={"vip": True})
    line.updated(id, actor=ANN, changes=(FieldChange("label:vip", False, True, clock(), ANN),))
    found = at(line, id, clock())
    assert found.policy == "vip"
    assert found.clocks["resolution"].due_at == NOW + 4 * HOUR
    assert at(line, id, NOW + HOUR / 2).policy == "rest"
    assert labels(tracker, id) == {"sla::breached"}, "an hour was used of the first response's one"


def test_what_was_decided_first_holds_from_the_creation_on(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    clock.forward(HOUR)
    line.created(id)
    assert at(line, id, clock()).clocks["first_response"].due_at == NOW + 4 * HOUR


def test_a_shadow_desk_counts_and_wakes_all_the_same(tmp_path: Path, tracker: FakeTracker, clock: FixedClock) -> None:
    shadow = DESK.replace("mode: live", "mode: shadow")
    with a_line(tmp_path, {"local": tracker}, clock=clock, files={"desk.yaml": shadow}) as line:
        id = tracker.add("hello")
        line.created(id)
        clock.forward(5 * HOUR)
        assert line.store.timers.fire() == 1
        line.work()
        newest = line.plans(id)[0]
        assert ("label:sla::breached", True) in {(d["slot"], d["value"]) for d in newest["decisions"]}
        assert labels(tracker, id) == set()


def test_the_command_shows_how_the_time_adds_up(
    line: Line, tracker: FakeTracker, clock: FixedClock, capsys: pytest.CaptureFixture[str]
) -> None:
    id = tracker.add("hello")
    line.created(id)
    clock.forward(HOUR)
    answer(line, id)
    book = line.services.rules.current
    wiring: Any = SimpleNamespace(
        settings=lambda: SimpleNamespace(rules_dir=None),
        rulebook=lambda *_: (book, SimpleNamespace(close=lambda: None)),
        store=lambda _: SimpleNamespace(tickets=line.store.tickets, now=clock, close=lambda: None),
    )
    asked = Namespace(key=id, tracker=None, as_of=NOW + 2 * HOUR, known_at=None, json=False)
    assert sla.run(asked, wiring) == 0
    shown = capsys.readouterr().out
    assert "policy rest, as of 2026-03-02T12:00:00Z" in shown
    assert "first_response: met, 1h of 4h used, due 2026-03-02 14:00:00 (UTC)" in shown
    assert "resolution: running, 2h of 8h used, due 2026-03-02 18:00:00 (UTC)" in shown
    assert "2026-03-02 10:00:00 → 2026-03-02 11:00:00  counts +1h by 24x7" in shown
    assert sla.run(Namespace(**{**vars(asked), "key": "DESK-9"}), wiring) == 1
    assert "no ticket DESK-9 was worked yet" in capsys.readouterr().err


def test_a_fact_that_is_dated_before_the_creation_is_shown(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    early = Comment("7", "We look.", Audience.PUBLIC, ANN, NOW - HOUR)
    line.deliver(line.event("local", id, Kind.COMMENTED, actor=ANN, comment=early))
    line.work()
    found = at(line, id, clock.forward(HOUR))
    assert [(event["id"], event["type"]) for event in found.odd] == [("c7", "comment")]
    assert found.clocks["first_response"].state == "met", "it counts as of the creation"
