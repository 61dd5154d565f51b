"""Facts become the clock's events one by one; single labels become the list that goals and pauses read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.clock_facts import CREATED, Fact, events_of
from connector.core.clock_story import story
from connector.core.fact_sources import (
    LONGEST,
    change_fact,
    comment_fact,
    created_fact,
    events_told,
    fields_at_creation,
    made_before,
    merged_fact,
)
from connector.core.fields import Schema
from connector.core.ticket_file import read_ticket
from connector.model import Actor, FieldChange, Priority, Role, Ticket
from connector.testing import a_ticket, an_event

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EPOCH = int(T0.timestamp())
ANN = Actor("ann", "Ann", Role.AGENT, "ann")


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def label(number: int, name: str, seconds: float, learned: float | None = None, *, held: bool = True) -> Fact:
    data = {"field": f"label:{name}", "value": held}
    return Fact(f"h{number}", at(seconds), "field", data, recorded_at=at(seconds if learned is None else learned))


def born(*labels: str, learned: float = 0) -> Fact:
    return Fact(CREATED, T0, "created", {"by": "customer", "fields": {"labels": labels}}, recorded_at=at(learned))


def change(slot: str, was: object, value: object, seconds: float, by: Actor = ANN) -> FieldChange:
    return FieldChange(slot, was, value, at(seconds), by)


def labels_after(facts: list[Fact], as_of: float, known: float | None = None) -> tuple[str, ...]:
    """The labels as the clock has them at `as_of`."""
    steps = story(events_of(facts), (), EPOCH + int(as_of), None if known is None else EPOCH + int(known))
    return tuple(steps[-1].fields.get("labels") or ())


def test_a_fact_is_an_event_with_its_instants_in_whole_seconds() -> None:
    reply = replace(comment_fact("77", at(60.9), Role.AGENT, public=True, person="ann"), recorded_at=at(61.2))
    assert events_of([reply]) == [
        {
            "id": "c77",
            "at": EPOCH + 60,
            "seq": 0,
            "type": "comment",
            "by": "agent",
            "person": "ann",
            "public": True,
            "recorded_at": EPOCH + 61,
        }
    ]


@pytest.mark.parametrize(
    ("role", "by"),
    [
        (Role.CUSTOMER, "customer"),
        (Role.AGENT, "agent"),
        (Role.SYSTEM, "system"),
        (Role.US, "system"),
        (None, "customer"),
    ],
)
def test_what_machines_say_is_by_a_system_and_we_are_one(role: Role | None, by: str) -> None:
    assert comment_fact("1", T0, role, public=True).data["by"] == by


def test_what_happened_within_one_second_keeps_its_order() -> None:
    late, early = comment_fact("1", at(5.7), Role.AGENT, public=True), comment_fact("2", at(5.2), None, public=True)
    first, second = sorted(events_of([late, early]), key=lambda event: event["seq"])
    assert (first["id"], second["id"], first["at"]) == ("c2", "c1", second["at"])


def test_a_tombstone_is_an_event_that_is_deleted() -> None:
    (event,) = events_of([Fact("c1", T0, "comment", deleted=True)])
    assert event["deleted"] is True


def test_labels_that_come_and_go_are_a_list_after_each_change() -> None:
    facts = [
        born("vip"),
        label(1, "waiting", 10),
        label(2, "vip", 20, held=False),
        label(3, "waiting", 30, held=False),
    ]
    told = [(event["field"], event["value"]) for event in events_of(facts)[1:]]
    assert told == [("labels", ["vip", "waiting"]), ("labels", ["waiting"]), ("labels", [])]


def test_a_label_learned_late_is_in_the_lists_after_it_from_then_on() -> None:
    facts = [born(), label(2, "b", 20), label(1, "a", 10, learned=50)]
    assert labels_after(facts, 100) == ("a", "b")
    assert labels_after(facts, 15) == ("a",)
    assert labels_after(facts, 100, known=49) == ("b",)
    assert [event["id"] for event in events_of(facts)] == [CREATED, "h2", "h1", "h2"]


def test_a_label_that_is_taken_back_leaves_the_lists_after_it() -> None:
    facts = [born(), label(1, "a", 10), label(2, "b", 20), replace(label(1, "a", 10, learned=40), deleted=True)]
    assert labels_after(facts, 100) == ("b",)
    assert labels_after(facts, 100, known=39) == ("a", "b")


def test_a_corrected_creation_changes_the_lists_after_it() -> None:
    facts = [born("old"), label(1, "a", 10), born("new", learned=40)]
    assert labels_after(facts, 100) == ("a", "new")
    assert labels_after(facts, 100, known=39) == ("a", "old")


STEP = st.tuples(st.sampled_from("abc"), st.integers(0, 6), st.booleans(), st.integers(0, 5), st.booleans())


@given(st.lists(STEP, max_size=8), st.integers(0, 60))
def test_however_labels_are_learned_the_clock_has_those_known_at_the_time(steps: list, known: int) -> None:
    """What counts are the latest facts known, applied in the order of their instants to the labels at first."""
    steps = sorted(steps, key=lambda step: step[3])
    facts = [born("a")]
    for name, number, held, learned, deleted in steps:
        fact = label(number, name, number * 7 % 5, learned=10 * learned, held=held)
        facts.append(replace(fact, deleted=deleted))
    live = {fact.source: fact for fact in facts if fact.recorded_at <= at(known)}
    order = {source: number for number, source in reversed(list(enumerate(fact.source for fact in facts)))}
    held = {"a"}
    for fact in sorted(live.values(), key=lambda fact: (fact.at, order[fact.source])):
        if fact.source != CREATED and not fact.deleted:
            (held.add if fact.data["value"] else held.discard)(fact.data["field"][6:])
    assert labels_after(facts, 1000, known) == tuple(sorted(held))
    assert labels_after([fact for fact in facts if fact.recorded_at <= at(known)], 1000) == tuple(sorted(held))


HISTORY = (
    change("status", "new", "open", 10),
    change("status", "open", "done", 20),
    change("label:vip", False, True, 30),
    change("label:first", True, False, 30),
    change("priority", "low", "high", 40),
    change("field:environment", "test", "prod", 50),
    change("field:region", "north", None, 50),
    change("title", "a", "b", 60),
)
NOW = Ticket(
    status="done",
    priority=Priority.HIGH,
    team="web",
    labels=frozenset({"vip", "x"}),
    created=T0,
    fields={"environment": "prod", "size": 3, "story": "x" * (LONGEST + 1)},
)


def test_a_ticket_at_its_creation_is_the_ticket_without_its_changes() -> None:
    assert fields_at_creation(NOW, HISTORY) == {
        "status": "new",
        "priority": "low",
        "team": "web",
        "assignee": None,
        "type": None,
        "severity": None,
        "labels": ["first", "x"],
        "environment": "test",
        "region": "north",
        "size": 3,
    }


def test_of_two_changes_at_one_instant_the_first_tells_what_was_before() -> None:
    both = (change("status", "new", "open", 5), change("status", "open", "done", 5))
    assert fields_at_creation(NOW, both)["status"] == "new"


@pytest.mark.parametrize(
    ("slot", "field"), [("status", "status"), ("field:environment", "environment"), ("label:vip", "label:vip")]
)
def test_a_slot_is_a_field_of_the_ticket(slot: str, field: str) -> None:
    fact = change_fact(7, change(slot, None, "x", 5))
    assert fact is not None
    assert (fact.source, fact.data) == ("h7", {"field": field, "value": "x", "by": "agent", "person": "ann"})


@pytest.mark.parametrize("changed", [change("title", "a", "b", 5), change("field:story", "", "x" * (LONGEST + 1), 5)])
def test_free_text_is_no_fact(changed: FieldChange) -> None:
    assert change_fact(1, changed) is None


def test_what_was_read_at_the_creation_though_it_came_of_a_change_is_corrected() -> None:
    ticket = replace(NOW, status="done", labels=frozenset({"vip"}))
    created = replace(created_fact(ticket, Role.CUSTOMER, (), T0), recorded_at=at(60))
    later = (change("status", "new", "done", 30), change("label:vip", False, True, 40))
    fields = made_before(created, later).data["fields"]
    assert (fields["status"], fields["labels"], fields["team"]) == ("new", (), "web")
    assert made_before(created, [change("status", "open", "done", 90)]).data == created.data
    assert made_before(created, [change("status", "open", "pending", 30)]).data == created.data


def test_a_ticket_that_goes_on_elsewhere_was_not_solved_by_being_closed() -> None:
    facts = [born(), Fact("h1", at(9), "field", {"field": "status", "value": "done"}), merged_fact("77", at(9))]
    steps = story(events_of(facts), ("done",), EPOCH + 100, None)
    assert [step.signal.name for step in steps] == ["CREATED", "MERGED"]


def test_a_ticket_file_has_the_events_that_it_tells_of() -> None:
    document = {
        "created": "2026-03-02T09:00:00Z",
        "status": "pending",
        "labels": ["vip"],
        "requester": "dana@x.example",
        "history": [
            {"slot": "label:vip", "was": False, "value": True, "at": "2026-03-02T09:01:00Z", "by": "ann"},
            {"slot": "status", "was": "new", "value": "pending", "at": "2026-03-02T09:02:00Z", "by": "ann"},
        ],
        "comments": [
            {"id": "1", "text": "soon", "by": "ann", "public": True, "at": "2026-03-02T09:03:00Z"},
            {"id": "2", "text": "hm", "by": "ann", "at": "2026-03-02T09:04:00Z"},
            {"id": "3", "text": "and?", "by": "customer", "at": "2026-03-02T09:05:00Z"},
        ],
    }
    steps = story(read_ticket(document, Schema()).clock_events, ("done",), EPOCH + 3600, None)
    assert [step.signal.name for step in steps] == ["CREATED", "OTHER", "OTHER", "REPLIED", "OTHER", "ASKED"]
    assert (steps[0].fields["status"], steps[0].fields["labels"], steps[1].fields["labels"]) == ("new", (), ("vip",))


def test_the_event_that_is_tried_is_part_of_the_past() -> None:
    ticket = a_ticket(created=T0, status="open")
    event = an_event("commented", "agent", "soon", person="ann", at=at(60))
    moved = an_event("updated", "agent", changes=(change("status", "new", "open", 90),))
    assert [told["id"] for told in events_told(ticket, event)] == ["created", "cc1"]
    assert events_told(ticket, moved)[0]["fields"]["status"] == "new"
    assert events_told(ticket, an_event())[1:] == ()


def test_without_a_creation_there_is_no_past() -> None:
    assert events_told(Ticket(), None) == ()
