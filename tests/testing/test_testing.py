"""What plugin authors test with behaves as the service does."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType

import pytest

from connector import AddLabel, Audience, Priority, Role, RouteTo, Say, SetFact, SetPriority, hookimpl
from connector.errors import PluginError
from connector.testing import FakeTracker, FixedClock, a_desk, a_ticket, an_event, proposals
from connector.testing.values import NOW
from connector.trackers import NoteWrite, Stamp, Write


def a_plugin(**hooks) -> ModuleType:
    module = ModuleType("plugin")
    vars(module).update(hooks)
    return module


@hookimpl
def labels_by_condition(ticket, rules):
    for rule in rules:
        if rule["when"](ticket):
            yield AddLabel(rule["label"])


def test_a_ticket_takes_addresses_words_and_facts():
    ticket = a_ticket(reporter="dana@bigbank.example", priority="high", labels="a", customer_tier="gold")
    assert ticket.requester.domain == "bigbank.example"
    assert ticket.priority is Priority.HIGH
    assert ticket.labels == {"a"}
    assert ticket.facts == {"customer.tier": "gold"}


def test_a_mistyped_field_is_told():
    with pytest.raises(TypeError, match=r"a ticket has no `tittle` .did you mean `title`"):
        a_ticket(tittle="x")


def test_an_event_with_a_text_carries_a_comment_by_its_actor():
    event = an_event("commented", by="agent", person="ann", text="@pointsman why")
    assert event.comment is not None
    assert (event.comment.text, event.comment.author.person, event.by) == ("@pointsman why", "ann", Role.AGENT)
    assert event.comment.audience is Audience.PUBLIC


def test_a_desk_knows_people_teams_and_customers():
    desk = a_desk("ann", teams=["frontline"], customers={"*@bigbank.example": {"tier": "gold"}})
    assert (set(desk.people), desk.teams) == ({"ann"}, {"frontline"})
    assert desk.customers[0].known == {"tier": "gold"}


def test_a_fixed_clock_moves_only_when_told():
    clock = FixedClock()
    assert clock() == clock() == NOW
    assert clock.forward(timedelta(hours=1)) == clock() == NOW + timedelta(hours=1)


def test_every_when_in_a_section_is_compiled():
    plugin = a_plugin(propose=labels_by_condition)
    rules = [
        {"when": {"title": {"contains_any": "@down"}}, "label": "down"},
        {"when": {"tier": "gold"}, "label": "vip"},
    ]
    found = proposals(plugin, a_ticket(title="outage", facts={"tier": "gold"}), rules, lists={"down": ["outage"]})
    assert found == [AddLabel("down"), AddLabel("vip")]


def test_a_plugin_is_given_the_event_the_desk_and_the_time():
    @hookimpl
    def propose(event, desk, now, ticket):
        yield SetFact("seen", [event.kind, len(desk.people), now, ticket.event.kind, ticket.as_of])

    found = proposals(a_plugin(propose=propose), a_ticket(), event=an_event("updated"), desk=a_desk("ann"))
    assert found == [SetFact("seen", ("updated", 1, NOW, "updated", NOW))]


def test_what_the_service_would_refuse_is_refused_here():
    @hookimpl
    def propose(ticket):
        yield "urgent"

    with pytest.raises(PluginError, match="yielded a str, not a change"):
        proposals(a_plugin(propose=propose), a_ticket())


def test_the_fake_tracker_keeps_what_is_written_and_records_it():
    tracker = FakeTracker()
    id = tracker.add("Payment fails", email="dana@bigbank.example")
    writes = (
        Write("p/priority", SetPriority(Priority.URGENT)),
        Write("p/team", RouteTo("frontline")),
        Write("p/say:hello", Say("hello", "Dear Dana", Audience.PUBLIC)),
    )
    note = NoteWrite("p/note", ("Pointsman · why",))
    composed = tracker.compose(tracker.ticket(id), writes, note, Stamp("p"), tracker.words)
    for call in composed.calls:
        tracker.send(call)
    assert [call.what for call in tracker.writes] == ["fields", "say", "note"]
    ticket = tracker.ticket(id)
    assert (ticket.priority, ticket.team, ticket.said) == (Priority.URGENT, "frontline", {"hello"})
    assert tracker.texts(id) == [("public", "Dear Dana"), ("internal", "Pointsman · why")]
    again = tracker.compose(ticket, writes, note, Stamp("p"), tracker.words)
    assert again.calls == ()


def test_the_fake_tracker_remembers_who_changed_what():
    tracker = FakeTracker()
    id = tracker.add("x", priority="low")
    tracker.edit(id, "ann", priority="high")
    (change,) = tracker.past(id, tracker.words).changes
    assert (change.slot, change.was, change.value, change.by.account) == ("priority", "low", "high", "ann")


def test_a_text_is_kept_once_however_often_it_is_sent():
    tracker = FakeTracker()
    id = tracker.add("x")
    writes = (Write("p/say:hello", Say("hello", "Hi")),)
    (call,) = tracker.compose(tracker.ticket(id), writes, None, Stamp("p"), tracker.words).calls
    assert tracker.send(call) == tracker.send(call)
    assert len(tracker.texts(id)) == 1
