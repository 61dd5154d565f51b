"""What stands in the way of a ticket is known beside it: refused writes, parked events, rules, plugins."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.core.rights import right_for
from connector.engine.marks import choices, marks
from connector.engine.notices import notice
from connector.engine.presence import Presence
from connector.engine.services import lane_of
from connector.engine.troubles import CODES, Trouble, troubles
from connector.errors import Problem, TrackerError
from connector.model import Kind
from connector.testing import FakeTracker
from tests.engine.line import Line, a_line


class Refusing(FakeTracker):
    """Refuses every write with `status`, for good unless it is 401."""

    status = 403
    kind = "jira"

    def send(self, call, chain=""):
        if self.status:
            permanent = self.status != 401
            raise TrackerError("PUT issue", status=self.status, permanent=permanent, detail="You may not edit it.")
        return super().send(call, chain)


class Picky(FakeTracker):
    """Refuses the field `priority` and takes the rest."""

    kind = "gitlab"
    refusing = True

    def send(self, call, chain=""):
        if self.refusing and "priority" in call.fields:
            raise TrackerError("PUT issue", status=403, permanent=True, fields=("priority",), detail="403 Forbidden")
        return super().send(call, chain)


def worked(line: Line, tracker: FakeTracker, title: str = "outage") -> str:
    id = tracker.add(title, email="dana@x.example", name="Dana")
    line.deliver(line.event("local", id, Kind.CREATED))
    line.work(swallow=(TrackerError,))
    return id


def found(line: Line, id: str) -> list[Trouble]:
    services = line.engine.services
    row = services.store.tickets.get("local", id)
    assert row is not None
    return list(troubles(services, row, services.store.plans.of_ticket("local", id)))


def test_a_write_that_was_refused_names_the_right_that_is_missing(tmp_path: Path) -> None:
    tracker = Picky()
    with a_line(tmp_path, {"local": tracker}) as line:
        (trouble,) = found(line, worked(line, tracker))

        assert (trouble.code, trouble.cause, trouble.slot) == ("refused", "right", "priority")
        assert (trouble.right, trouble.status, trouble.detail) == ("gitlab_role", 403, "403 Forbidden")


def test_a_write_that_succeeded_later_is_no_trouble_any_more(tmp_path: Path) -> None:
    tracker = Picky()
    with a_line(tmp_path, {"local": tracker}) as line:
        id = worked(line, tracker)
        tracker.refusing = False
        line.deliver(line.event("local", id, Kind.UPDATED))
        line.work()

        assert found(line, id) == []


def test_an_event_that_is_tried_again_or_parked_is_told_with_its_cause(tmp_path: Path) -> None:
    tracker = Refusing()
    with a_line(tmp_path, {"local": tracker}) as line:
        id = worked(line, tracker)
        codes = {(trouble.code, trouble.cause) for trouble in found(line, id)}

        assert ("parked", "right") in codes
        assert all(trouble.event for trouble in found(line, id) if trouble.code == "parked")


def test_a_ticket_whose_project_no_file_claims_says_so(tmp_path: Path) -> None:
    tracker = FakeTracker()
    with a_line(tmp_path, {"local": tracker}) as line:
        id = worked(line, tracker)
        services = line.engine.services
        row = services.store.tickets.get("local", id)
        assert row is not None
        strange = type(row)("elsewhere", "1", "X-1", "nobody/here", contact=True)

        assert [(t.code, t.name) for t in troubles(services, strange, ())] == [
            ("not_connected", "elsewhere"),
            ("unclaimed", "nobody/here"),
        ]


def test_an_event_that_will_be_tried_again_is_told_with_its_cause(tmp_path: Path) -> None:
    with a_line(tmp_path, {"local": FakeTracker()}) as line:
        id = worked(line, line.engine.services.trackers["local"])  # type: ignore[arg-type]
        line.deliver(line.event("local", id, Kind.UPDATED))
        (held,) = line.store.inbox.claim("ann", 1)
        (event,) = line.store.inbox.waiting(held)
        with line.store.fenced(held) as work:
            work.retry([event.id], work.now, "TrackerError: GET issue: 401")

        assert [(t.code, t.cause, t.count) for t in found(line, id)] == [("retrying", "token", 1)]


def test_plugins_and_rule_files_in_trouble_are_told_where_they_concern_the_ticket(tmp_path: Path) -> None:
    with a_line(tmp_path, {"local": FakeTracker()}) as line:
        id = worked(line, line.engine.services.trackers["local"])  # type: ignore[arg-type]
        services = line.engine.services
        file = services.rules.current.files[0]
        services.host.health.quarantine("routing", "propose failed 3 times in a row")
        services.rules.problems = (Problem("elsewhere.yaml", 1, 1, "not ours"),)
        assert [(t.code, t.name) for t in found(line, id)] == [("plugin", "routing")]

        services.rules.problems = (Problem(file.path, 7, 3, "`hgih` is unknown"),)
        assert [(t.code, t.name) for t in found(line, id)] == [("rules", file.path), ("plugin", "routing")]

        services.rules.problems = (Problem("_names.yaml", 1, 1, "twice"),)
        assert next((t.code, t.detail) for t in found(line, id)) == ("rules", "_names.yaml:1:1 twice")


def test_a_plugin_that_another_process_does_not_ask_any_more_is_told_too(tmp_path: Path) -> None:
    with a_line(tmp_path, {"local": FakeTracker()}) as line:
        id = worked(line, line.engine.services.trackers["local"])  # type: ignore[arg-type]
        services = line.engine.services
        services.host.health.quarantine("routing", "propose failed 3 times in a row")
        Presence(services, "worker", "elsewhere", 7).tell()
        services.host.health.lift("routing")

        assert [(t.code, t.name) for t in found(line, id)] == [("plugin", "routing")]


def test_a_ticket_that_is_written_too_often_is_marked_as_held(tmp_path: Path) -> None:
    tracker = FakeTracker()
    with a_line(tmp_path, {"local": tracker}) as line:
        id, other = worked(line, tracker), worked(line, tracker, "question")
        services = line.engine.services
        notice(services, "held", lane_of("local", id), "held")

        assert [trouble.code for trouble in found(line, id)] == ["held"]
        rows = [services.store.tickets.get("local", one) for one in (id, other)]
        shown = marks(services, [row for row in rows if row is not None])
        assert shown == {("local", id): {"held"}, ("local", other): frozenset()}


def test_the_desk_marks_what_was_refused_and_what_is_parked(tmp_path: Path) -> None:
    picky, refusing = Picky(), Refusing()
    for tracker, mark in ((picky, "refused"), (refusing, "parked")):
        with a_line(tmp_path / mark, {"local": tracker}) as line:
            id = worked(line, tracker)
            row = line.store.tickets.get("local", id)
            assert row is not None
            assert mark in marks(line.engine.services, [row])["local", id]


def test_without_tickets_nothing_is_asked_for_marks(tmp_path: Path) -> None:
    with a_line(tmp_path, {"local": FakeTracker()}) as line:
        assert marks(line.engine.services, []) == {}
        assert "local" in choices(line.engine.services).trackers


@pytest.mark.parametrize(
    ("kind", "op", "right"),
    [
        ("gitlab", "SetPriority", "gitlab_role"),
        ("jira", "SetPriority", "jira_edit"),
        ("jira", "AddLabel", "jira_edit"),
        ("jira", "AssignTo", "jira_assign"),
        ("jira", "DueBy", "jira_schedule"),
        ("jira", "Say", "jira_comment"),
        ("jira", "Note", "jira_comment"),
        ("jira", "MoveTo", "jira_transition"),
        ("jira", "Link", "jira_link"),
        ("local", "SetPriority", ""),
        ("", "SetPriority", ""),
    ],
)
def test_each_write_names_the_right_it_needs(kind: str, op: str, right: str) -> None:
    assert right_for(kind, op) == right


def test_every_kind_of_trouble_is_listed_once() -> None:
    assert len(set(CODES)) == len(CODES)
