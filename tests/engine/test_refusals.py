"""A field that the tracker refuses for good leaves the plan, visibly so; nothing else is lost with it."""

from __future__ import annotations

from pathlib import Path

from connector.errors import TrackerError
from connector.model import Kind
from connector.testing import FakeTracker
from tests.engine.line import RULES, Line, a_line


class Strict(FakeTracker):
    """Refuses one field at a time: of those in `bad` the first that a call carries, by name."""

    bad: tuple[str, ...] = ()

    def send(self, call, chain=""):
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
