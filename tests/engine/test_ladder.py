"""A rung acts once: through kills, restarts and redelivered events, and after days in which nobody worked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from connector.engine.reconcile import reconcile
from connector.engine.work import Engine
from connector.model import Actor, Comment, Kind, Role
from connector.testing import FakeTracker, FixedClock
from tests.databases import fresh_database, kinds
from tests.engine.line import Line, a_line

HOUR = timedelta(hours=1)
DESK = """
version: 1
applies_to: {local: [desk]}
mode: live
plugins: [priority, routing, sla, escalation, commands]
priority:
  levels: {urgent: 50, normal: 0}
  signals: [{id: down, when: {title: {contains_any: [outage]}}, score: 50}]
routing: [{id: rest, team: frontline, assignee: ann}]
sla:
  - id: rest
    targets: {resolution: {urgent: 2h 24x7, default: 8h 24x7}}
    escalate:
      - {at: 80%, add_label: soon, say: "Soon: {at}."}
      - {at: 100%, raise_priority: 1, notify: assignee, say: "Late: {at}."}
      - {at: 150%, return_to_team: true, say: "Very late: {at}."}
"""


class Killed(BaseException):
    pass


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


def texts(tracker: FakeTracker, id: str) -> Counter[str]:
    """The comments of rungs, as often as each was written."""
    return Counter(text.splitlines()[0] for _, text in tracker.texts(id) if "ate:" in text or "Soon:" in text)


def wakes(line: Line) -> None:
    line.store.timers.fire()
    line.work()


def test_each_rung_acts_at_its_time_and_what_it_set_stays(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    clock.forward(6.5 * HOUR)
    wakes(line)
    assert texts(tracker, id) == {"Soon: 80%.": 1}
    clock.forward(2 * HOUR)
    wakes(line)
    clock.forward(12 * HOUR)
    for _ in range(3):
        wakes(line), line.updated(id)
    assert texts(tracker, id) == {"Soon: 80%.": 1, "Late: 100%.": 1, "Very late: 150%.": 1}
    ticket = tracker.ticket(id)
    assert (ticket.priority.word, ticket.team, ticket.assignee) == ("high", "frontline", None)
    assert "soon" in ticket.labels


@pytest.mark.parametrize("database", kinds())
@pytest.mark.parametrize("where", ["_store_outcome", "_store_plan", "_carry"])
def test_killed_anywhere_and_started_again_it_acts_once(
    database: str, where: str, tmp_path: Path, tracker: FakeTracker, clock: FixedClock
) -> None:
    with fresh_database(database, tmp_path) as url:
        given = {"url": url, "clock": clock, "files": {"desk.yaml": DESK}}
        with a_line(tmp_path, {"local": tracker}, **given) as line:
            id = tracker.add("hello")
            line.created(id)
            clock.forward(9 * HOUR)
            line.store.timers.fire()
            with patch.object(Engine, where, side_effect=Killed), pytest.raises(Killed):
                line.work()
        clock.forward(timedelta(minutes=5))
        with a_line(tmp_path, {"local": tracker}, **given) as line:
            wakes(line)
            reconcile(line.services, tracker)
            line.work()
            timer = line.event("local", id, Kind.TIMER, note="sla")
            line.deliver(timer, "again"), line.deliver(timer, "and again")
            line.work()
            assert texts(tracker, id) == {"Soon: 80%.": 1, "Late: 100%.": 1}
            assert tracker.ticket(id).priority.word == "high"


def test_after_days_of_standing_still_what_was_due_first_is_worked_first_and_each_rung_acts_once(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    ids = []
    for title in ("calm one", "outage", "calm two"):
        ids.append(tracker.add(title))
        line.created(ids[-1])
        clock.forward(HOUR / 4)
    clock.forward(96 * HOUR)
    line.store.timers.fire()
    order: list[str] = []
    draw = Engine._draw

    def seen(self, look, *more):
        order.append(look.ticket.id)
        return draw(self, look, *more)

    with patch.object(Engine, "_draw", seen):
        line.work()
    assert list(dict.fromkeys(order)) == [ids[1], ids[0], ids[2]], "two hours for an outage, eight for the others"
    for id in ids:
        assert texts(tracker, id) == {"Soon: 80%.": 1, "Late: 100%.": 1, "Very late: 150%.": 1}
        newest = [plan for plan in line.plans(id) if any(d["slot"].startswith("say:") for d in plan["decisions"])]
        assert len(newest) == 1, "all in one plan"


def test_an_agents_ack_stops_it_though_it_is_worked_when_later_rungs_are_due(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    clock.forward(7 * HOUR)
    ann = Actor("ann", "Ann", Role.AGENT, "ann")
    said = Comment("c1", "@pointsman ack", author=ann, at=clock())
    line.deliver(line.event("local", id, Kind.COMMENTED, actor=ann, comment=said))
    clock.forward(20 * HOUR)
    wakes(line)
    assert texts(tracker, id) == {"Soon: 80%.": 1}
    assert tracker.ticket(id).priority.word == "normal"


def test_in_shadow_a_rung_is_shown_once_and_not_made_up_for_in_live(
    tmp_path: Path, tracker: FakeTracker, clock: FixedClock
) -> None:
    shadow = DESK.replace("mode: live", "mode: shadow")
    with a_line(tmp_path, {"local": tracker}, clock=clock, files={"desk.yaml": shadow}) as line:
        id = tracker.add("hello")
        line.created(id)
        clock.forward(9 * HOUR)
        wakes(line)
        assert ("label:soon", True) in {(d["slot"], d["value"]) for d in line.plans(id)[0]["decisions"]}
        row = line.store.tickets.get("local", id)
        assert row is not None
        steps = row.memory["ours"]["fact:kept.escalation"]["steps"]
        assert [step["at"] for step in steps] == ["80%", "100%"]
