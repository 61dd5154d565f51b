"""The rows of a ticket's clocks: put with every plan, finished ones kept as they were judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.core.sla_terms import plain_id
from connector.engine.clocks import ticket_clocks
from connector.model import Actor, Audience, Comment, FieldChange, Kind, Role
from connector.store import CycleRow
from connector.testing import FakeTracker, FixedClock
from connector.testing.values import NOW
from tests.engine.line import Line, a_line

HOUR = timedelta(hours=1)
ANN = Actor("ann", "Ann", Role.AGENT, "ann")
DESK = """
version: 1
applies_to: {local: [desk]}
mode: live
plugins: [sla]
sla:
  - id: premium
    pause_when: {status: pending}
    targets: {first_response: 1h 24x7, resolution: 8h 24x7}
"""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tracker(clock: FixedClock) -> FakeTracker:
    return FakeTracker(clock=clock)


@pytest.fixture
def line(tmp_path: Path, tracker: FakeTracker, clock: FixedClock) -> Iterator[Line]:
    with a_line(tmp_path, {"local": tracker}, clock=clock, files={"desk.yaml": DESK}) as line:
        yield line


def cycles(line: Line, id: str) -> dict[tuple[str, int], CycleRow]:
    return {(row.metric, row.number): row for row in line.store.cycles.of("local", id)}


def edit(line: Line, before: str, after: str, file: str = "desk.yaml") -> None:
    path = line.services.settings.rules_dir / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    line.services.rules.refresh(force=True)
    assert not line.services.rules.problems


def answer(line: Line, id: str, at_hours: float | None = None) -> None:
    at = line.services.clock() if at_hours is None else NOW + at_hours * HOUR
    said = Comment(f"c{next(line.numbers)}", "We look.", Audience.PUBLIC, ANN, at)
    line.deliver(line.event("local", id, Kind.COMMENTED, actor=ANN, comment=said))
    line.work()


def status(line: Line, tracker: FakeTracker, id: str, word: str, was: str | None) -> None:
    tracker.edit(id, "ann", status=word)
    line.updated(id, actor=ANN, changes=(FieldChange("status", was, word, line.services.clock(), ANN),))


def test_a_plan_leaves_a_row_for_each_clock(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    id = tracker.add("hello", project="desk")
    line.created(id)
    row = cycles(line, id)["resolution", 1]
    assert (row.state, row.policy, row.calendar, row.zone, row.applies) == (
        "running",
        "premium",
        "24x7",
        "UTC",
        "desk",
    )
    assert (row.goal_s, row.elapsed_s, row.remaining_s) == (28800, 0, 28800)
    assert (row.started_at, row.counted_at, row.due_at, row.breach_at) == (NOW, NOW, NOW + 8 * HOUR, NOW + 8 * HOUR)
    assert row.rules == line.services.rules.current.files[0].clocks
    clock.forward(2 * HOUR)
    answer(line, id)
    first = cycles(line, id)["first_response", 1]
    assert (first.state, first.stopped_at, first.breached_at) == ("missed", NOW + 2 * HOUR, NOW + HOUR)
    assert cycles(line, id)["resolution", 1].elapsed_s == 7200


def test_a_shadow_desk_counts_all_the_same(tmp_path: Path, tracker: FakeTracker, clock: FixedClock) -> None:
    shadow = DESK.replace("mode: live", "mode: shadow")
    with a_line(tmp_path, {"local": tracker}, clock=clock, files={"desk.yaml": shadow}) as line:
        id = tracker.add("hello")
        line.created(id)
        assert cycles(line, id)["resolution", 1].state == "running"


def test_an_edit_of_the_policy_leaves_what_was_judged_and_moves_what_is_open(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    clock.forward(2 * HOUR)
    answer(line, id)
    clock.forward(HOUR)
    edit(line, "first_response: 1h 24x7, resolution: 8h 24x7", "first_response: 4h 24x7, resolution: 5h 24x7")
    line.updated(id)
    rows = cycles(line, id)
    assert (rows["first_response", 1].state, rows["first_response", 1].goal_s) == ("missed", 3600)
    assert rows["resolution", 1].due_at == NOW + 5 * HOUR
    found = ticket_clocks(line.store, line.services.rules.current, "local", id, clock())
    assert found is not None
    assert (found.policy, found.clocks["first_response"].state) == ("premium", "missed")
    assert line.plans(id)[0]["facts"]["sla.policy"] == "premium"
    assert "sla::breached" in tracker.ticket(id).labels


def test_the_history_tells_each_version_with_its_terms_and_from_when_on(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id, another = tracker.add("hello"), tracker.add("second")
    line.created(id)
    line.created(another)
    in_force = clock.forward(HOUR)
    edit(line, "resolution: 8h", "resolution: 5h")
    line.updated(another)
    clock.forward(HOUR)
    line.updated(id)
    line.updated(id)
    first, second = (fact for fact in line.store.tickets.facts("local", id) if fact.data.get("field") == "policy")
    assert [plain_id(fact.data["value"]) for fact in (first, second)] == ["premium", "premium"]
    assert first.data["terms"]["targets"]["resolution"] == {"default": (28800, "24x7")}
    assert second.data["terms"]["targets"]["resolution"] == {"default": (18000, "24x7")}
    assert (first.at, second.at) == (NOW, in_force), "for all tickets from the same instant on"


def test_a_late_answer_judges_a_finished_cycle_anew(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    id = tracker.add("hello")
    line.created(id)
    clock.forward(2 * HOUR)
    answer(line, id)
    assert cycles(line, id)["first_response", 1].state == "missed"
    answer(line, id, at_hours=0.5)
    first = cycles(line, id)["first_response", 1]
    assert (first.state, first.stopped_at) == ("met", NOW + HOUR / 2)


def test_a_reopened_ticket_goes_on_counting(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    id = tracker.add("hello")
    line.created(id)
    clock.forward(HOUR)
    status(line, tracker, id, "done", None)
    assert (cycles(line, id)["resolution", 1].state, cycles(line, id)["resolution", 1].is_over) == ("met", True)
    clock.forward(HOUR)
    status(line, tracker, id, "open", "done")
    clock.forward(HOUR)
    line.updated(id)
    row = cycles(line, id)["resolution", 1]
    assert (row.state, row.elapsed_s, row.is_over) == ("running", 7200, False)


def test_of_a_ticket_that_is_gone_nothing_runs(line: Line, tracker: FakeTracker) -> None:
    id = tracker.add("hello")
    line.created(id)
    line.deliver(line.event("local", id, Kind.DELETED))
    line.work()
    assert cycles(line, id) == {}


def test_what_is_asked_of_it_is_as_it_was_when_it_was_judged(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    """The team that answered is the team of the report, whoever has the ticket now."""
    id = tracker.add("hello")
    line.created(id)
    answer(line, id)
    clock.forward(HOUR)
    tracker.edit(id, "ann", priority="urgent")
    line.updated(id, actor=ANN, changes=(FieldChange("priority", "none", "urgent", clock(), ANN),))
    assert cycles(line, id)["first_response", 1].priority == "none"
    assert cycles(line, id)["resolution", 1].priority == "urgent"
