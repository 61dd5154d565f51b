from datetime import UTC, datetime

from connector.model import Actor
from connector.trackers.gitlab.history import past_changes
from tests.trackers.gitlab.samples import WORDS, user


def at(second):
    return f"2026-11-01T10:00:{second:02d}.000Z"


def label_event(id, second, action, name, by="bo"):
    return {"id": id, "user": user(by), "created_at": at(second), "label": {"name": name}, "action": action}


def system(id, second, body, by="bo"):
    return {"id": id, "system": True, "body": body, "author": user(by), "created_at": at(second)}


def told(notes=(), labels=(), states=()):
    return [(c.slot, c.was, c.value) for c in past_changes(notes, labels, states, WORDS)]


def test_a_label_that_takes_anothers_place_is_one_new_priority():
    events = [label_event(1, 5, "remove", "priority::2"), label_event(2, 5, "add", "priority::1")]
    assert [c for c in told(labels=events) if c[0] == "priority"] == [("priority", "high", "urgent")]


def test_a_label_removed_first_was_there_from_the_start():
    assert told(labels=[label_event(1, 5, "remove", "priority::2")]) == [
        ("label:priority::2", True, False),
        ("priority", "high", "none"),
    ]


def test_two_people_within_a_second_made_two_changes():
    events = [label_event(1, 5, "add", "P4", "ann.li"), label_event(2, 5, "add", "priority::1", "bo")]
    found = [c for c in past_changes((), events, (), WORDS) if c.slot == "priority"]
    assert [(c.value, c.by.person) for c in found] == [("low", "ann"), ("urgent", "bo")]


def test_each_change_has_an_id_of_its_own_that_does_not_vary():
    events = [label_event(1, 5, "add", "priority::1"), label_event(2, 5, "add", "team::payments")]
    ids = [c.id for c in past_changes((), events, (), WORDS)]
    assert len(set(ids)) == len(ids) == 4
    assert ids == [c.id for c in past_changes((), list(reversed(events)), (), WORDS)]


def test_closing_and_reopening_change_the_status():
    states = [
        {"id": 8, "user": user(), "created_at": at(1), "state": "closed"},
        {"id": 9, "user": user(), "created_at": at(9), "state": "reopened"},
    ]
    assert told(states=states) == [("status", "open", "done"), ("status", "done", "open")]


def test_title_assignee_and_due_date_are_found_in_system_notes():
    notes = [
        system(1, 1, "changed title from **Card {-refused-}** to **Card {+declined+}**"),
        system(2, 2, "assigned to @ann.li"),
        system(3, 3, "assigned to @stranger and unassigned @ann.li"),
        system(4, 4, "unassigned @stranger"),
        system(5, 5, "changed due date to November 30, 2026"),
        system(6, 6, "removed due date"),
        system(7, 7, "mentioned in merge request !3"),
    ]
    assert told(notes) == [
        ("title", "Card refused", "Card declined"),
        ("assignee", None, "ann"),
        ("assignee", "ann", "stranger"),
        ("assignee", "stranger", None),
        ("due", None, "2026-11-30"),
        ("due", None, None),
    ]


def test_what_a_person_writes_is_no_change():
    assert told([system(1, 1, "assigned to @bo") | {"system": False}]) == []


def test_a_change_knows_when_and_by_whom():
    change = past_changes([system(1, 1, "assigned to @ann.li", by="dana")], (), (), WORDS)[0]
    assert change.at == datetime(2026, 11, 1, 10, 0, 1, tzinfo=UTC)
    assert change.by == Actor(account="dana", name="Dana")


def test_junk_among_the_events_is_left_out():
    junk = [None, 7, {}, {"id": 1}, {"id": 1, "created_at": "x"}, {"id": True, "created_at": at(1), "label": None}]
    assert past_changes(junk, junk, junk, WORDS) == ()
