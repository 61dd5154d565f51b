"""Killed between a write and its record: what was sent is known again as ours, however the event comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from connector.engine.reconcile import reconcile
from connector.engine.work import Engine
from connector.model import Actor, Role
from connector.testing import FakeTracker, FixedClock
from connector.trackers import Call, Past
from connector.words import Words
from tests.engine.line import Line, a_line


class Killed(BaseException):
    pass


class Far(FakeTracker):
    """Tells our account from others only by its name, as GitLab and Jira do; a request takes its time."""

    def role(self, actor: Actor, project: str, words: Words) -> Role:
        return Role.AGENT

    def past(self, ticket: str, words: Words) -> Past:
        found = super().past(ticket, words)
        return Past(tuple(replace(c, by=replace(c.by, role=None)) for c in found.changes), found.comments)

    def send(self, call: Call, chain: str = "") -> object:
        self.clock.forward(timedelta(seconds=3))
        return super().send(call, chain)


@pytest.fixture
def tracker() -> Far:
    return Far(clock=FixedClock())


@pytest.fixture
def line(tmp_path: Path, tracker: Far) -> Iterator[Line]:
    with a_line(tmp_path, {"local": tracker}, clock=tracker.clock) as line:
        yield line


def killed_after_the_write(line: Line) -> None:
    with patch.object(Engine, "_store_outcome", side_effect=Killed), pytest.raises(Killed):
        line.work()


def test_a_write_whose_record_was_lost_is_not_taken_for_a_persons_when_reconcile_comes_first(
    line: Line, tracker: Far
) -> None:
    tracker.clock.forward(timedelta(minutes=1))
    id = tracker.add("hello")
    line.created(id)
    tracker.clock.forward(timedelta(minutes=5))
    tracker.edit(id, "bo", title="outage")
    line.deliver(line.event("local", id))
    killed_after_the_write(line)
    tracker.clock.forward(timedelta(minutes=5))
    assert reconcile(line.services, tracker).added == 1
    line.work()
    assert tracker.ticket(id).priority.word == "urgent"
    tracker.edit(id, "bo", title="hello again")
    line.updated(id)
    assert line.verdicts(id)["priority"] == "apply"
    assert tracker.ticket(id).priority.word == "low"
