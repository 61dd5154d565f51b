"""A person works in the hours of their calendar or the shifts of a rota, less leave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.calendar_spec import read_spec
from connector.core.calendar_years import joined
from connector.core.calendars import Calendar
from connector.core.instants import seconds_of
from connector.core.presence import Presence

OFFICE = Calendar(read_spec({"tz": "UTC", "week": {"mon-fri": ["09:00-17:00"]}}))
HOUR, DAY = 3600, 86_400


def at(text: str) -> int:
    return seconds_of(f"2026-03-{text}:00Z")


MONDAY, TUESDAY = at("02T00:00"), at("03T00:00")


@pytest.mark.parametrize(
    ("presence", "hours"),
    [
        (Presence(), 24),
        (Presence(OFFICE), 8),
        (Presence(OFFICE, leave=((at("02T12:00"), at("02T14:00")),)), 6),
        (Presence(OFFICE, leave=((at("01T00:00"), at("05T00:00")),)), 0),
        (Presence(leave=((at("02T12:00"), at("02T14:00")),)), 22),
        (Presence(OFFICE, shifts=((at("01T22:00"), at("02T06:00")), (at("02T22:00"), at("03T06:00")))), 8),
        (Presence(OFFICE, shifts=()), 0),
        (Presence(shifts=((at("02T01:00"), at("02T05:00")),), leave=((at("02T02:00"), at("02T03:00")),)), 3),
    ],
)
def test_leave_is_taken_off_the_hours_and_shifts_stand_for_them(presence, hours):
    assert presence.seconds(MONDAY, TUESDAY) == hours * HOUR


def test_presence_can_be_counted_within_the_hours_of_another_calendar():
    nights = Calendar(read_spec({"tz": "UTC", "week": {"mon-fri": ["16:00-02:00"]}}))
    assert Presence(OFFICE).seconds(MONDAY, TUESDAY, nights) == HOUR


def test_the_end_of_the_hours_is_no_leave():
    evening = at("02T20:00")
    presence = Presence(OFFICE, leave=((at("03T00:00"), at("04T00:00")),))

    assert not presence.is_present(evening)
    assert presence.on_leave_until(evening) is None
    assert presence.on_leave_until(at("03T00:00")) == at("04T00:00")
    assert presence.on_leave_until(at("04T00:00")) is None


MINUTES = st.integers(0, 400)
SOME = st.lists(st.tuples(MINUTES, MINUTES), max_size=6).map(
    lambda rows: tuple(joined((a, b) for a, b in rows if a < b))
)


@given(shifts=SOME, leave=SOME, a=MINUTES, b=MINUTES)
def test_presence_is_each_second_of_a_shift_that_is_in_no_leave(shifts, leave, a, b):
    presence = Presence(shifts=shifts, leave=leave)
    here = [
        t
        for t in range(a, b)
        if any(start <= t < end for start, end in shifts) and not any(start <= t < end for start, end in leave)
    ]

    assert [t for start, end in presence.spans(a, b) for t in range(start, end)] == here
    assert presence.seconds(a, b) == len(here)
    assert all(presence.is_present(t) is (t in here) for t in range(a, b))
