"""A compiled calendar is open when the wall clock of its zone says so, and finds the earliest end."""

from __future__ import annotations

import random

import pytest

from connector.core.calendars import compile_calendar

from .sla_calendars import CALENDARS
from .sla_histories import ERAS
from .sla_minutes import MINUTE, Minutes, second

DAY = 24 * 60 * MINUTE


def counted(minutes: Minutes, start: int, end: int) -> int:
    """The open seconds of `[start, end)`, from minute to minute."""
    return sum(
        min(end, at + MINUTE) - max(start, at)
        for at in range(start // MINUTE * MINUTE, end, MINUTE)
        if minutes.open(at)
    )


@pytest.mark.parametrize("name", sorted(CALENDARS))
def test_open_seconds_are_those_of_the_wall_clock(name):
    dice, minutes = random.Random(name), Minutes.of(CALENDARS[name])
    calendar = compile_calendar(CALENDARS[name], 2026, 2026)
    for era in ERAS:
        for _ in range(20):
            start = second(f"{era}T00:00:00Z") + dice.randrange(4 * DAY)
            end = start + dice.choice((0, 1, 59, 61, dice.randrange(DAY), dice.randrange(4 * DAY)))
            assert calendar.open_seconds(start, end) == counted(minutes, start, end), (start, end)


@pytest.mark.parametrize("name", sorted(set(CALENDARS) - {"never", "once", "never again"}))
def test_add_finds_the_earliest_instant_with_enough_open_seconds(name):
    dice, calendar = random.Random(name), compile_calendar(CALENDARS[name], 2026, 2026)
    for era in ERAS:
        start = second(f"{era}T00:00:00Z") + dice.randrange(4 * DAY)
        assert calendar.add(start, 0) == start
        for seconds in (1, 59, 3600, dice.randrange(1, 90000)):
            end = calendar.add(start, seconds)
            assert end is not None
            assert calendar.open_seconds(start, end) == seconds
            assert calendar.open_seconds(start, end - 1) == seconds - 1


def test_what_is_never_open_again_is_never_reached():
    calendar = compile_calendar(CALENDARS["never again"], 2026, 2026)
    last = second("2026-03-29T12:00:00Z")
    assert calendar.add(last - 60, 60) == last
    assert calendar.add(last - 60, 61) is None
    assert compile_calendar(CALENDARS["never"], 2026, 2026).add(last, 1) is None
