"""`.ics` files of closed days: what their events close, and what is said of files that cannot be read."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.core.calendar_file import FOLLOWED, closed_in

SHANGHAI = ZoneInfo("Asia/Shanghai")


def ics(*events: str) -> str:
    """A file with these events, each given by its lines."""
    bodies = [f"BEGIN:VEVENT\n{event}\nEND:VEVENT" for event in events]
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *bodies, "END:VCALENDAR", ""]).replace("\n", "\r\n")


def days(*events: str) -> list[str]:
    return [day.isoformat() for day in sorted(closed_in(ics(*events), SHANGHAI).days)]


def times(*events: str) -> list[tuple[str, str]]:
    """What is closed by time, on the wall clock of Shanghai."""
    found = closed_in(ics(*events), SHANGHAI).times
    return [tuple(f"{datetime.fromtimestamp(t, SHANGHAI):%m-%d %H:%M}" for t in each) for each in found]


DAY = "DTSTART;VALUE=DATE:20261224"


def test_whole_days_close_and_the_end_is_not_among_them():
    assert days(f"{DAY}\nDTEND;VALUE=DATE:20261227") == ["2026-12-24", "2026-12-25", "2026-12-26"]
    assert days(DAY) == ["2026-12-24"]
    assert days(f"{DAY}\nDURATION:P2D") == ["2026-12-24", "2026-12-25"]


def test_times_close_what_they_take_in_their_zone_in_utc_or_in_the_calendars():
    assert times("DTSTART;TZID=Europe/Berlin:20260302T060000\nDTEND;TZID=Europe/Berlin:20260302T080000") == [
        ("03-02 13:00", "03-02 15:00")
    ]
    assert times("DTSTART:20260302T050000Z\nDURATION:PT2H") == [("03-02 13:00", "03-02 15:00")]
    assert times("DTSTART:20260302T130000\nDTEND:20260302T150000") == [("03-02 13:00", "03-02 15:00")]
    assert times("DTSTART:20260302T130000") == []


def test_times_that_touch_become_one():
    first, second = "DTSTART:20260302T130000\nDTEND:20260302T150000", "DTSTART:20260302T140000\nDTEND:20260302T160000"
    assert times(second, first) == [("03-02 13:00", "03-02 16:00")]


def test_repetitions_are_followed_but_for_what_is_taken_out():
    rule = "RRULE:FREQ=YEARLY;UNTIL=20291231\nEXDATE;VALUE=DATE:20271224\nRDATE;VALUE=DATE:20270101"
    assert days(f"{DAY}\n{rule}") == ["2026-12-24", "2027-01-01", "2028-12-24", "2029-12-24"]


def test_a_repeated_time_follows_the_clock_changes_of_its_own_zone():
    rule = "RRULE:FREQ=WEEKLY;COUNT=2"
    at = "DTSTART;TZID=Europe/Berlin:20260325T120000\nDTEND;TZID=Europe/Berlin:20260325T130000"
    assert times(f"{at}\n{rule}") == [("03-25 19:00", "03-25 20:00"), ("04-01 18:00", "04-01 19:00")]


def test_an_old_event_that_repeats_for_ever_is_followed_for_many_years():
    found = closed_in(ics("DTSTART;VALUE=DATE:19991224\nRRULE:FREQ=YEARLY"), SHANGHAI).days
    assert {date(2026, 12, 24), date(FOLLOWED, 12, 24)} <= found
    assert max(found).year == FOLLOWED


def test_a_moved_repetition_closes_where_it_was_moved_to():
    series = f"UID:1\n{DAY}\nRRULE:FREQ=YEARLY;COUNT=2"
    moved = "UID:1\nRECURRENCE-ID;VALUE=DATE:20271224\nDTSTART;VALUE=DATE:20271223"
    assert days(series, moved) == ["2026-12-24", "2027-12-23"]


def test_cancelled_events_close_nothing():
    assert days(f"{DAY}\nSTATUS:CANCELLED") == []


def test_names_of_zones_as_windows_writes_them_are_known():
    told = "DTSTART;TZID=China Standard Time:20260302T130000\nDTEND;TZID=China Standard Time:20260302T150000"
    assert times(told) == [("03-02 13:00", "03-02 15:00")]


BROKEN = [
    ("hello", "it is no iCalendar file: Content line could not be parsed"),
    ("", "it is no iCalendar file: no `BEGIN:VCALENDAR` is closed by `END:VCALENDAR`"),
    (ics(DAY)[:-20], "it is no iCalendar file"),
    (ics("hello there"), "an event has a bad line: Content line could not be parsed"),
    (ics("DTSTART;VALUE=DATE:20261325"), "an event has a bad `DTSTART`: Wrong date format 20261325"),
    (ics(f"{DAY}\n{DAY}"), "an event has more than one `DTSTART`"),
    (ics("UID:1"), "an event lacks its beginning, `DTSTART`"),
    (ics(f"{DAY}\nRRULE:FREQ=SOMETIMES"), "an event of 20261224 has a bad `RRULE`"),
    (ics(f"{DAY}\nRRULE:FREQ=HOURLY"), "an event of 20261224 repeats more than once a day"),
    (ics(f"{DAY}\nRRULE:FREQ=DAILY;BYHOUR=1,2"), "an event of 20261224 repeats more than once a day"),
    (ics(f"{DAY}\nDTEND;VALUE=DATE:20261223"), "an event of 20261224 ends before it begins"),
    (ics(f"{DAY}\nDTEND:20261225T100000"), "has a day at one end and a time of day at the other"),
    (ics("DTSTART;TZID=Mars/Base:20261224T100000"), "is in the unknown time zone `Mars/Base`"),
    (ics("DTSTART;VALUE=DATE:19710101\nRRULE:FREQ=DAILY"), "it closes more than 20000 times"),
    (ics(*[f"{DAY}\nRRULE:FREQ=YEARLY"] * 501), "more than 500 events repeat"),
]


@pytest.mark.parametrize(("text", "sentence"), BROKEN, ids=[sentence for _, sentence in BROKEN])
def test_what_cannot_be_read_is_said(text: str, sentence: str):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        closed_in(text, SHANGHAI)


PIECES = [
    "",
    ":",
    ";",
    "\n",
    "RRULE:FREQ=DAILY",
    "DTEND:2",
    "DTSTART:",
    "99991231",
    "P1D",
    "BEGIN:VEVENT",
    "END:VEVENT",
]
WHOLE = ics(f"{DAY}\nRRULE:FREQ=YEARLY;COUNT=3", "DTSTART:20260302T050000Z\nDURATION:PT2H", f"{DAY}\nEXDATE:20261224")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 20), st.sampled_from(PIECES)), max_size=4))
def test_a_damaged_file_is_read_or_refused_with_a_sentence(cuts: list[tuple[int, int, str]]):
    text = WHOLE
    for at, long, piece in cuts:
        text = text[:at] + piece + text[at + long :]
    try:
        found = closed_in(text, SHANGHAI)
    except ValueError as refusal:
        sentence = str(refusal)
    else:
        sentence = "it can be read"
        assert all(start < end for start, end in found.times)
    assert sentence.startswith(("it ", "its ", "an event", "more than"))
