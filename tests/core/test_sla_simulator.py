"""The naive simulator, against which the SLA clock is held, reproduces every worked case."""

from __future__ import annotations

import pytest

from .sla_cases import checks
from .sla_minutes import DAYS, Minutes, instant, second, wall_says_open
from .sla_simulator import simulate

NIGHTS = {"tz": "Europe/Berlin", "week": {day: [["22:00", "06:00"]] for day in DAYS}}


@pytest.mark.parametrize(("policy", "calendars", "events", "as_of", "known_at", "expect"), checks())
def test_a_worked_case_comes_out_to_the_field(policy, calendars, events, as_of, known_at, expect):
    assert simulate(policy, calendars, events, as_of, known_at) == expect


@pytest.mark.parametrize(("night", "hours"), [("2026-03-28", 7), ("2026-03-30", 8), ("2026-10-24", 9)])
def test_a_night_has_the_hours_its_wall_clock_shows(night, hours):
    noon = second(f"{night}T12:00:00Z")
    assert sum(wall_says_open(NIGHTS, at) for at in range(noon, noon + 86400, 60)) == hours * 60


def test_a_goal_used_up_at_closing_time_is_due_at_closing_time():
    start = second("2026-03-29T22:00:00Z")
    assert instant(Minutes.of(NIGHTS).add(start, 6 * 3600)) == "2026-03-30T04:00:00Z"


def test_what_is_never_reached_is_null():
    assert Minutes.of({"tz": "UTC", "week": {}}).add(second("2026-03-02T00:00:00Z"), 60) is None


def test_the_version_that_has_come_last_decides_each_minute():
    spec = {
        "tz": "Europe/Berlin",
        "versions": [
            {"from": "2026-03-10", "week": {"tue": [["10:00", "11:00"]]}},
            {"from": None, "week": {"mon": [["22:00", "06:00"]]}},
            {"from": "2026-03-10T09:30:00Z", "week": {}},
        ],
    }
    day = second("2026-03-09T20:00:00Z")
    opened = [at for at in range(day, day + 86400, 60) if wall_says_open(spec, at)]
    assert (instant(opened[0]), instant(opened[-1])) == ("2026-03-09T21:00:00Z", "2026-03-10T09:29:00Z")
    assert len(opened) == 120 + 30
