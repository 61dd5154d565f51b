"""The report of what was judged stands though policies are edited; the restated one judges anew, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connector.core.instants import whole_second
from connector.core.sla_counting import Dimension, Span
from connector.core.sla_report import Group, Report, Restated
from connector.engine import sla_report
from connector.engine.sla_report import TooManyTickets, judged_reports, reports_now, restated_reports
from connector.model import Kind
from connector.store import Only
from connector.store.schema import fact
from connector.testing import FakeTracker, FixedClock
from connector.testing.values import NOW
from tests.engine.line import Line, a_line
from tests.engine.test_cycles import DESK, HOUR, answer, cycles, edit

BEFORE = "first_response: 1h 24x7, resolution: 8h 24x7"
SPAN = Span(whole_second(NOW), whole_second(NOW + timedelta(hours=24)))
ANY = Only()
BY = (Dimension.POLICY, Dimension.WEEK)


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


def seeded(line: Line, tracker: FakeTracker, clock: FixedClock) -> list[str]:
    """Three tickets, answered after half an hour, two hours, and six; none is solved."""
    ids = [tracker.add(f"ticket {n}", project="desk") for n in range(3)]
    for id in ids:
        line.created(id)
    for id, after in zip(ids, (0.5, 2, 6), strict=True):
        clock.now = NOW + after * HOUR
        answer(line, id)
    clock.now = NOW + 24 * HOUR
    return ids


def as_judged(line: Line, only: Only = ANY) -> Report:
    return judged_reports(line.store, SPAN, only, BY)[Dimension.POLICY]


def restated(line: Line, only: Only = ANY, **given: Any) -> Report:
    book = line.services.rules.current
    return restated_reports(line.store, book, SPAN, only, BY, line.services.clock(), **given)[Dimension.POLICY]


def counts(report: Report) -> dict[str, tuple[int, int, int]]:
    return {group.metric: (group.met, group.missed, group.late) for group in report.totals}


def test_an_edited_policy_changes_the_restated_report_and_not_the_one_as_judged(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    seeded(line, tracker, clock)
    before = as_judged(line)
    assert counts(before) == {"first_response": (1, 2, 0), "resolution": (0, 0, 3)}

    edit(line, BEFORE, "first_response: 4h 24x7, resolution: 72h 24x7")

    assert as_judged(line) == before
    found = restated(line)
    assert counts(found) == {"first_response": (2, 1, 0)}
    assert found.restated == Restated(3, {"first_response": 1, "resolution": 3})


def test_by_the_same_rules_nothing_is_judged_otherwise(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    seeded(line, tracker, clock)
    for by in BY:
        book = line.services.rules.current
        found = restated_reports(line.store, book, SPAN, Only(), BY, clock())[by]
        assert found.restated == Restated(3, {"first_response": 0, "resolution": 0})
        assert found.groups == judged_reports(line.store, SPAN, Only(), BY)[by].groups


def test_versions_of_a_policy_in_the_history_become_the_one_of_today(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    ids = seeded(line, tracker, clock)
    edit(line, BEFORE, "first_response: 3h 24x7, resolution: 20h 24x7")
    for id in ids:
        line.updated(id)
    assert cycles(line, ids[1])["first_response", 1].state == "missed"
    edit(line, "first_response: 3h 24x7", "first_response: 5h 24x7")
    assert counts(restated(line))["first_response"] == (2, 1, 0)


def test_a_metric_that_is_promised_only_today_is_judged_and_one_that_is_not_any_more_is_left_out(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    seeded(line, tracker, clock)
    edit(line, BEFORE, "first_response: 1h 24x7, periodic_update: 12h 24x7")
    found = restated(line)
    assert counts(found) == {"first_response": (1, 2, 0), "periodic_update": (0, 0, 3)}
    assert found.restated
    assert found.restated.changed == {"first_response": 0, "resolution": 3, "periodic_update": 3}


def test_a_policy_that_is_gone_promises_nothing(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    seeded(line, tracker, clock)
    edit(line, "id: premium", "id: other")
    (first,) = restated(line, Only("first_response")).totals
    assert first == Group("first_response", None, no_target=3)


def test_filters_hold_for_both(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    seeded(line, tracker, clock)
    edit(line, BEFORE, "first_response: 4h 24x7, resolution: 72h 24x7")
    only = Only(metric="first_response")
    assert counts(restated(line, only)) == {"first_response": (2, 1, 0)}
    assert restated(line, only).restated == Restated(3, {"first_response": 1})
    for none in (Only(tracker="jira"), Only(project="elsewhere")):
        assert (counts(as_judged(line, none)), counts(restated(line, none))) == ({}, {})


def test_a_ticket_of_whose_past_nothing_is_kept_is_told_and_left_out(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    ids = seeded(line, tracker, clock)
    with line.store.begin() as work:
        work.connection.execute(sa.delete(fact).where(fact.c.ticket == ids[1]))
    found = restated(line)
    assert found.restated == Restated(2, {"first_response": 0, "resolution": 0}, unjudged=1)
    assert counts(found)["first_response"] == (1, 1, 0)


def test_of_a_ticket_that_is_gone_nothing_is_late(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    ids = seeded(line, tracker, clock)
    line.deliver(line.event("local", ids[2], Kind.DELETED))
    line.work()
    for report in (as_judged(line), restated(line)):
        assert counts(report) == {"first_response": (1, 2, 0), "resolution": (0, 0, 2)}


def test_each_ticket_is_a_step_and_pages_are_joined(
    line: Line, tracker: FakeTracker, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded(line, tracker, clock)
    whole, steps = restated(line), []
    monkeypatch.setattr(sla_report, "PAGE", 2)
    assert restated(line, step=lambda: steps.append(1)) == whole
    assert len(steps) == line.store.judged.count_tickets(SPAN, Only()) == 3


def test_while_somebody_waits_only_so_many_are_judged_anew(
    line: Line, tracker: FakeTracker, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded(line, tracker, clock)
    assert reports_now(line.services, SPAN, Only(), BY)[Dimension.POLICY] == as_judged(line)
    assert reports_now(line.services, SPAN, Only(), BY, restated=True)[Dimension.POLICY] == restated(line)
    monkeypatch.setattr(sla_report, "MOST_AT_ONCE", 2)
    with pytest.raises(TooManyTickets, match="3 tickets would be judged anew, and 2 at most"):
        reports_now(line.services, SPAN, Only(), BY, restated=True)
