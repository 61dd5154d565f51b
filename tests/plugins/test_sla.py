"""The clocks of a ticket become a label, a due date and the next instant to look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector import (
    AddLabel,
    Audience,
    Comment,
    DueBy,
    Priority,
    RemoveLabel,
    Role,
    SetFact,
    SetField,
    WakeAt,
    render,
)
from connector.model import Actor, FieldChange
from connector.testing import a_desk, a_ticket, proposals
from connector.testing.values import NOW
from plugins import sla

OFFICE = {"cn-office": {"tz": "Asia/Shanghai", "week": {"mon-fri": ["09:00-18:00"]}}}
HOUR = timedelta(hours=1)


def target(text: str) -> dict[str, Any]:
    hours, calendar = text.split()
    return {"seconds": int(hours.rstrip("h")) * 3600, "calendar": calendar, "text": text}


def policy(id: str = "standard", **given: Any) -> dict[str, Any]:
    return {"id": id, "targets": {"resolution": {"default": target("8h 24x7")}}, **given}


def wanted(rules: list[dict[str, Any]], now: datetime = NOW, **given: Any) -> list[Any]:
    """What the plugin wants beside its facts."""
    changes = proposals(sla, a_ticket(**given), rules, now=now, desk=a_desk(calendars=OFFICE))
    return [change for change in changes if not isinstance(change, SetFact)]


def labels(changes: list[Any]) -> tuple[list[str], list[str]]:
    added = [change.name for change in changes if isinstance(change, AddLabel)]
    return added, [change.name for change in changes if isinstance(change, RemoveLabel)]


def test_a_new_ticket_is_ok_due_and_looked_at_again_when_it_becomes_urgent():
    label, due, wake = wanted([policy()])
    assert (label.name, label.because) == ("sla::ok", "resolution running: 0m / 8h")
    assert (due.slot, due.at, due.rule) == ("due:sla", NOW + 8 * HOUR, "standard")
    assert (wake.slot, wake.at) == ("wake:sla", NOW + 0.8 * 8 * HOUR)


@pytest.mark.parametrize(
    ("hours", "word"), [(6.3, "ok"), (6.4, "at-risk"), (7.9, "at-risk"), (8, "breached"), (30, "breached")]
)
def test_the_label_says_how_it_stands(hours: float, word: str):
    assert labels(wanted([policy()], now=NOW + hours * HOUR, created=NOW))[0] == [f"sla::{word}"]


def test_it_is_at_risk_from_the_last_warning_on():
    rules = [policy(warn_at=("25%", "50%"))]
    assert labels(wanted(rules, now=NOW + 3 * HOUR, created=NOW))[0] == ["sla::ok"]
    assert labels(wanted(rules, now=NOW + 4 * HOUR, created=NOW))[0] == ["sla::at-risk"]


def test_the_labels_that_it_has_no_more_go():
    changes = wanted([policy()], now=NOW + 9 * HOUR, created=NOW, labels=frozenset({"sla::ok", "billing"}))
    assert labels(changes) == (["sla::breached"], ["sla::ok"])


def test_a_pause_stops_the_clock_and_nothing_is_due():
    changes = wanted([policy(pause_when=({"status": ("pending",)},))], status="pending")
    assert labels(changes)[0] == ["sla::paused"]
    assert not [change for change in changes if isinstance(change, DueBy | WakeAt)]


def test_the_due_day_is_that_of_the_desk():
    """18:00 UTC is two in the morning in Shanghai; 1 h of open time ends at ten there."""
    evening = datetime(2026, 3, 2, 18, tzinfo=UTC)
    rules = [policy(targets={"resolution": {"default": target("1h cn-office")}})]
    (due,) = [c for c in wanted(rules, now=evening, created=evening) if isinstance(c, DueBy)]
    assert (due.at, due.zone, str(due.day)) == (datetime(2026, 3, 3, 2, tzinfo=UTC), "Asia/Shanghai", "2026-03-03")
    assert due.because == "resolution due 2026-03-03 10:00 Asia/Shanghai"


def test_a_tracker_with_a_place_for_it_gets_the_instant_too():
    desk = replace(a_desk(), fields={"due_at": frozenset({"jira"})})

    def instants(tracker: str) -> list[tuple[str, str]]:
        changes = proposals(sla, a_ticket(tracker=tracker), [policy()], desk=desk)
        return [(c.slot, c.value) for c in changes if isinstance(c, SetField)]

    assert instants("jira") == [("field:due_at", f"{NOW + 8 * HOUR:%Y-%m-%dT%H:%M:%SZ}")]
    assert instants("gitlab") == []


def test_a_chinese_desk_reads_its_clocks_in_chinese():
    desk = replace(a_desk(), language="zh")
    label, due = (c for c in proposals(sla, a_ticket(), [policy()], desk=desk) if isinstance(c, AddLabel | DueBy))
    assert label.because == "解决计时中：0分钟 / 8小时"
    assert due.because.startswith("解决截止 2026-")


def test_a_reply_tells_the_promise_in_the_hours_of_its_calendar():
    rules = [policy(targets={"first_response": {"default": target("2h cn-office")}})]
    at = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
    changes = proposals(sla, a_ticket(created=at), rules, now=at, desk=a_desk(calendars=OFFICE))
    (due,) = [c.value for c in changes if isinstance(c, SetFact) and c.name == "sla.first_response.due_at"]
    told = render("We answer by {sla.first_response.due_at}.", a_ticket().with_fact("sla.first_response.due_at", due))
    assert told == "We answer by 2026-03-02 13:00 UTC+8."


def test_the_nearest_deadline_of_what_is_open_is_the_due_date():
    targets = {"first_response": {"default": target("1h 24x7")}, "resolution": {"default": target("8h 24x7")}}
    (due,) = [c for c in wanted([policy(targets=targets)]) if isinstance(c, DueBy)]
    assert due.because.startswith("first_response due")
    answer = Comment("1", "We look.", Audience.PUBLIC, Actor("ann", role=Role.AGENT), NOW + HOUR / 2)
    answered = wanted([policy(targets=targets)], now=NOW + HOUR, created=NOW, comments=(answer,))
    (due,) = [c for c in answered if isinstance(c, DueBy)]
    assert due.because.startswith("resolution due")
    assert labels(answered)[0] == ["sla::ok"]


def test_what_the_plugins_before_want_counts_from_now_on():
    """The tracker has no priority yet; urgent is what it is about to get."""
    targets = {"resolution": {"urgent": target("2h 24x7"), "default": target("8h 24x7")}}
    ticket = a_ticket(created=NOW - HOUR)
    view = a_ticket(created=NOW - HOUR, priority=Priority.URGENT, clock_events=ticket.clock_events)
    changes = proposals(sla, view, [policy(targets=targets)])
    (due,) = [c for c in changes if isinstance(c, DueBy)]
    assert due.at == NOW + HOUR


def test_a_priority_that_was_raised_midway_carries_what_was_used():
    targets = {"resolution": {"urgent": target("2h 24x7"), "default": target("8h 24x7")}}
    raised = FieldChange("priority", "none", "urgent", NOW + HOUR)
    given = {"created": NOW, "priority": Priority.URGENT, "history": (raised,)}
    (due,) = [c for c in wanted([policy(targets=targets)], now=NOW + 1.5 * HOUR, **given) if isinstance(c, DueBy)]
    assert due.at == NOW + 2 * HOUR


def test_the_first_policy_that_matches_speaks_and_its_facts_are_told():
    rules = [policy("gold", when={"customer.tier": "gold"}), policy()]
    changes = proposals(sla, a_ticket(customer_tier="gold"), rules)
    facts = {change.name: change.value for change in changes if isinstance(change, SetFact)}
    assert facts == {
        "sla.policy": "gold",
        "sla.resolution.state": "running",
        "sla.resolution.breached": False,
        "sla.resolution.due_at": NOW + 8 * HOUR,
    }
    assert {change.rule for change in changes} == {"gold"}


def test_without_a_policy_that_matches_it_has_no_opinion():
    assert proposals(sla, a_ticket(), [policy(when={"customer.tier": "gold"})]) == []
    assert proposals(sla, a_ticket(), None) == []
