"""The local tracker sends no webhooks: what we wrote there is known to its own record alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.testing import FakeTracker, FixedClock
from tests.engine.line import Line, a_line

MINUTE = timedelta(minutes=1)
DESK = """
version: 1
applies_to: {local: [desk]}
mode: live
plugins: [priority, routing, sla, escalation]
priority:
  levels: {urgent: 50, normal: 0}
  signals: [{id: down, when: {title: {contains_any: [outage]}}, score: 50}]
routing: [{id: rest, team: frontline, assignee: ann}]
sla:
  - id: rest
    targets: {first_response: {urgent: 60m 24x7, default: 8h night}, assignee_reply: 2h 24x7}
    escalate: [{at: 100%, metrics: [first_response], add_label: late}]
"""
NIGHT = """
night: {tz: UTC, week: {mon-sun: ["22:00-23:00"]}}
"""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tracker(clock: FixedClock) -> FakeTracker:
    return FakeTracker(clock=clock)


@pytest.fixture
def line(tmp_path: Path, tracker: FakeTracker, clock: FixedClock) -> Iterator[Line]:
    files = {"desk.yaml": DESK, "_calendars.yaml": NIGHT}
    with a_line(tmp_path, {"local": tracker}, clock=clock, files=files) as line:
        yield line


def test_the_goal_of_a_priority_that_a_rule_gave_is_kept_from_look_to_look(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    """Created at 10:00 and urgent by a rule: late at 11:00, though the desk of every other priority is closed."""
    id = tracker.add("outage")
    clock.forward(timedelta(milliseconds=200))
    line.created(id)
    for _ in range(60):
        clock.forward(MINUTE)
        line.store.timers.fire()
        line.work()
    assert {"late", "sla::breached"} <= tracker.ticket(id).labels
    assert {row.metric: row.priority for row in line.store.cycles.of("local", id)} == {
        "first_response": "urgent",
        "assignee_reply": "urgent",
    }


def test_what_we_wrote_counts_at_once_where_nobody_is_told_of_it(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("outage")
    clock.forward(timedelta(milliseconds=200))
    line.created(id)
    line.work()
    (row,) = (row for row in line.store.cycles.of("local", id) if row.metric == "first_response")
    assert (row.priority, row.goal_s, row.calendar) == ("urgent", 3600, "24x7")
