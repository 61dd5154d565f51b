"""Which policy applied, and what it promised, is told by the ticket's history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connector.core.calendars import EVERY_DESK
from connector.core.clock import Clock, clocks
from connector.core.instants import moment_of
from connector.core.sla import clock_policy, clocks_of, fields_after
from connector.core.sla_terms import change_to, plain_id, version_of
from connector.model import Priority
from connector.testing import a_ticket
from connector.testing.values import NOW

HOUR = 3600
START = int(NOW.timestamp())


def target(hours: float, calendar: str = "24x7") -> dict[str, Any]:
    return {"seconds": int(hours * HOUR), "calendar": calendar}


def policy(hours: float = 1, id: str = "premium", **more: Any) -> dict[str, Any]:
    targets = {metric: {"default": target(hours)} for metric in ("first_response", "resolution")}
    return {"id": id, "targets": targets, "when": lambda _: True, **more}


def created(**fields: Any) -> dict[str, Any]:
    return {"id": "created", "at": START, "type": "created", "by": "customer", "fields": {"status": "new", **fields}}


def event(id: str, hours: float, **more: Any) -> dict[str, Any]:
    return {"id": id, "at": START + int(hours * HOUR), "type": "field", **more}


def reply(hours: float) -> dict[str, Any]:
    return event("c1", hours, type="comment", by="agent", public=True)


def judged(rules: list[dict[str, Any]], hours: float, *events: dict[str, Any]) -> dict[str, Clock]:
    at = START + int(hours * HOUR)
    current = plain_id(fields_after(events, at).get("policy"))
    return clocks(clock_policy(rules, current, EVERY_DESK, events), EVERY_DESK, events, at)


def applies(id: str, hours: float, rule: dict[str, Any] | None) -> dict[str, Any]:
    return event(id, hours, **change_to(rule))


def test_a_version_is_the_same_for_the_same_terms_however_they_are_written():
    assert version_of(policy(1)).startswith("premium#")
    assert version_of(policy(1)) == version_of(policy(1, warn_at=("50%",), pause_when=()))
    different = [policy(1), policy(2), policy(1, pause_when=({"status": ("pending",)},)), policy(1, "other")]
    assert len({version_of(rule) for rule in different}) == 4
    assert plain_id(version_of(policy(1))) == "premium"


def test_what_was_missed_stays_missed_when_the_policy_is_relaxed_and_what_is_open_follows():
    events = created(), applies("policy0", 0, policy(1)), reply(2), applies("policy1", 3, policy(4))
    found = judged([policy(4)], 3, *events)
    assert (found["first_response"].state, found["first_response"].goal.seconds) == ("missed", HOUR)
    assert found["resolution"].goal.seconds == 4 * HOUR
    assert found["resolution"].due_at == NOW + timedelta(hours=4)


def test_a_history_that_names_no_version_means_the_terms_of_today():
    old = event("policy0", 0, field="policy", value="premium")
    assert judged([policy(4)], 3, created(), old, reply(2))["first_response"].state == "met"


def test_a_metric_that_no_policy_has_any_more_shows_what_it_came_to():
    today = policy(4)
    del today["targets"]["first_response"]
    found = judged([today], 5, created(), applies("policy0", 0, policy(1)), reply(2), applies("policy1", 3, today))
    assert found["first_response"].state == "missed"


def test_by_a_calendar_that_is_no_more_nothing_is_counted():
    gone = policy(1)
    gone["targets"]["first_response"] = {"default": target(1, "old-office")}
    found = judged([policy(4)], 5, created(), applies("policy0", 0, gone), reply(2), applies("policy1", 3, policy(4)))
    assert (found["first_response"].state, found["first_response"].goal) == ("met", None)


def test_the_pauses_of_a_version_are_its_own():
    pausing = policy(4, pause_when=({"status": ("pending",)},))
    pending = event("h1", 1, field="status", value="pending")
    found = judged([policy(4)], 4, created(), applies("policy0", 0, pausing), pending, applies("p1", 3, policy(4)))
    assert found["resolution"].last.elapsed == 2 * HOUR


def test_a_correction_and_what_was_taken_back_count_for_what_the_ticket_is():
    """A change to urgent that never was: the ticket that is about to be urgent becomes so now."""
    by_priority = {"resolution": {"urgent": target(2), "default": target(8)}}
    told = event("h1", 1, field="priority", value="urgent")
    events = created(priority="none"), told, {**told, "deleted": True}
    view = a_ticket(created=NOW, priority=Priority.URGENT, clock_events=events)
    assert fields_after(events)["priority"] == "none"
    (clock,) = clocks_of([policy(targets=by_priority)], EVERY_DESK, view, moment_of(START + HOUR)).values()
    assert clock.goal.seconds == 2 * HOUR


def test_a_field_that_was_corrected_is_what_the_correction_says():
    told = event("h1", 1, field="team", value="payments", recorded_at=START + HOUR)
    corrected = {**told, "value": "search", "recorded_at": START + 2 * HOUR}
    assert fields_after((created(), corrected, told))["team"] == "search"
