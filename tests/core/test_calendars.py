"""Working time: the sentences of its specification, and the laws that hold for every calendar."""

from __future__ import annotations

import json
import os
import pickle
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.core.calendar_spec import DAYS, Closed, read_spec
from connector.core.calendars import EVERY_DESK, Calendar, compile_calendar
from connector.core.holidays import known_region, official_until, regions

SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[3] / "shared"))
CASES = SHARED / "sla" / "cases.json"
HOUR = 3600
OFFICE = {"mon-fri": ["09:00-18:00"]}


def at(text: str, zone: str = "UTC") -> int:
    """The second of a wall clock's time in `zone`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def calendar(zone: str = "UTC", **told: object) -> Calendar:
    return Calendar(read_spec({"tz": zone, **told}))


def hours(zone: str, since: str, until: str, **told: object) -> float:
    """Open hours between two times of the wall clock."""
    return calendar(zone, **told).open_seconds(at(since, zone), at(until, zone)) / HOUR


# The specification, C1 to C5.


def test_a_date_of_its_own_replaces_the_weeks_spans():
    dates = {"2026-03-03": [], "2026-03-04": ["09:00-12:00"], "2026-03-07": ["10:00-16:00"]}
    week = {"week": OFFICE, "dates": dates}
    assert hours("Asia/Shanghai", "2026-03-02", "2026-03-03", **week) == 9
    assert hours("Asia/Shanghai", "2026-03-03", "2026-03-04", **week) == 0  # A holiday.
    assert hours("Asia/Shanghai", "2026-03-04", "2026-03-05", **week) == 3  # Half a day.
    assert hours("Asia/Shanghai", "2026-03-07", "2026-03-08", **week) == 6  # A Saturday that is worked.


def test_several_spans_a_day_leave_lunch_out():
    week = {"week": {"mon": ["09:00-12:00", "13:30-18:00"]}}
    assert hours("Asia/Shanghai", "2026-03-02", "2026-03-03", **week) == 7.5
    assert hours("Asia/Shanghai", "2026-03-02T11:00", "2026-03-02T14:00", **week) == 1.5


def test_a_night_belongs_to_the_date_on_which_it_begins():
    week = {"week": {"mon": ["22:00-06:00"]}, "dates": {"2026-03-10": []}}
    assert hours("Europe/Berlin", "2026-03-02", "2026-03-03", **week) == 2
    assert hours("Europe/Berlin", "2026-03-03", "2026-03-04", **week) == 6
    assert hours("Europe/Berlin", "2026-03-09", "2026-03-11", **week) == 8  # That Tuesday closes no Monday night.


@pytest.mark.parametrize("whole", [["00:00-24:00"], ["00:00-00:00"]])
def test_a_day_may_end_at_24_or_at_midnight(whole: list[str]):
    assert hours("UTC", "2026-03-02", "2026-03-03", week={"mon": whole}) == 24


NIGHT = {"week": {"mon-sun": ["22:00-06:00"]}}


@pytest.mark.parametrize(
    ("evening", "morning", "long"), [("03-28", "03-29", 7), ("10-24", "10-25", 9), ("06-01", "06-02", 8)]
)
def test_the_wall_clock_decides_how_long_a_night_is(evening: str, morning: str, long: int):
    assert hours("Europe/Berlin", f"2026-{evening}T12:00", f"2026-{morning}T12:00", **NIGHT) == long


def test_a_repeated_hour_counts_twice_and_a_skipped_one_not_at_all():
    two = {"week": {"sun": ["02:00-03:00"]}}
    assert hours("Europe/Berlin", "2026-10-25", "2026-10-26", **two) == 2
    assert hours("Europe/Berlin", "2026-03-29", "2026-03-30", **two) == 0


def test_the_latest_version_that_has_begun_decides():
    versions = [
        {"from": "2026-03-04", "week": {"mon-fri": ["09:00-13:00"]}},
        {"from": None, "week": OFFICE},
        {"from": "2026-03-05T10:00:00Z", "week": {"mon-fri": ["00:00-24:00"]}},
    ]
    assert hours("UTC", "2026-03-03", "2026-03-04", versions=versions) == 9
    assert hours("UTC", "2026-03-04", "2026-03-05", versions=versions) == 4
    assert hours("UTC", "2026-03-05", "2026-03-06", versions=versions) == 1 + 14


def test_before_the_first_version_nothing_is_open():
    assert hours("UTC", "2026-03-02", "2026-03-06", versions=[{"from": "2026-03-05", "week": OFFICE}]) == 9


def test_a_goal_used_up_at_closing_time_is_due_at_closing_time():
    office = calendar(week=OFFICE)
    assert office.add(at("2026-03-02T10:00"), 8 * HOUR) == at("2026-03-02T18:00")
    assert office.add(at("2026-03-02T10:00"), 8 * HOUR + 1) == at("2026-03-03T09:00") + 1


def test_adding_nothing_stays_where_it_is_even_when_closed():
    assert calendar(week=OFFICE).add(at("2026-03-01T03:00"), 0) == at("2026-03-01T03:00")


def test_what_is_never_reached_is_none():
    once = calendar(week={}, dates={"2026-03-02": ["09:00-10:00"]})
    assert once.add(at("2026-03-01"), HOUR) == at("2026-03-02T10:00")
    assert once.add(at("2026-03-01"), HOUR + 1) is None
    assert once.add(at("2027-03-01"), 1) is None


def test_years_laid_out_for_others_make_no_goal_reachable():
    sparse = read_spec({"tz": "UTC", "week": {"mon": ["09:00-09:01"]}})
    asked = Calendar(sparse)
    asked.lay_out(2026, 2120)
    for seconds in (60 * 52 * 49, 60 * 52 * 52, 60 * 52 * 80):
        assert Calendar(sparse).add(at("2026-01-01"), seconds) == asked.add(at("2026-01-01"), seconds)


# Holidays.


def test_a_holiday_is_closed_and_a_make_up_day_has_the_hours_of_a_weekday():
    office = {"week": OFFICE, "holidays": "CN"}
    assert hours("Asia/Shanghai", "2026-10-01", "2026-10-08", **office) == 0
    assert hours("Asia/Shanghai", "2026-10-10", "2026-10-11", **office) == 9  # A Saturday.
    assert hours("Asia/Shanghai", "2026-10-17", "2026-10-18", **office) == 0


def test_a_date_of_its_own_wins_over_a_holiday():
    office = {"week": OFFICE, "holidays": ["CN"], "dates": {"2026-10-01": ["10:00-12:00"], "2026-10-10": []}}
    assert hours("Asia/Shanghai", "2026-10-01", "2026-10-02", **office) == 2
    assert hours("Asia/Shanghai", "2026-10-10", "2026-10-11", **office) == 0


def test_a_part_of_a_country_has_holidays_of_its_own():
    epiphany = ("Europe/Berlin", "2026-01-06", "2026-01-07")
    assert hours(*epiphany, week=OFFICE, holidays="DE-BY") == 0
    assert hours(*epiphany, week=OFFICE, holidays="DE") == 9


@pytest.mark.skipif(not CASES.exists(), reason=f"{CASES} is not there")
def test_the_official_chinese_year_is_that_of_the_worked_cases():
    told = json.loads(CASES.read_text(encoding="utf-8"))["calendars"]["cn-office"]
    ours = compile_calendar({"tz": told["tz"], "week": told["week"], "holidays": "CN"}, 2026, 2026)
    theirs = compile_calendar(told, 2026, 2026)
    year = at("2026-01-01", told["tz"]), at("2027-01-01", told["tz"])
    assert told["dates"]
    assert ours.open_spans(*year) == theirs.open_spans(*year)


def test_only_where_a_notice_moves_days_a_last_official_year_is_known():
    assert official_until("CN") >= 2026
    assert official_until("DE-BY") is None
    assert known_region("DE-BY")
    assert not known_region("DE-XX")
    assert not known_region("XX")
    assert {"CN", "DE"} <= set(regions())
    assert "DE-BY" in regions("DE")


def test_years_that_nobody_has_holidays_for_have_none():
    assert hours("Asia/Shanghai", "2150-10-01", "2150-10-02", week=OFFICE, holidays="CN") == 9


# Closed by events.


def test_what_events_close_is_taken_out_unless_a_date_of_its_own_stands_there():
    closed = Closed(
        frozenset({date(2026, 3, 3), date(2026, 3, 4), date(2026, 10, 10)}),
        ((at("2026-03-02T13:00"), at("2026-03-02T15:00")), (at("2026-03-04T10:00"), at("2026-03-04T11:00"))),
    )
    office = calendar(week=OFFICE, dates={"2026-03-04": ["09:00-12:00"]}, closed=closed, holidays="CN")
    assert office.open_spans(at("2026-03-02"), at("2026-03-05")) == (
        (at("2026-03-02T09:00"), at("2026-03-02T13:00")),
        (at("2026-03-02T15:00"), at("2026-03-02T18:00")),
        (at("2026-03-04T09:00"), at("2026-03-04T12:00")),
    )
    assert not office.is_open(at("2026-10-10T10:00"))  # A make-up day, and yet closed.


# Questions.


def test_it_turns_when_it_opens_and_when_it_closes():
    office = calendar("Asia/Shanghai", week=OFFICE)
    friday = at("2026-03-06T12:00", "Asia/Shanghai")
    closes = office.turns_after(friday)
    assert closes == at("2026-03-06T18:00", "Asia/Shanghai")
    assert office.turns_after(closes) == at("2026-03-09T09:00", "Asia/Shanghai")
    assert office.turns_after(closes - 1) == closes


def test_what_is_always_open_never_turns_and_what_lasts_over_new_year_turns_later():
    assert EVERY_DESK["24x7"].turns_after(at("2026-03-02")) is None
    party = calendar(week={}, dates={"2026-12-31": ["20:00-24:00"], "2027-01-01": ["00:00-04:00"]})
    assert party.turns_after(at("2026-12-31T21:00")) == at("2027-01-01T04:00")
    assert party.turns_after(at("2027-01-01T04:00")) is None


def test_a_calendar_travels_as_its_spec_however_much_was_asked():
    office = calendar("Asia/Shanghai", week=OFFICE, dates={"2026-03-03": []}, holidays="CN")
    fresh = pickle.dumps(office)
    office.open_seconds(at("2026-01-01"), at("2030-01-01"))
    assert pickle.dumps(office) == fresh
    there = pickle.loads(fresh)
    assert there == office
    assert there.open_seconds(at("2026-01-01"), at("2026-04-01")) == office.open_seconds(
        at("2026-01-01"), at("2026-04-01")
    )
    assert len({there, office, calendar(week=OFFICE)}) == 2


MISTAKES = [
    ({"tz": "Asia/Shangai", "week": {}}, "`Asia/Shangai` is no time zone"),
    ({"week": {}}, "`None` is no time zone"),
    ("never", "`never` is no calendar"),
    ({"tz": "UTC", "week": {"mon": ["25:00-26:00"]}}, "`25:00-26:00` is no span"),
    ({"tz": "UTC", "week": {"mon": ["24:00-24:00"]}}, "`24:00-24:00` is no span"),
    ({"tz": "UTC", "week": {"mon": "09:00-17:00"}}, "is no list of spans"),
    (
        {"tz": "UTC", "week": {"mon": ["09:00-12:00", "11:00-13:00"]}},
        "09:00-12:00 overlaps with the span that starts at 11:00",
    ),
    ({"tz": "UTC", "week": {"mno": []}}, "`mno` is no day"),
    ({"tz": "UTC", "week": {}, "dates": {"2026-02-30": []}}, "day is out of range"),
    ({"tz": "UTC", "week": {}, "holidays": "XX"}, "the holidays of `XX` are not known"),
    ({"tz": "UTC", "week": {}, "closed": "leave.ics"}, "`closed` wants what was read"),
    ({"tz": "UTC", "versions": [{"week": {}}, {"from": None, "week": {}}]}, "two versions begin"),
]


@pytest.mark.parametrize(("told", "sentence"), MISTAKES, ids=[sentence for _, sentence in MISTAKES])
def test_what_makes_no_sense_is_said(told: object, sentence: str):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        compile_calendar(told, 2026, 2026)


# Laws.

CLOCKS = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")


@st.composite
def day_spans(draw: st.DrawFn) -> list[str]:
    """Spans of a day that do not overlap; the last may go over midnight."""
    marks = sorted(draw(st.sets(st.sampled_from(range(48)), max_size=6)))
    spans = [f"{CLOCKS[a]}-{CLOCKS[b]}" for a, b in zip(marks[::2], marks[1::2], strict=False)]
    if marks and len(marks) % 2 and marks[-1] > 36:
        spans.append(f"{CLOCKS[marks[-1]]}-{CLOCKS[draw(st.integers(0, 20))]}")
    return spans


def weeks() -> st.SearchStrategy[dict[str, list[str]]]:
    return st.dictionaries(st.sampled_from(DAYS), day_spans())


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    days = st.dates(date(2025, 12, 20), date(2027, 1, 10)).map(date.isoformat)
    told = {
        "tz": draw(st.sampled_from(ZONES)),
        "dates": draw(st.dictionaries(days, day_spans(), max_size=6)),
        "holidays": draw(st.sampled_from(("CN", "DE", None))),
        "closed": draw(st.builds(_closed, st.lists(st.tuples(INSTANTS, st.integers(60, 200_000)), max_size=4))),
    }
    froms = st.lists(days, unique=True, max_size=2)
    versions = [{"from": since, "week": draw(weeks())} for since in (None, *draw(froms))]
    return Calendar(read_spec({**told, "versions": versions}))


INSTANTS = st.integers(at("2025-12-28"), at("2027-01-05"))


def _closed(times: list[tuple[int, int]]) -> Closed:
    found: list[tuple[int, int]] = []
    for start, long in sorted(times):
        if not found or start > found[-1][1]:
            found.append((start, start + long))
    return Closed(times=tuple(found))


@settings(max_examples=60, deadline=None)
@given(calendars(), st.lists(INSTANTS, min_size=3, max_size=3).map(sorted))
def test_time_adds_up(office: Calendar, marks: list[int]):
    a, b, c = marks
    assert office.open_seconds(a, b) + office.open_seconds(b, c) == office.open_seconds(a, c)
    assert sum(end - start for start, end in office.open_spans(a, c)) == office.open_seconds(a, c)


@settings(max_examples=60, deadline=None)
@given(calendars(), INSTANTS, st.integers(1, 400_000))
def test_what_is_added_is_open_time_and_the_instant_the_earliest(office: Calendar, a: int, seconds: int):
    t = office.add(a, seconds)
    if t is None:
        assert office.open_seconds(a, at("2060-01-01")) < seconds
    else:
        assert office.open_seconds(a, t) == seconds
        assert office.open_seconds(a, t - 1) == seconds - 1


@settings(max_examples=40, deadline=None)
@given(calendars(), INSTANTS, INSTANTS, st.integers(1, 400_000), st.integers(2020, 2026), st.integers(2026, 2033))
def test_the_years_laid_out_change_no_answer(office: Calendar, a: int, b: int, seconds: int, first: int, last: int):
    asked = compile_calendar(office.spec, first, last)
    assert asked.open_seconds(a, b) == office.open_seconds(a, b)
    assert asked.add(a, seconds) == Calendar(office.spec).add(a, seconds)
    asked.open_seconds(at("2010-01-01"), at("2040-01-01"))
    assert asked.open_seconds(a, b) == office.open_seconds(a, b)
    assert asked.open_spans(a, b) == office.open_spans(a, b)


@settings(max_examples=60, deadline=None)
@given(calendars(), INSTANTS)
def test_between_two_turns_nothing_changes(office: Calendar, a: int):
    turn = office.turns_after(a)
    if turn is None:
        assert office.open_seconds(a, at("2060-01-01")) in (0, at("2060-01-01") - a)
    else:
        assert office.open_seconds(a, turn) == (turn - a if office.is_open(a) else 0)
        assert office.is_open(turn) is not office.is_open(a)


@settings(max_examples=60, deadline=None)
@given(weeks(), st.sampled_from(ZONES), INSTANTS)
def test_an_instant_is_open_if_its_wall_time_lies_in_a_span(week: dict[str, list[str]], zone: str, t: int):
    wall = datetime.fromtimestamp(t, UTC).astimezone(ZoneInfo(zone))
    now = f"{wall:%H:%M}"
    inside = False
    for start, end in (span.split("-") for span in week.get(DAYS[wall.weekday()], [])):
        inside |= start <= now and (now < end or end <= start)
    for start, end in (span.split("-") for span in week.get(DAYS[wall.weekday() - 1], [])):
        inside |= end <= start and now < end
    assert calendar(zone, week=week).is_open(t) is inside
