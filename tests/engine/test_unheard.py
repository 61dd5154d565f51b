"""What we write, and no webhook tells us of, counts for the clocks as what anybody writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.core.clock_facts import events_of
from connector.core.sla import fields_after
from tests.engine.test_clock_history import Place, a_place

MINUTE = timedelta(minutes=1)
DESK = """
version: 1
applies_to: {gitlab: [acme/support], jira: [HELP]}
mode: live
plugins: [priority, sla, escalation]
priority:
  levels: {urgent: 50, normal: 0}
  signals: [{id: down, when: {title: {contains_any: [payment]}}, score: 50}]
sla:
  - id: rest
    targets: {resolution: {urgent: 60m 24x7, default: 8h 24x7}}
    escalate: [{at: 100%, add_label: late}]
"""


@pytest.fixture(params=["gitlab", "jira-cloud"])
def deaf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A place at which our own writes come back by no webhook."""
    kind, _, flavor = request.param.partition("-")
    with a_place(tmp_path, kind, flavor, DESK) as place:
        yield place


def made(place: Place) -> str:
    ticket = place.add()
    place.deliver(*place.take())
    place.line.work()
    place.take()
    return ticket


def test_the_clock_of_a_priority_that_we_gave_begins_once_and_ends(deaf: Place) -> None:
    ticket = made(deaf)
    rows = deaf.line.store.cycles.of(deaf.kind, ticket)
    assert [(row.priority, row.goal_s) for row in rows] == [("urgent", 3600)]
    for _ in range(62):
        deaf.clock.forward(MINUTE)
        deaf.line.store.timers.fire()
        deaf.line.work()
        deaf.take()
    assert {"late", "sla::breached"} <= set(deaf.fake.state(ticket)["labels"])


def test_a_change_that_was_never_told_holds_from_when_it_was_seen(deaf: Place) -> None:
    ticket = made(deaf)
    deaf.clock.forward(MINUTE)
    deaf.fake.edit(ticket, "bo", priority=deaf.words["normal"])
    deaf.take()
    for _ in range(3):
        deaf.clock.forward(MINUTE)
        deaf.fake.comment(ticket, "ann", "We look into it.")
        deaf.deliver(*(event for event in deaf.take() if event.comment))
        deaf.line.work()
        deaf.take()
    facts = deaf.facts(ticket)
    assert fields_after(events_of(facts))["priority"] == "normal"
    seen = [fact for fact in facts if fact.data.get("field") == "priority" and fact.data.get("value") == "normal"]
    assert len(seen) == 1


def test_in_shadow_a_wish_counts_from_when_it_was_wished_for_first(tmp_path: Path) -> None:
    """Nothing is written, and still the clock of what would be urgent runs out, and each rung would act once."""
    with a_place(tmp_path, "gitlab", rules=DESK.replace("mode: live", "mode: shadow")) as place:
        ticket = made(place)
        for _ in range(90):
            place.clock.forward(MINUTE)
            place.line.store.timers.fire()
            place.line.work()
        plans = place.line.store.plans.of_ticket("gitlab", ticket, limit=100)
        acted = [d for plan in plans for d in plan.row.decisions["decisions"] if d["slot"] == "label:late"]
        newest = {d["slot"]: d["value"] for d in plans[0].row.decisions["decisions"]}
        assert (len(plans), len(acted)) == (3, 1)
        assert newest["label:sla::breached"] is True
        assert place.fake.state(ticket)["labels"] == {"priority::3"}
