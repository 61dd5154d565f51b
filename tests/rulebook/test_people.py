"""People of `_people.yaml`: what they can do, in which hours, and when they are away; what is refused."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.core.instants import seconds_of
from connector.desk import Agent

from .samples import book, problems

CALENDARS = 'office: {tz: Europe/Berlin, week: {mon-fri: ["09:00-17:00"]}}\n'
LEAVE = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
UID:trip
DTSTART;VALUE=DATE:20260302
DTEND;VALUE=DATE:20260304
END:VEVENT
BEGIN:VEVENT
UID:dentist
DTSTART:20260305T100000
DTEND:20260305T120000
END:VEVENT
END:VCALENDAR
"""


def ann(folder: Path, told: str) -> Agent:
    """The person that the map `told` describes."""
    folder.mkdir(exist_ok=True)
    (folder / "leave.ics").write_text(LEAVE, encoding="utf-8")
    return book(folder, _people=f"people:\n  ann: {{{told}}}\n", _calendars=CALENDARS).desk.people["ann"]


def day(text: str) -> int:
    """That day's first second in Berlin, in winter."""
    return seconds_of(f"2026-{text}T00:00:00+01:00")


def test_nothing_told_is_somebody_always_there_for_anything(tmp_path):
    person = ann(tmp_path, "teams: [x]")

    assert (person.skills, person.languages, person.channels, person.capacity) == ({}, frozenset(), frozenset(), 10)
    assert (person.since, person.tz, person.presence.is_present(0)) == (None, ZoneInfo("UTC"), True)


@pytest.mark.parametrize(
    ("told", "skills"),
    [
        ("skills: {db: 3, net: 1.5}", {"db": 3, "net": 1.5}),
        ("skills: [db, net]", {"db": 1, "net": 1}),
        ("skills: db", {"db": 1}),
    ],
)
def test_a_skill_that_is_only_named_has_level_1(tmp_path, told, skills):
    assert ann(tmp_path, told).skills == skills


def test_words_and_numbers_are_read(tmp_path):
    person = ann(tmp_path, "languages: [zh, en], channels: mail, capacity: 4.5")

    assert (person.languages, person.channels, person.capacity) == ({"zh", "en"}, {"mail"}, 4.5)


def test_a_persons_days_begin_in_their_zone_else_in_that_of_their_calendar(tmp_path):
    assert ann(tmp_path / "a", "since: 2026-03-01, tz: Asia/Shanghai, calendar: office").since == seconds_of(
        "2026-03-01T00:00:00+08:00"
    )
    assert ann(tmp_path / "b", "since: 2026-03-01, calendar: office").since == day("03-01")
    assert ann(tmp_path / "c", "since: 2026-03-01").since == seconds_of("2026-03-01T00:00:00Z")


def test_somebody_is_away_until_the_end_of_the_last_day(tmp_path):
    person = ann(tmp_path, "calendar: office, away: [{from: 2026-03-02, until: 2026-03-03}]")

    assert person.presence.leave == ((day("03-02"), day("03-04")),)


def test_a_night_in_which_clocks_change_is_a_day_all_the_same(tmp_path):
    person = ann(tmp_path, "tz: Europe/Berlin, away: [{from: 2026-03-29, until: 2026-03-29}]")
    ((start, end),) = person.presence.leave

    assert end - start == 23 * 3600


def test_absences_that_touch_are_one(tmp_path):
    away = "{from: 2026-03-04, until: 2026-03-04}, {from: 2026-03-02, until: 2026-03-03}"
    person = ann(tmp_path, f"calendar: office, away: [{away}]")

    assert person.presence.leave == ((day("03-02"), day("03-05")),)


def test_absences_at_the_ends_of_time_are_read(tmp_path):
    person = ann(tmp_path, "tz: Asia/Shanghai, away: [{from: 0001-01-01, until: 9999-12-31}]")

    assert person.presence.on_leave_until(day("03-02")) is not None


def test_a_file_of_leave_lies_beside_the_rules(tmp_path):
    person = ann(tmp_path, "calendar: office, ics: [leave.ics], away: [{from: 2026-03-04, until: 2026-03-04}]")

    assert person.presence.leave == (
        (day("03-02"), day("03-05")),
        (day("03-05") + 10 * 3600, day("03-05") + 12 * 3600),
    )


def test_a_rota_takes_the_place_of_the_hours(tmp_path):
    presence = ann(tmp_path, "calendar: office, rota: leave.ics").presence

    assert presence.is_present(day("03-05") + 11 * 3600)
    assert not presence.is_present(day("03-05") + 13 * 3600)


MISTAKES = [
    ("calendar: offic", "2:19 `_calendars.yaml` has no calendar `offic` (did you mean `office`?)"),
    ("calendar: night", "2:19 `_calendars.yaml` has no calendar `night`: define it there, or write `24x7`"),
    ("skills: {db: -1}", "2:22 `-1` is out of range: at least 0"),
    ("skills: {db: expert}", "2:22 a number is wanted here, not the text `expert`"),
    ("skills: [3]", "2:18 here stands the number `3`, but a text is wanted: put it in quotes"),
    ("capacity: -0.5", "2:19 `-0.5` is out of range: at least 0"),
    ("ics: [leve.ics]", "2:15 the rules folder has no file `leve.ics` (did you mean `leave.ics`?)"),
    ("rota: leave.csv", "2:15 `leave.csv` is no `.ics` file"),
]


@pytest.mark.parametrize(("told", "expected"), MISTAKES, ids=[told for told, _ in MISTAKES])
def test_a_mistake_about_a_person_is_one_line(tmp_path, told, expected):
    (tmp_path / "leave.ics").write_text(LEAVE, encoding="utf-8")
    (line,) = problems(tmp_path, _people=f"people:\n  ann: {{{told}}}\n", _calendars=CALENDARS)

    assert line.startswith(f"_people.yaml:{expected}")


def test_a_file_of_leave_that_cannot_be_read_is_named_along_with_all_else(tmp_path):
    (tmp_path / "leave.ics").write_text("Gone fishing", encoding="utf-8")
    lines = problems(tmp_path, _people="people:\n  ann: {ics: leave.ics, capacity: -1}\n")

    assert [line.partition(" ")[0] for line in lines] == ["_people.yaml:2:35", "leave.ics:1:1"]


def test_calendars_that_cannot_be_read_make_nobodys_calendar_unknown(tmp_path):
    (line,) = problems(tmp_path, _people="people:\n  ann: {calendar: office}\n", _calendars="office: [\n")

    assert line.startswith("_calendars.yaml:")
