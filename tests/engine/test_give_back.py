"""A person's change that our write crossed is given back; what came before or after it is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connector.engine.reconcile import reconcile
from connector.model import Actor, FieldChange, Role
from connector.testing import FakeTracker, FixedClock
from tests.engine.line import Line, a_line

BO = Actor("bo", "Bo", Role.AGENT, "bo")


class Crossing(FakeTracker):
    """A person sets the priority between our read and our write, which then lies on top."""

    crossing = ""
    at: datetime | None = None

    def send(self, call, chain=""):
        if self.crossing and call.what == "fields":
            self.edit(call.path.split("/")[1], "bo", priority=self.crossing)
            self.crossing, self.at = "", self.clock()
        return super().send(call, chain)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tracker(clock: FixedClock) -> Crossing:
    return Crossing(clock=clock)


@pytest.fixture
def line(tmp_path: Path, tracker: Crossing, clock: FixedClock) -> Iterator[Line]:
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        yield line


def crossed(line: Line, tracker: Crossing, clock: FixedClock, theirs: str) -> str:
    id = tracker.add("outage")
    clock.forward(timedelta(seconds=5))
    tracker.crossing = theirs
    line.created(id)
    assert tracker.ticket(id).priority.word == "urgent"
    assert tracker.at is not None
    line.updated(id, actor=BO, changes=(FieldChange("priority", "none", theirs, tracker.at, BO),))
    return id


def test_their_value_comes_back_and_stays(line: Line, tracker: Crossing, clock: FixedClock) -> None:
    id = crossed(line, tracker, clock, "low")
    assert tracker.ticket(id).priority.word == "low"
    line.updated(id)
    assert tracker.ticket(id).priority.word == "low"


def test_a_later_order_to_the_value_we_had_sent_is_not_undone(
    line: Line, tracker: Crossing, clock: FixedClock
) -> None:
    id = crossed(line, tracker, clock, "low")
    clock.forward(timedelta(seconds=20))
    line.said(id, "@pointsman priority urgent")
    line.updated(id)
    assert tracker.ticket(id).priority.word == "urgent"


def test_a_change_after_our_write_and_an_order_back_are_two_words_of_people(
    line: Line, tracker: Crossing, clock: FixedClock
) -> None:
    id = tracker.add("outage")
    clock.forward(timedelta(seconds=5))
    line.created(id)
    clock.forward(timedelta(seconds=5))
    tracker.edit(id, "bo", priority="low")
    line.updated(id, actor=BO, changes=(FieldChange("priority", "urgent", "low", clock(), BO),))
    clock.forward(timedelta(seconds=5))
    line.said(id, "@pointsman priority urgent")
    line.updated(id)
    assert tracker.ticket(id).priority.word == "urgent"


def test_a_crossed_change_whose_event_is_lost_is_told_by_the_echo_of_our_write(
    line: Line, tracker: Crossing, clock: FixedClock
) -> None:
    id = tracker.add("outage")
    clock.forward(timedelta(seconds=5))
    tracker.crossing = "low"
    line.created(id)
    us = tracker.me()
    line.updated(id, actor=us, changes=(FieldChange("priority", "low", "urgent", clock(), us),))
    assert tracker.ticket(id).priority.word == "low"


def test_a_crossed_change_is_given_back_though_both_webhooks_were_lost_and_another_one_came(
    line: Line, tracker: Crossing, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker, "kind", "gitlab")
    id = tracker.add("outage")
    clock.forward(timedelta(seconds=5))
    tracker.crossing = "low"
    line.created(id)
    line.updated(id)
    assert tracker.ticket(id).priority.word == "urgent"
    added = []
    for _ in range(4):
        clock.forward(timedelta(minutes=1))
        added.append(reconcile(line.services, tracker).added)
        line.work()
        assert tracker.ticket(id).priority.word == "low"
    assert added[-1] == 0


def test_a_write_that_a_restored_database_forgot_is_not_taken_for_one_that_crossed_an_earlier_change(
    line: Line, tracker: Crossing, clock: FixedClock
) -> None:
    id, us = tracker.add("hello"), tracker.me()
    line.created(id)
    line.updated(id, actor=us, changes=(FieldChange("priority", "none", "low", clock(), us),))
    clock.forward(timedelta(seconds=5))
    tracker.edit(id, "bo", priority="high")
    line.updated(id, actor=BO, changes=(FieldChange("priority", "low", "high", clock(), BO),))
    clock.forward(timedelta(seconds=5))
    tracker.edit(id, us.account, priority="low")
    line.updated(id, actor=us, changes=(FieldChange("priority", "high", "low", clock(), us),))
    assert tracker.ticket(id).priority.word == "low"


def test_an_ordinary_echo_asks_the_tracker_nothing_more(
    line: Line, tracker: Crossing, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = tracker.add("outage")
    clock.forward(timedelta(seconds=5))
    line.created(id)
    monkeypatch.setattr(tracker, "past", lambda *_: pytest.fail("the past was asked for"))
    us = tracker.me()
    line.updated(id, actor=us, changes=(FieldChange("priority", "none", "urgent", clock(), us),))
    assert tracker.ticket(id).priority.word == "urgent"
