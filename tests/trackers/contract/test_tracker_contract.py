"""The same scenarios at every tracker: what the engine relies on holds at each, in the same words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector import mention, render
from connector.changes import (
    AddLabel,
    AssignTo,
    DueBy,
    MoveTo,
    RemoveLabel,
    RouteTo,
    Say,
    SetPriority,
    SetSeverity,
)
from connector.core.digest import text_digest
from connector.errors import Gone, Rejected, TrackerError
from connector.messages import Draft
from connector.model import Actor, Audience, Person, Priority, Role
from connector.testing import a_ticket
from connector.trackers import NoteWrite, Stamp, Write

from .places import SITES, site

LINES = ("Pointsman · why", "- priority urgent: Production incident (+25) = 80", "- team frontline: rule rest")


@pytest.fixture(params=sorted(SITES))
def at(request):
    yield from site(request.param)


def carry(at, ticket_id, *changes, note=None, plan="1", said=()):
    """Read, compose, send everything; return the ticket as read afterwards."""
    ticket = at.tracker.fetch(ticket_id, at.words)
    return send_all(at, ticket, *changes, note=note, plan=plan, said=said)


def send_all(at, ticket, *changes, note=None, plan="1", said=()):
    writes = tuple(Write(f"{ticket.id}/{plan}/{change.slot}", change) for change in changes)
    composed = at.tracker.compose(ticket, writes, note, Stamp(plan, said), at.words)
    assert composed.refused == {}
    for call in composed.calls:
        at.tracker.send(call)
    return at.tracker.fetch(ticket.id, at.words)


def test_what_is_written_is_what_the_next_read_shows(at):
    ticket = at.add("Payment fails", "502 since nine")

    shown = carry(
        at,
        ticket,
        SetPriority(Priority.URGENT),
        RouteTo("payments"),
        AssignTo("ann"),
        AddLabel("billing"),
        SetSeverity(2),
    )

    assert shown.title == "Payment fails"
    assert (shown.priority, shown.team, shown.assignee, shown.severity) == (Priority.URGENT, "payments", "ann", 2)
    assert "billing" in shown.labels
    assert at.complaints() == []


def test_what_is_there_already_costs_no_request(at):
    changes = (SetPriority(Priority.HIGH), RouteTo("frontline"), AssignTo("bo"), AddLabel("billing"))
    ticket = carry(at, at.add("Payment fails"), *changes)
    writes = tuple(Write(f"{ticket.id}/2/{change.slot}", change) for change in changes)

    assert at.tracker.compose(ticket, writes, None, Stamp("2"), at.words).calls == ()


def test_all_fields_of_one_plan_travel_in_one_call(at):
    ticket = at.tracker.fetch(at.add("Payment fails"), at.words)
    changes = (SetPriority(Priority.LOW), RouteTo("frontline"), AssignTo("ann"), AddLabel("a"), AddLabel("b"))
    writes = tuple(Write(f"{ticket.id}/1/{change.slot}", change) for change in changes)

    calls = at.tracker.compose(ticket, writes, None, Stamp("1"), at.words).calls

    assert [call.what for call in calls] == ["fields"]
    assert set(calls[0].covers) == {write.key for write in writes}


def test_a_ticket_has_one_team_and_one_priority(at):
    ticket = at.add("Payment fails")
    carry(at, ticket, RouteTo("frontline"), SetPriority(Priority.LOW), AddLabel("kept"))

    shown = carry(at, ticket, RouteTo("payments"), SetPriority(Priority.URGENT), plan="2")

    assert (shown.team, shown.priority) == ("payments", Priority.URGENT)
    assert "kept" in shown.labels
    assert not any("frontline" in label or label.endswith("low") for label in shown.labels)


def test_a_label_goes_without_taking_others_along(at):
    ticket = at.add("Payment fails")
    carry(at, ticket, AddLabel("one"), AddLabel("two"))

    shown = carry(at, ticket, RemoveLabel("one"), plan="2")

    assert "two" in shown.labels
    assert "one" not in shown.labels


def test_an_unknown_assignee_is_refused_and_blanks_nobody(at):
    ticket = carry(at, at.add("Payment fails"), AssignTo("ann"))
    write = Write(f"{ticket.id}/2/assignee", AssignTo("nobody-we-know"))

    composed = at.tracker.compose(ticket, (write,), None, Stamp("2"), at.words)

    assert composed.calls == ()
    assert write.key in composed.refused
    assert at.tracker.fetch(ticket.id, at.words).assignee == "ann"


def test_a_refused_wish_does_not_stop_the_others(at):
    ticket = at.tracker.fetch(at.add("Payment fails"), at.words)
    writes = (
        Write(f"{ticket.id}/1/assignee", AssignTo("nobody-we-know")),
        Write(f"{ticket.id}/1/priority", SetPriority(Priority.HIGH)),
    )

    composed = at.tracker.compose(ticket, writes, None, Stamp("1"), at.words)
    for call in composed.calls:
        at.tracker.send(call)

    assert set(composed.refused) == {writes[0].key}
    assert at.tracker.fetch(ticket.id, at.words).priority is Priority.HIGH


def test_taking_everybody_off_is_possible_when_asked_for(at):
    ticket = carry(at, at.add("Payment fails"), AssignTo("ann"))

    assert send_all(at, ticket, AssignTo(None), plan="2").assignee is None


def test_a_due_date_is_the_utc_day(at):
    ticket = at.tracker.fetch(at.add("Payment fails"), at.words)
    instant = ticket.created.replace(hour=23, minute=30) + timedelta(days=2)

    assert send_all(at, ticket, DueBy("resolve", instant)).due == instant.date()


def test_a_ticket_can_be_closed(at):
    assert carry(at, at.add("Payment fails"), MoveTo("done")).status == "done"


def notes_of(at, ticket):
    return [c for c in at.tracker.comments(ticket.id, at.words) if "Pointsman" in c.text]


def test_the_note_is_made_once_and_edited_afterwards(at):
    ticket = carry(at, at.add("Payment fails"), SetPriority(Priority.URGENT), note=NoteWrite("n1", LINES))
    [note] = notes_of(at, ticket)
    ticket = replace(ticket, note_id=note.id)

    send_all(at, ticket, SetPriority(Priority.HIGH), note=NoteWrite("n2", (*LINES[:2], "- other"), note.id), plan="2")

    [edited] = notes_of(at, ticket)
    assert edited.id == note.id
    assert "other" in edited.text
    assert "frontline" not in edited.text


def note_refusal(at, ticket, note_id):
    try:
        send_all(at, ticket, SetPriority(Priority.HIGH), note=NoteWrite("n2", LINES, note_id), plan="2")
    except TrackerError as error:
        return error
    return None


def test_a_deleted_note_is_made_anew(at):
    ticket = carry(at, at.add("Payment fails"), SetPriority(Priority.URGENT), note=NoteWrite("n1", LINES))
    [note] = notes_of(at, ticket)
    at.person_deletes_comment(ticket.id, note.id)
    ticket = replace(at.tracker.fetch(ticket.id, at.words), note_id=note.id)

    refusal = note_refusal(at, ticket, note.id)
    if refusal:
        # Where the tracker says that the note is gone, the engine composes again without its id.
        assert isinstance(refusal, Gone) or refusal.permanent
        send_all(at, replace(ticket, note_id=""), SetPriority(Priority.HIGH), note=NoteWrite("n2", LINES), plan="2")

    assert len(notes_of(at, ticket)) == 1


def test_an_internal_text_never_becomes_public(at):
    if at.project == "SUP":
        pytest.skip("a plain Jira project has no internal comments: `internal_visibility` restricts them, if set")

    ticket = carry(at, at.add("Payment fails"), Say(key="hint", text="look at the logs"), said=("hint",))

    [comment] = [c for c in at.tracker.comments(ticket.id, at.words) if "look at the logs" in c.text]
    assert comment.audience is Audience.INTERNAL


def test_a_public_text_reaches_the_customer(at):
    wish = Say(key="hello", text="We are on it.", audience=Audience.PUBLIC)

    ticket = carry(at, at.add("Payment fails"), wish, said=("hello",))

    [comment] = [c for c in at.tracker.comments(ticket.id, at.words) if "We are on it." in c.text]
    assert comment.audience is Audience.PUBLIC


MENTIONS = {"local": "Ann Li", "gitlab": "@ann", "jira": "[~"}


def test_a_person_mentioned_is_told_and_our_text_is_known_again(at):
    ticket = at.tracker.fetch(at.add("Payment fails"), at.words)
    wish = Say(key="hello", text=f"{mention('ann')}, look; {mention('nobody')} too", audience=Audience.PUBLIC)
    [call] = at.tracker.compose(ticket, (Write("e1", wish),), None, Stamp("1", ("hello",)), at.words).calls

    at.tracker.send(call)

    [comment] = [c for c in at.tracker.comments(ticket.id, at.words) if "look" in c.text]
    assert MENTIONS[at.tracker.kind] in comment.text
    assert "nobody too" in comment.text
    assert set(call.digests.values()) == {text_digest(comment.text)}


def test_a_customers_words_mention_nobody(at):
    text = render("{title}", a_ticket(title=f"{mention('ann')} [~ann] @ann"))
    ticket = at.tracker.fetch(at.add("Payment fails"), at.words)

    [call] = at.tracker.compose(ticket, (Write("e1", Say(key="a", text=text)),), None, Stamp("1"), at.words).calls

    assert not re.search(r"@ann|\[~", str(call.body))


def test_our_texts_are_found_by_their_marks_after_a_lost_answer(at):
    ticket = at.tracker.fetch(at.add("Payment fails"), at.words)
    wish = Say(key="hello", text="We are on it.", audience=Audience.PUBLIC)
    composed = at.tracker.compose(ticket, (Write("e1", wish),), None, Stamp("1", ("hello",)), at.words)
    assert "hello" not in at.tracker.marks(ticket.id, at.words)
    [call] = composed.calls

    if at.lose_next_answer():
        with pytest.raises(TrackerError) as caught:
            at.tracker.send(call)
        assert caught.value.sent
        assert not caught.value.permanent
    else:
        at.tracker.send(call)

    assert "hello" in at.tracker.marks(ticket.id, at.words)


def test_an_account_we_write_with_is_known_as_ours(at):
    ticket = carry(at, at.add("Payment fails"), Say(key="hello", text="We are on it.", audience=Audience.PUBLIC))

    [comment] = [c for c in at.tracker.comments(ticket.id, at.words) if "We are on it." in c.text]
    assert comment.author.account == at.tracker.me().account


def test_comments_come_oldest_first_with_their_author_and_audience(at):
    ticket = at.add("Payment fails")
    first = at.person_says(ticket, "ann", "first look", True)
    second = at.person_says(ticket, "bo", "second look", True)

    found = at.tracker.comments(ticket, at.words)

    assert [c.id for c in found] == [first, second]
    assert [c.text for c in found] == ["first look", "second look"]
    assert [at.words.person_of(c.author.account, c.author.email) for c in found] == ["ann", "bo"]
    assert all(c.at and c.at.tzinfo for c in found)


def test_the_past_tells_who_changed_the_priority(at):
    ticket = at.add("Payment fails")
    at.person_sets_priority(ticket, "ann", Priority.LOW)
    at.person_sets_priority(ticket, "bo", Priority.URGENT)

    changes = [c for c in at.tracker.past(ticket, at.words).changes if c.slot == "priority"]

    assert changes[-1].value == "urgent"
    assert at.words.person_of(changes[-1].by.account, changes[-1].by.email) == "bo"
    assert [c.at for c in changes] == sorted(c.at for c in changes)


def test_what_changed_since_is_found_again(at):
    old = at.tracker.fetch(at.add("First"), at.words)
    new = at.tracker.fetch(at.add("Second"), at.words)
    at.person_labels(new.id, "ann", "seen")

    found = {t.id: t for t in at.tracker.changed((at.project,), old.created - timedelta(minutes=1), at.words)}

    assert {old.id, new.id} <= set(found)
    assert "seen" in found[new.id].labels
    assert found[new.id].title == "Second"


def test_an_agent_is_told_from_a_customer(at):
    assert at.tracker.role(Actor(account="ann"), at.project, at.words) is Role.AGENT
    assert at.tracker.role(Actor(account="dana"), at.project, at.words) is Role.CUSTOMER
    assert at.tracker.role(Actor(account="nobody-we-know"), at.project, at.words) is Role.CUSTOMER


def test_a_ticket_that_is_not_there_is_gone(at):
    missing = at.add("x").replace("1", "9") + "99999"

    with pytest.raises(Gone) as caught:
        at.tracker.fetch(missing, at.words)
    assert caught.value.status == 404


def test_an_issue_is_made_of_a_draft(at):
    draft = Draft(at.tracker.name, at.project, "From a form", "It broke", Person(email="dana@customer.example"))

    made = at.tracker.fetch(at.tracker.create(draft, "draft-1", at.words), at.words)

    assert made.title == "From a form"
    assert "It broke" in made.body


def test_a_body_nobody_signed_is_refused(at):
    with pytest.raises(Rejected) as caught:
        at.tracker.verify({}, b"{}", None, datetime.now(UTC))
    assert caught.value.status == 401


def test_a_tracker_that_is_up_passes_the_probe(at):
    at.tracker.probe()
