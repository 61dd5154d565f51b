"""The reasoning note: one per ticket, edited afterwards, made anew when deleted, never without a write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model import Actor, Comment, Kind, Role
from connector.testing import FakeTracker, FixedClock
from tests.engine.line import RULES, Line, a_line


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tracker(clock: FixedClock) -> FakeTracker:
    return FakeTracker(clock=clock)


@pytest.fixture
def line(tmp_path: Path, tracker: FakeTracker, clock: FixedClock) -> Iterator[Line]:
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        yield line


def notes(tracker: FakeTracker, id: str) -> list[str]:
    return [text for _, text in tracker.texts(id) if text.startswith("Pointsman · why")]


def test_later_writes_edit_the_note_instead_of_adding_one(line: Line, tracker: FakeTracker) -> None:
    id = tracker.add("hello")
    line.created(id)
    line.said(id, "@pointsman priority high because of the fair")
    (note,) = notes(tracker, id)
    assert "priority high" in note
    assert "of the fair" in note


def test_a_plan_without_writes_leaves_the_note_alone(line: Line, tracker: FakeTracker) -> None:
    id = tracker.add("hello")
    line.created(id)
    writes = len(tracker.writes)
    line.updated(id)
    assert len(tracker.writes) == writes


def test_a_pinned_value_shows_with_the_persons_name(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    id = tracker.add("hello", labels=[])
    line.created(id)
    clock.forward(timedelta(minutes=5))
    tracker.edit(id, "bo", priority="urgent", title="a bug")
    line.updated(id, actor=Actor("bo", "Bo", Role.AGENT))
    (note,) = notes(tracker, id)
    assert "team backend" in note
    assert "left alone: priority" in note


def test_a_deleted_note_is_made_anew_at_the_next_write(line: Line, tracker: FakeTracker) -> None:
    id = tracker.add("hello")
    line.created(id)
    (row,) = [c for c in tracker.storage.comments(id) if c["text"].startswith("Pointsman")]
    tracker.storage._comments[id].pop(row["id"])
    line.deliver(line.event("local", id, Kind.COMMENT_DELETED, comment=Comment(row["id"])))
    line.work()
    assert notes(tracker, id) == []
    line.said(id, "@pointsman priority high")
    assert len(notes(tracker, id)) == 1


def test_a_note_that_a_person_edited_is_overwritten_at_the_next_write(line: Line, tracker: FakeTracker) -> None:
    id = tracker.add("hello")
    line.created(id)
    (row,) = [c for c in tracker.storage.comments(id) if c["text"].startswith("Pointsman")]
    tracker.storage.edit_comment(id, row["id"], "Pointsman · why\n- bo was here")
    by = Actor("bo", "Bo", Role.AGENT)
    line.deliver(line.event("local", id, Kind.COMMENT_EDITED, actor=by, comment=Comment(row["id"], "x", author=by)))
    line.work()
    line.said(id, "@pointsman priority high")
    (note,) = notes(tracker, id)
    assert "bo was here" not in note


def test_explain_off_writes_no_note(tmp_path: Path, tracker: FakeTracker, clock: FixedClock) -> None:
    files = {"desk.yaml": RULES.replace("mode: live", "mode: live\nexplain: off")}
    with a_line(tmp_path, {"local": tracker}, files=files, clock=clock) as line:
        id = tracker.add("outage")
        line.created(id)
        assert notes(tracker, id) == []
        assert tracker.ticket(id).priority.word == "urgent"


def test_an_answer_to_a_command_makes_no_note_of_its_own(line: Line, tracker: FakeTracker) -> None:
    id = tracker.add("hello")
    line.created(id)
    before = len(notes(tracker, id))
    line.said(id, "@pointsman priorty high")
    assert len(notes(tracker, id)) == before
    assert any("priority" in text for _, text in tracker.texts(id)[-1:])


def test_what_a_person_took_by_command_stays_in_the_note_with_their_name(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    clock.forward(timedelta(minutes=5))
    line.said(id, "@pointsman take\n@pointsman priority urgent")
    clock.forward(timedelta(minutes=5))
    # From now on the rules want the same priority, and say nothing of an assignee.
    tracker.edit(id, "bo", title="a bug, an outage")
    line.updated(id)
    note = tracker.texts(id)[-1][1].splitlines()
    assert "- left alone: priority (Ann Li changed it)" in note
    assert "- team backend: rule bugs" in note
    assert "- left alone: assignee (Ann Li changed it)" in note


def test_why_names_who_took_a_slot_as_the_note_does(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    id = tracker.add("outage")
    line.created(id)
    clock.forward(timedelta(minutes=5))
    line.said(id, "@pointsman priority low")
    clock.forward(timedelta(minutes=5))
    line.said(id, "@pointsman why")
    assert "left alone: priority (Ann Li changed it)" in tracker.texts(id)[-1][1]
