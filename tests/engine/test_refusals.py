"""A field that the tracker refuses for good leaves the plan, visibly so; nothing else is lost with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from connector.changes import AssignTo
from connector.errors import TrackerError
from connector.frozen import frozen
from connector.model import Kind
from connector.testing import FakeTracker
from tests.engine.line import RULES, Line, a_line


class Strict(FakeTracker):
    """Refuses one field at a time: of those in `bad` the first that a call carries, by name.

    It cannot compose an assignee in `unknown`, and while it is `down` every write fails before it is done.
    """

    bad: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    down = False

    def compose(self, ticket, writes, note, stamp, words):
        known = tuple(w for w in writes if not (isinstance(w.change, AssignTo) and w.change.person in self.unknown))
        composed = super().compose(ticket, known, note, stamp, words)
        refused = {w.key: f"nobody is called `{w.change.person}`" for w in writes if w not in known}
        return replace(composed, refused=frozen({**composed.refused, **refused}))

    def send(self, call, chain=""):
        if self.down:
            raise TrackerError(call.what, status=502)
        if named := next((name for name in self.bad if name in call.fields), None):
            raise TrackerError(
                "PUT issue", status=400, permanent=True, fields=(named,), detail=f"{named} is not open"
            )
        return super().send(call, chain)


def worked(line: Line, tracker: Strict) -> str:
    id = tracker.add("outage", email="dana@x.example", name="Dana")
    line.deliver(line.event("local", id, Kind.CREATED))
    line.work(swallow=(TrackerError,))
    return id


def effects(line: Line, id: str) -> dict[str, str]:
    return {e["slot"]: e["state"] for e in line.plans(id)[0]["effects"]}


def test_the_rest_is_written_without_the_field_that_was_refused(tmp_path: Path) -> None:
    tracker = Strict()
    tracker.bad = ("priority",)
    with a_line(tmp_path, {"local": tracker}) as line:
        id = worked(line, tracker)
        assert tracker.ticket(id).team == "frontline"
        assert effects(line, id) == {"priority": "refused", "team": "done", "say:hello": "done", "note": "done"}


def test_the_plan_says_which_wish_the_tracker_refused_and_why(tmp_path: Path) -> None:
    tracker = Strict()
    tracker.bad = ("priority",)
    with a_line(tmp_path, {"local": tracker}) as line:
        id = worked(line, tracker)
        assert line.verdicts(id)["priority"] == "not allowed here"
        assert line.verdicts(id)["team"] == "apply"
        (refused,) = [d for d in line.plans(id)[0]["decisions"] if d["slot"] == "priority"]
        assert refused["reason"] == "priority is not open"


def test_a_tracker_that_names_one_bad_field_after_another_leaves_no_effect_open(tmp_path: Path) -> None:
    tracker = Strict()
    tracker.bad = ("priority", "team")
    with a_line(tmp_path, {"local": tracker}) as line:
        id = worked(line, tracker)
        assert effects(line, id) == {"priority": "refused", "team": "refused", "say:hello": "done", "note": "done"}


def test_what_a_second_refusal_takes_along_is_tried_once_more(tmp_path: Path) -> None:
    rules = RULES.replace("{id: rest, team: frontline}", "{id: rest, team: frontline, assignee: ann}")
    tracker = Strict()
    tracker.bad = ("priority", "team")
    with a_line(tmp_path, {"local": tracker}, files={"desk.yaml": rules}) as line:
        id = worked(line, tracker)
        assert tracker.ticket(id).assignee == "ann"
        assert {effects(line, id)[slot] for slot in ("priority", "team")} == {"refused"}
        assert "pending" not in effects(line, id).values()


def note_of(tracker: Strict, id: str) -> str:
    (note,) = [text for _, text in tracker.texts(id) if "Pointsman" in text]
    return note


def test_the_note_does_not_claim_what_the_tracker_refused(tmp_path: Path) -> None:
    tracker = Strict()
    tracker.bad = ("priority",)
    with a_line(tmp_path, {"local": tracker}) as line:
        note = note_of(tracker, worked(line, tracker))
        assert "- not allowed here: priority (priority is not open)" in note
        assert "priority urgent" not in note
        assert "- team frontline: rule rest" in note


def test_the_note_does_not_claim_what_could_not_even_be_composed(tmp_path: Path) -> None:
    rules = RULES.replace("{id: rest, team: frontline}", "{id: rest, team: frontline, assignee: ann}")
    tracker = Strict()
    with a_line(tmp_path, {"local": tracker}, files={"desk.yaml": rules}) as line:
        tracker.unknown = ("ann",)
        note = note_of(tracker, worked(line, tracker))
        assert "- not allowed here: assignee (nobody is called `ann`)" in note
        assert "assignee ann" not in note


def test_the_note_does_not_claim_a_slot_where_a_person_was_faster(tmp_path: Path) -> None:
    tracker = Strict()
    with a_line(tmp_path, {"local": tracker}) as line:
        id = tracker.add("outage", priority="normal")
        tracker.down = True
        line.deliver(line.event("local", id, Kind.CREATED))
        line.work(swallow=(TrackerError,))
        tracker.down = False
        tracker.edit(id, "bo", priority="low")
        line.work()
        assert tracker.ticket(id).priority.word == "low"
        assert "- left alone: priority" in note_of(tracker, id)
        assert "priority urgent" not in note_of(tracker, id)
