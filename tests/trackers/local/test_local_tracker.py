"""What is special about the local tracker; what it shares with the others is in the contract suite."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.changes import (
    AddLabel,
    AssignTo,
    Link,
    MoveTo,
    RemoveLabel,
    RouteTo,
    Say,
    SetField,
    SetPriority,
    WakeAt,
)
from connector.core.digest import text_digest
from connector.errors import Rejected, TrackerError
from connector.frozen import FrozenDict
from connector.messages import Draft
from connector.model import Actor, Audience, Person, Priority, Role
from connector.trackers import NoteWrite, Stamp, Write
from connector.trackers.local import LocalTracker
from connector.words import Words
from tests.trackers.contract.places import Ticking

from .shelf import Shelf

WORDS = Words(
    people=FrozenDict({"ann": ("ann",)}), names=FrozenDict({"ann": "Ann Li"}), teams=frozenset({"frontline"})
)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def shelf():
    return Shelf(Ticking())


@pytest.fixture
def tracker(shelf):
    return LocalTracker(shelf, clock=Ticking())


@pytest.fixture
def ticket(shelf):
    id, _ = shelf.create("desk", "Payment fails", "502", email="dana@x.example", name="Dana")
    return id


def composed(tracker, ticket, *changes, note=None):
    writes = tuple(Write(f"key/{change.slot}", change) for change in changes)
    return tracker.compose(tracker.fetch(ticket, WORDS), writes, note, Stamp("1"), WORDS)


def carry(tracker, ticket, *changes, note=None):
    for call in composed(tracker, ticket, *changes, note=note).calls:
        tracker.send(call)
    return tracker.fetch(ticket, WORDS)


@pytest.mark.parametrize("secret", [None, "", "guess"])
def test_nobody_sends_it_webhooks(tracker, secret):
    with pytest.raises(Rejected) as caught:
        tracker.verify({"x-gitlab-token": "guess"}, b"{}", secret, NOW)
    assert caught.value.status == 401


def test_a_typed_ticket_is_new_and_asked_for_by_its_sender(tracker, ticket):
    read = tracker.fetch(ticket, WORDS)

    assert (read.key, read.project, read.status, read.priority) == ("DESK-1", "desk", "new", Priority.NONE)
    assert read.requester == Person(name="Dana", email="dana@x.example", account="dana@x.example")


def test_words_mean_themselves(tracker, ticket):
    read = carry(tracker, ticket, MoveTo("on_hold"), SetField("component", "payments"), Link("blocks", "DESK-9"))

    assert (read.status, read.fields["component"], read.links) == ("on_hold", "payments", {"blocks:DESK-9"})


@pytest.mark.parametrize("change", [RouteTo("ghosts"), AssignTo("ghost"), MoveTo("limbo")])
def test_a_name_nobody_knows_is_refused_with_a_sentence(tracker, ticket, change):
    made = composed(tracker, ticket, change)

    assert made.calls == ()
    assert change.shown in made.refused[f"key/{change.slot}"]


def test_a_call_sent_twice_says_a_text_once(tracker, shelf, ticket):
    made = composed(
        tracker, ticket, Say(key="hello", text="Hi", audience=Audience.PUBLIC), note=NoteWrite("n", ("a",))
    )
    for call in (*made.calls, *made.calls):
        tracker.send(call)

    assert [row["text"] for row in shelf.comments(ticket)] == ["Hi", "a"]


def test_the_same_text_may_be_said_again_by_a_later_effect(tracker, shelf, ticket):
    for key in ("plan-1", "plan-2"):
        read = tracker.fetch(ticket, WORDS)
        for call in tracker.compose(read, (Write(key, Say(key="ping", text="Hi")),), None, Stamp(key), WORDS).calls:
            tracker.send(call)

    assert len(shelf.comments(ticket)) == 2
    assert tracker.fetch(ticket, WORDS).said == {"ping"}


def test_a_text_whose_effect_is_there_already_is_not_composed_again(tracker, ticket):
    say = Say(key="hello", text="Hi")
    carry(tracker, ticket, say)

    assert composed(tracker, ticket, say).calls == ()


def test_a_note_that_says_the_same_is_left_alone(tracker, ticket):
    note = NoteWrite("n1", ("Pointsman · why", "- team frontline"))
    carry(tracker, ticket, note=note)

    assert composed(tracker, ticket, note=note).calls == ()


def test_a_note_is_internal(tracker, shelf, ticket):
    carry(tracker, ticket, note=NoteWrite("n1", ("why",)))

    assert [row["audience"] for row in shelf.comments(ticket)] == ["internal"]


def test_labels_that_came_in_between_are_kept(tracker, shelf, ticket):
    [call] = composed(tracker, ticket, AddLabel("ours"), RemoveLabel("gone")).calls
    shelf.update(ticket, {"labels": ["theirs"]}, NOW, "ann")

    tracker.send(call)

    assert tracker.fetch(ticket, WORDS).labels == {"ours", "theirs"}


def test_a_wake_up_is_nothing_to_write(tracker, ticket):
    assert composed(tracker, ticket, WakeAt(NOW, "age")).calls == ()


def test_the_past_tells_sets_apart_into_their_members(tracker, shelf, ticket):
    shelf.update(ticket, {"labels": ["a", "b"]}, NOW, "ann")
    shelf.update(ticket, {"labels": ["b", "c"], "fields": {"component": "payments"}, "priority": "high"}, NOW, "ann")

    changes = [(c.slot, c.was, c.value) for c in tracker.past(ticket, WORDS).changes]

    assert changes == [
        ("label:a", False, True),
        ("label:b", False, True),
        ("label:a", True, False),
        ("label:c", False, True),
        ("field:component", None, "payments"),
        ("priority", "none", "high"),
    ]


def test_each_change_has_an_id_of_its_own(tracker, shelf, ticket):
    shelf.update(ticket, {"labels": ["a", "b"], "team": "frontline"}, NOW, "ann")

    ids = [c.id for c in tracker.past(ticket, WORDS).changes]

    assert len(set(ids)) == 3


def test_who_did_it_is_told_by_role(tracker, shelf, ticket):
    carry(tracker, ticket, SetPriority(Priority.HIGH))
    shelf.update(ticket, {"priority": "low"}, NOW, "ann")
    shelf.update(ticket, {"title": "Help"}, NOW, "dana@x.example")

    changes = tracker.past(ticket, WORDS).changes

    assert [c.by.role for c in changes] == [Role.US, Role.AGENT, Role.CUSTOMER]
    assert changes[1].by.name == "Ann Li"
    assert tracker.me().role is Role.US
    assert tracker.role(Actor(account="dana@x.example"), "desk", WORDS) is Role.CUSTOMER


def test_a_draft_is_made_once(tracker):
    draft = Draft("local", "desk", "From a form")

    assert tracker.create(draft, "d1", WORDS) == tracker.create(draft, "d1", WORDS)
    assert tracker.create(draft, "d2", WORDS) != tracker.create(draft, "d1", WORDS)


def test_writing_to_a_ticket_that_is_gone_will_never_succeed(tracker, ticket):
    [call] = composed(tracker, ticket, SetPriority(Priority.HIGH)).calls

    with pytest.raises(TrackerError) as caught:
        LocalTracker(Shelf(Ticking()), clock=Ticking()).send(call)
    assert (caught.value.status, caught.value.permanent) == (404, True)


def test_damaged_rows_read_as_missing_and_internal(tracker, shelf, ticket):
    shelf.update(ticket, {"priority": "glowing", "due": None, "labels": None}, NOW, "ann")
    shelf.add_comment(ticket, "hm", "everyone", "ann", key="not ours")

    read = tracker.fetch(ticket, WORDS)

    assert (read.priority, read.due, read.labels) == (Priority.NONE, None, frozenset())
    assert read.comments[0].audience is Audience.INTERNAL
    assert read.marks == frozenset()


def test_our_texts_are_known_again_by_their_digest_when_they_are_read(tracker, ticket):
    """The event of our own comment may be worked before its id is stored."""
    wish = Say(key="hello", text="We are on it:\n\n- soon", audience=Audience.PUBLIC)
    calls = composed(tracker, ticket, wish, note=NoteWrite("n1", ("Pointsman · why", "- rule rest"))).calls
    for call in calls:
        tracker.send(call)
    read = tracker.fetch(ticket, WORDS).comments
    assert len(read) == 2
    assert {text_digest(c.text) for c in read} == {digest for call in calls for digest in call.digests.values()}
