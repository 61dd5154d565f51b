"""The desk asks for clocks by the calendars in force, and shows the one of each ticket that presses most."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.core.sla_query import read_query
from connector.engine.clock_desk import PressingClock, clock_wish, pressing
from connector.testing import FakeTracker, FixedClock
from connector.testing.values import NOW
from tests.engine.line import Line, a_line
from tests.engine.test_cycles import DESK, answer, status
from tests.engine.test_recount import OFFICE

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tracker(clock: FixedClock) -> FakeTracker:
    return FakeTracker(clock=clock)


@pytest.fixture
def line(tmp_path: Path, tracker: FakeTracker, clock: FixedClock) -> Iterator[Line]:
    files = {"desk.yaml": DESK.replace("resolution: 8h 24x7", "resolution: 8h office"), "_calendars.yaml": OFFICE}
    with a_line(tmp_path, {"local": tracker}, clock=clock, files=files) as line:
        yield line


def found(line: Line, query: str) -> list[str]:
    return [row.id for row in line.store.tickets.desk(clocks=clock_wish(line.services, read_query(query)))]


def presses(line: Line, id: str) -> PressingClock | None:
    row = line.store.tickets.get("local", id)
    assert row is not None
    return pressing(line.services, [row]).get(("local", id))


def test_what_is_left_is_told_in_the_hours_of_the_desk(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    """At 18:00 in Shanghai three hours are open: at eight in the evening six of eight are left, all night five."""
    id = tracker.add("hello")
    line.created(id)
    answer(line, id)
    clock.forward(2 * HOUR)
    assert found(line, "resolution remaining() <= 6h") == [id]
    assert found(line, "resolution elapsed() > 2h") == []
    clock.forward(9 * HOUR)
    assert found(line, "resolution remaining() < 5h") == []
    assert found(line, "resolution remaining() <= 5h and running()") == [id]


def test_late_presses_before_due_and_due_before_paused(line: Line, tracker: FakeTracker, clock: FixedClock) -> None:
    id = tracker.add("hello")
    line.created(id)
    assert presses(line, id) == PressingClock("first_response", "due", NOW + HOUR)
    clock.forward(2 * HOUR)
    assert presses(line, id) == PressingClock("first_response", "late", NOW + HOUR), "nobody has counted since"
    answer(line, id)
    clock_now = presses(line, id)
    assert clock_now is not None
    assert (clock_now.metric, clock_now.state, str(clock_now.due_at)) == (
        "resolution",
        "due",
        "2026-03-03 14:00:00+08:00",
    )
    status(line, tracker, id, "pending", None)
    assert presses(line, id) == PressingClock("resolution", "paused", None)
    status(line, tracker, id, "done", "pending")
    assert presses(line, id) is None
