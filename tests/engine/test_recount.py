"""An edit of policies or calendars reaches every open clock, though nothing happens to its ticket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.engine.clocks import ticket_clocks
from connector.engine.recount import recount_all, recount_stale
from connector.engine.spread import LOOK, LOOK_EVERY
from connector.store import Stale
from connector.testing import FakeTracker, FixedClock
from connector.testing.values import NOW
from tests.databases import fresh_database, kinds
from tests.engine.line import Line, a_line
from tests.engine.test_cycles import DESK, answer, cycles, edit, status

HOUR = timedelta(hours=1)
OFFICE = """
office: {tz: Asia/Shanghai, week: {mon-fri: ["09:00-21:00"]}}
"""
AT_OFFICE = DESK.replace("8h 24x7", "8h office")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tracker(clock: FixedClock) -> FakeTracker:
    return FakeTracker(clock=clock)


@pytest.fixture(params=kinds())
def line(request: pytest.FixtureRequest, tmp_path: Path, tracker: FakeTracker, clock: FixedClock) -> Iterator[Line]:
    files = {"desk.yaml": AT_OFFICE, "_calendars.yaml": OFFICE}
    with (
        fresh_database(request.param, tmp_path) as url,
        a_line(tmp_path, {"local": tracker}, url=url, clock=clock, files=files) as line,
    ):
        yield line


def recount(line: Line) -> int:
    return sum(recount_stale(line.services))


def due(line: Line, id: str, metric: str = "resolution") -> object:
    return cycles(line, id)[metric, 1].due_at


def looks(line: Line, clock: FixedClock, hours: float) -> None:
    """What timers make of the time up to `hours` from now."""
    clock.forward(hours * HOUR)
    line.store.timers.fire()
    line.work()


def test_without_an_edit_there_is_nothing_to_count(line: Line, tracker: FakeTracker) -> None:
    line.created(tracker.add("hello"))
    assert recount(line) == 0


def test_a_calendar_that_was_edited_moves_what_is_due_and_when_to_look(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    """10:00 UTC on Monday is 18:00 in Shanghai: three open hours are left on that day, five on Tuesday."""
    id = tracker.add("hello")
    line.created(id)
    answer(line, id)
    assert due(line, id) == NOW.replace(day=3, hour=6)
    edit(line, 'mon-fri: ["09:00-21:00"]', 'mon: ["09:00-21:00"], wed: ["09:00-21:00"]', "_calendars.yaml")
    assert sum(recount_stale(replace(line.services, trackers={}))) == 1, "no tracker is asked"
    assert due(line, id) == NOW.replace(day=4, hour=6)
    assert line.store.timers.get(f"local:{id}", "sla").due_at == NOW.replace(day=4, hour=4, minute=24)
    assert recount(line) == 0
    looks(line, clock, 0)
    assert str(tracker.ticket(id).due) == "2026-03-04"


def test_what_now_stands_otherwise_is_written_by_a_look_of_its_own(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    answer(line, id)
    clock.forward(2 * HOUR)
    assert "sla::ok" in tracker.ticket(id).labels
    edit(line, "resolution: 8h", "resolution: 1h")
    recount(line)
    assert "sla::ok" in tracker.ticket(id).labels
    assert cycles(line, id)["resolution", 1].breached_at == NOW + 2 * HOUR, "lowered below what was used"
    looks(line, clock, 0)
    assert "sla::breached" in tracker.ticket(id).labels
    assert line.store.timers.get(f"local:{id}", LOOK) is None


def test_an_edit_that_changes_nothing_for_a_ticket_asks_no_tracker_for_it(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    answer(line, id)
    clock.forward(HOUR)
    edit(line, "first_response: 1h", "first_response: 4h")
    assert recount(line) == 1
    assert line.store.timers.get(f"local:{id}", LOOK) is None
    assert cycles(line, id)["first_response", 1].goal_s == 3600


def test_the_verdict_of_before_stands_in_every_place(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    id = tracker.add("hello")
    line.created(id)
    clock.forward(2 * HOUR)
    answer(line, id)
    edit(line, "first_response: 1h 24x7, resolution: 8h", "first_response: 4h 24x7, resolution: 6h")
    recount(line)
    found = ticket_clocks(line.store, line.services.rules.current, "local", id, clock())
    assert found is not None
    assert found.clocks["first_response"].state == cycles(line, id)["first_response", 1].state == "missed"
    resolution = found.clocks["resolution"]
    assert resolution.goal is not None
    assert resolution.goal.seconds == cycles(line, id)["resolution", 1].goal_s == 6 * 3600
    looks(line, clock, 0.1)
    assert "sla::breached" in tracker.ticket(id).labels


def test_where_another_policy_may_apply_the_ticket_gets_a_look(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("the shop is down")
    line.created(id)
    edit(
        line,
        "sla:\n",
        "sla:\n  - {id: down, when: {title: {contains_any: [down]}}, targets: {resolution: 1h 24x7}}\n",
    )
    recount(line)
    looks(line, clock, 0.1)
    assert cycles(line, id)["resolution", 1].policy == "down"
    assert due(line, id) == NOW + HOUR


def test_due_soonest_is_counted_and_looked_at_first(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    ids = []
    for _ in range(5):
        ids.append(tracker.add("hello"))
        line.created(ids[-1])
        clock.forward(HOUR / 60)
    status(line, tracker, ids[0], "pending", None)
    edit(line, "first_response: 1h", "first_response: 2h")
    (first, *_) = line.store.cycles.stale({"desk": line.services.rules.current.files[0].clocks}, 1)
    assert first.ticket == ids[1]
    recount(line)
    timers = {id: line.store.timers.get(f"local:{id}", LOOK) for id in ids}
    assert [timer.due_at - clock() for id in ids[1:] if (timer := timers[id])] == [n * LOOK_EVERY for n in range(4)]


def test_looks_of_one_edit_and_the_next_do_not_storm_the_tracker(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    first, second = tracker.add("hello"), tracker.add("hello")
    line.created(first)
    edit(line, "first_response: 1h", "first_response: 2h")
    recount(line)
    line.created(second)
    edit(line, "first_response: 2h", "first_response: 3h")
    recount(line)
    assert line.store.timers.get(f"local:{first}", LOOK).due_at == clock(), "the look that it had stays"
    assert line.store.timers.get(f"local:{second}", LOOK).due_at == clock() + LOOK_EVERY


def test_a_process_that_ends_in_the_middle_leaves_the_rest_to_the_next(
    line: Line, tracker: FakeTracker, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.engine.recount.BATCH", 2)
    ids = [tracker.add("hello") for _ in range(5)]
    for id in ids:
        line.created(id)
    edit(line, "resolution: 8h", "resolution: 6h")
    begun = recount_stale(line.services)
    assert next(begun) == 2
    clock.forward(HOUR)
    begun.close()
    assert recount(line) == 3
    facts = [f for id in ids for f in line.store.tickets.facts("local", id) if f.source == "policy1"]
    assert {fact.at for fact in facts} == {NOW}, "of all from when it was in force, not from when it was their turn"
    assert len(facts) == 5


def test_a_ticket_that_was_worked_meanwhile_is_left_as_it_was_counted_then(
    line: Line, tracker: FakeTracker, clock: FixedClock
) -> None:
    id = tracker.add("hello")
    line.created(id)
    edit(line, "resolution: 8h", "resolution: 6h")
    wanted = {"desk": line.services.rules.current.files[0].clocks}
    (was,) = line.store.cycles.stale(wanted, 10)
    clock.forward(HOUR)
    line.updated(id)
    with line.store.begin() as work:
        assert work.unchanged([was]) == []
        assert work.unchanged([Stale("local", id, line.store.cycles.of("local", id), ())]) != []


def test_tickets_that_were_there_before_the_policies_get_a_look_urgent_ones_first(
    line: Line, tracker: FakeTracker, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.engine.first_count.BATCH", 2)
    path = line.services.settings.rules_dir / "desk.yaml"
    with_policies = path.read_text(encoding="utf-8")
    path.write_text(with_policies.partition("plugins")[0] + "plugins: []\n", encoding="utf-8")
    line.services.rules.refresh(force=True)
    ids = [tracker.add("hello", priority=priority) for priority in ("low", "urgent", "normal")]
    for id in ids:
        line.created(id)
    path.write_text(with_policies, encoding="utf-8")
    line.services.rules.refresh(force=True)
    begun = recount_all(line.services)
    assert next(begun) == 2
    begun.close()
    assert [*recount_all(line.services)] == [1], "another process goes on where it was"
    due = {id: timer.due_at for id in ids if (timer := line.store.timers.get(f"local:{id}", LOOK))}
    assert sorted(due, key=due.__getitem__) == [ids[1], ids[2], ids[0]]
    looks(line, clock, 0.1)
    assert {cycles(line, id)["resolution", 1].state for id in ids} == {"running"}
    assert [*recount_all(line.services)] == []


def test_a_file_without_policies_has_no_clock_that_runs(line: Line, tracker: FakeTracker) -> None:
    id = tracker.add("hello")
    line.created(id)
    path = line.services.settings.rules_dir / "desk.yaml"
    path.write_text(path.read_text(encoding="utf-8").partition("plugins")[0] + "plugins: []\n", encoding="utf-8")
    line.services.rules.refresh(force=True)
    recount(line)
    assert cycles(line, id) == {}
