"""What a ticket's page and its why list: the newest first, the rest when asked for, nothing lost without a word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.engine.why import SHOWN, plans_of, ticket_page
from connector.testing import FakeTracker, FixedClock

from .line import Line, a_line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    clock = FixedClock()
    tracker = FakeTracker(clock=clock)
    ticket = tracker.add("hello")
    with a_line(tmp_path, {"local": tracker}, clock=clock) as line:
        line.created(ticket)
        for _ in range(SHOWN + 4):
            line.updated(ticket)
        yield line


def key(line: Line) -> str:
    (row,) = line.store.tickets.desk()
    return row.key


def test_a_page_says_that_there_are_older_plans_and_shows_them_when_asked(line: Line) -> None:
    short = ticket_page(line.services, "local", key(line))
    whole = ticket_page(line.services, "local", key(line), whole=True)
    assert short
    assert whole
    assert (len(short.plans), short.older) == (SHOWN, True)
    assert (len(whole.plans), whole.older) == (SHOWN + 5, False)


def test_the_plans_behind_a_plan_are_the_next_older_ones(line: Line) -> None:
    every = plans_of(line.store, "local", key(line), limit=100)
    first = plans_of(line.store, "local", key(line))
    assert every
    assert first
    assert len(every) == SHOWN + 5
    assert plans_of(line.store, "local", key(line), before=first[-1]["id"]) == every[SHOWN:]
    assert plans_of(line.store, "local", key(line), before=every[-1]["id"]) == []
