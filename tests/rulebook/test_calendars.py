"""`_calendars.yaml`: what becomes of it, what is refused and what is warned about, with the place of each."""

from __future__ import annotations

import pickle
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.core.desk_file import read_desk
from connector.core.holidays import official_until
from connector.rulebook import Rules

from .samples import BOTH, HEAD, Catalog, book, problems, warnings, write

OFFICE = "{tz: Asia/Shanghai, week: {mon-fri: ['09:00-12:00', '13:30-18:00']}"
LEAVE = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260303
DTEND;VALUE=DATE:20260305
END:VEVENT
BEGIN:VEVENT
DTSTART:20260302T150000
DTEND:20260302T160000
END:VEVENT
END:VCALENDAR
"""


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())


def hours(rules, name: str, since: str, until: str) -> float:
    return rules.desk.calendars[name].open_seconds(at(since), at(until)) / 3600


def refused(folder: Path, text: str) -> list[str]:
    return [line.removeprefix("_calendars.yaml:") for line in problems(folder, _calendars=text)]


def test_a_calendar_of_the_file_tells_open_time(tmp_path):
    rules = book(tmp_path, _calendars=f"cn: {OFFICE}, dates: {{2026-03-03: []}}}}\n")
    assert hours(rules, "cn", "2026-03-02", "2026-03-04") == 7.5
    assert rules.desk.calendars["24x7"].open_seconds(0, 3600) == 3600


def test_24x7_is_there_without_a_file_and_may_be_named_in_one(tmp_path):
    assert set(book(tmp_path).desk.calendars) == {"24x7"}
    assert set(book(tmp_path, _calendars="24x7: always\n").desk.calendars) == {"24x7"}


def test_days_may_be_a_list_and_what_stands_beside_versions_holds_in_each(tmp_path):
    text = "c: {tz: Asia/Shanghai, dates: {2026-03-04: []}, versions: [{week: {'mon,wed': ['09:00-10:00']}}]}\n"
    assert hours(book(tmp_path, _calendars=text), "c", "2026-03-02", "2026-03-12") == 3


def test_the_desk_travels_and_a_desk_file_keeps_its_calendars(tmp_path):
    desk = book(tmp_path, _calendars=f"cn: {OFFICE}}}\n").desk
    assert pickle.loads(pickle.dumps(desk)) == desk
    assert read_desk({"teams": ["x"]}, desk).calendars is desk.calendars


MISTAKES = [
    ("c: {tz: Asia/Shangai, week: {mon: ['09:00-10:00']}}\n", "1:9 unknown time zone `Asia/Shangai` (did you mean"),
    (
        "c: {tz: UTC, week: {mon: ['25:00-26:00']}}\n",
        "1:27 `25:00-26:00` is no span of a day: write it like `09:00-17:30`",
    ),
    ("c: {tz: UTC, week: {mon: 17:00}}\n", "1:26 a bare `17:00` is a number to the base of sixty"),
    ("c: {tz: UTC, week: {}}\n", "1:1 `c` never opens: write spans, like `mon-fri: ['09:00-17:00']`"),
    ("c: {tz: UTC, week: {mon: []}, dates: {2026-03-03: []}}\n", "1:1 `c` never opens"),
    (
        "c: {tz: UTC, holidays: cn, week: {mon: ['09:00-10:00']}}\n",
        "1:24 unknown holiday region `cn` (did you mean `CN`?)",
    ),
    (
        "c: {tz: UTC, holidays: Mittelerde, week: {mon: ['09:00-10:00']}}\n",
        "1:24 unknown holiday region `Mittelerde`: write a country",
    ),
    (
        "c: {tz: UTC, holidays: DE-BYE, week: {mon: ['09:00-10:00']}}\n",
        "1:24 `DE` has no part `DE-BYE` (did you mean",
    ),
    (
        "c: {tz: UTC, versions: [{week: {mon: ['09:00-10:00']}},\n  {from: null, week: {mon: ['09:00-10:00']}}]}\n",
        "2:10 the version on line 1 begins at the beginning of time too: keep one of the two",
    ),
    (
        "c:\n  tz: UTC\n  versions:\n  - {from: 2026-07-01, week: {mon: ['09:00-10:00']}}\n"
        "  - {from: 2026-07-01, week: {tue: ['09:00-10:00']}}\n",
        "5:12 the version on line 4 begins on `2026-07-01` too: keep one of the two",
    ),
    ("24x7: {tz: UTC, week: {mon: ['09:00-10:00']}}\n", "1:7 `24x7` is `always`: give this calendar another name"),
    (
        "c: {tz: UTC, closed: leaf.ics, week: {mon: ['09:00-10:00']}}\n",
        "1:22 the rules folder has no file `leaf.ics`",
    ),
    (
        "c: {tz: UTC, closed: [../leave.ics], week: {mon: ['09:00-10:00']}}\n",
        "1:23 `../leave.ics` is no file of the rules folder: put it there and write its name, like `leave.ics`",
    ),
    (
        "c: {tz: UTC, closed: 'https://x.example/leave.ics', week: {mon: ['09:00-10:00']}}\n",
        "1:22 `https://x.example/leave.ics` is no file of the rules folder",
    ),
    ("c: {tz: UTC, closed: leave.txt, week: {mon: ['09:00-10:00']}}\n", "1:22 `leave.txt` is no `.ics` file"),
    ("- c\n", "1:1 a map is wanted here, not a list"),
]


@pytest.mark.parametrize(("text", "expected"), MISTAKES, ids=[expected for _, expected in MISTAKES])
def test_a_mistake_is_one_line_at_its_place(tmp_path, text, expected):
    found = refused(tmp_path, text)
    assert found[0].startswith(expected)
    # A bare time is also no list of spans.
    assert len(found) == (2 if "17:00}" in text else 1)


def test_who_names_a_calendar_with_mistakes_is_not_called_wrong_too(tmp_path):
    team = HEAD + "routing:\n  - {id: a, team: helpers, when: {open: cn}}\n  - {id: b, team: helpers}\n"
    names = "team: {helpers: {}}\n"
    assert len(problems(tmp_path, _calendars="cn: {tz: UTC}\n", _names=names, team=team)) == 1
    assert len(problems(tmp_path, _calendars="cn: [\n", _names=names, team=team)) == 1


WARNINGS = [
    (
        "c: {tz: UTC, holidays: CN, week: {mon: ['09:00-10:00']}}\n",
        f"_calendars.yaml:1:24 the holidays of `CN` are official up to {official_until('CN')}; later years",
    ),
    (
        "c: {tz: UTC, week: {mon-fri: ['22:00-06:00'], sat: ['05:00-12:00']}}\n",
        "_calendars.yaml:1:31 `22:00-06:00` runs into `05:00-12:00` of the day after: what overlaps counts once",
    ),
]


@pytest.mark.parametrize(("text", "expected"), WARNINGS, ids=[expected for _, expected in WARNINGS])
def test_what_may_surprise_is_a_warning(tmp_path, text, expected):
    (line,) = warnings(tmp_path, _calendars=text)
    assert line.startswith(expected)


@pytest.mark.parametrize(
    "told", ["holidays: DE", "holidays: [DE-BY, FR]", "week: {sun: ['22:00-24:00'], mon: ['00:00-06:00']}"]
)
def test_what_is_certain_is_no_warning(tmp_path, told):
    week = "" if "week" in told else ", week: {mon: ['09:00-10:00']}"
    assert warnings(tmp_path, _calendars=f"c: {{tz: UTC, {told}{week}}}\n") == []


# Conditions.


def test_a_rule_asks_the_calendars_of_the_file(tmp_path):
    team = (
        HEAD + "routing:\n  - {id: a, team: helpers, when: {created: {open: cn-ofice}}}\n  - {id: b, team: helpers}\n"
    )
    files = {"_calendars": f"cn-office: {OFFICE}}}\n", "_names": "team: {helpers: {}}\n"}
    assert problems(tmp_path, team=team, **files) == [
        "team.yaml:4:51 unknown calendar `cn-ofice` (did you mean `cn-office`?)"
    ]
    fine = book(tmp_path, team=team.replace("ofice", "office"), **files)
    assert fine.files[0].sections["routing"][0]["when"].fields == {"created"}


# Files of events.

CLOSED = f"cn: {OFFICE}, closed: leave.ics}}\n"


def test_events_close_days_and_times(tmp_path):
    (tmp_path / "leave.ics").write_text(LEAVE, encoding="utf-8")
    rules = book(tmp_path, _calendars=CLOSED)
    assert hours(rules, "cn", "2026-03-02", "2026-03-03") == 6.5
    assert hours(rules, "cn", "2026-03-03", "2026-03-06") == 7.5


def test_a_date_of_its_own_wins_over_the_events_and_they_win_over_make_up_days(tmp_path):
    (tmp_path / "leave.ics").write_text(LEAVE.replace("20260305", "20260304"), encoding="utf-8")
    (tmp_path / "oct.ics").write_text(
        LEAVE.replace("20260303", "20261010").replace("20260305", "20261011"), encoding="utf-8"
    )
    text = f"cn: {OFFICE}, closed: [leave.ics, oct.ics], holidays: CN, dates: {{2026-03-03: ['09:00-10:00']}}}}\n"
    rules = book(tmp_path, _calendars=text)
    assert hours(rules, "cn", "2026-03-03", "2026-03-04") == 1
    assert hours(rules, "cn", "2026-10-10", "2026-10-11") == 0


def test_a_version_may_have_events_of_its_own(tmp_path):
    (tmp_path / "leave.ics").write_text(LEAVE, encoding="utf-8")
    week = "week: {mon-fri: ['09:00-10:00']}"
    text = f"cn: {{tz: Asia/Shanghai, versions: [{{{week}}}, {{from: 2026-03-04, {week}, closed: leave.ics}}]}}\n"
    assert hours(book(tmp_path, _calendars=text), "cn", "2026-03-03", "2026-03-06") == 2


def test_a_broken_file_of_events_is_a_problem_that_names_it(tmp_path):
    (tmp_path / "leave.ics").write_text("BEGIN:VCALENDAR\n", encoding="utf-8")
    (line,) = problems(tmp_path, _calendars=CLOSED)
    assert line.startswith("leave.ics:1:1 it is no iCalendar file")


def test_a_file_of_events_may_have_one_megabyte(tmp_path):
    (tmp_path / "leave.ics").write_bytes(b" " * (1024 * 1024 + 1))
    assert "leave.ics:1:1 the file is larger than 1 MB: split it" in problems(tmp_path, _calendars=CLOSED)


def test_an_edited_file_of_events_takes_effect_and_makes_other_rules(tmp_path):
    (tmp_path / "leave.ics").write_text(LEAVE, encoding="utf-8")
    rules = Rules(write(tmp_path, _calendars=CLOSED), Catalog(), env={}, defaults=BOTH)
    before = rules.current
    assert not rules.refresh()
    (tmp_path / "leave.ics").write_text(LEAVE.replace("20260305", "20260304"), encoding="utf-8")
    assert rules.refresh()
    assert rules.current.digest != before.digest
    assert hours(rules.current, "cn", "2026-03-03", "2026-03-05") == 7.5
    (tmp_path / "leave.ics").write_text("oh", encoding="utf-8")
    assert rules.refresh()
    assert rules.problems
    assert hours(rules.current, "cn", "2026-03-03", "2026-03-05") == 7.5
