"""docs/calendars.md: its calendars load and tell what the page says, and what is refused is refused as printed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from connector.core.calendar_file import AHEAD, FOLLOWED
from connector.core.holidays import official_until
from connector.errors import RulesError
from connector.rulebook import Rulebook
from connector.rulebook import calendars as shapes

from .pages import ROOT, Block, blocks, quoted, rows, text_of
from .test_examples import load_folder

PAGE = "docs/calendars.md"
NAMES = "team: {frontline: {jira: component Frontline}, security: {jira: label security}}\n"


def of_kind(kind: str, start: str = "") -> list[Block]:
    return [block for block in blocks(ROOT / PAGE) if block.kind == kind and block.text.startswith(start)]


PRINTED = of_kind("text", "rules/")


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rulebook:
    monkeypatch.chdir(tmp_path)
    Path("rules").mkdir()
    (good,) = of_kind("yaml", "# rules/_calendars.yaml\n")
    (rules,) = of_kind("yaml", "# in rules/support.yaml\n")
    (events,) = of_kind("text", "BEGIN:VCALENDAR\n")
    team = f"applies_to: {{jira: [SUP]}}\nplugins: [routing]\n{rules.text}"
    files = {"_calendars.yaml": good.text, "leave.ics": events.text, "_names.yaml": NAMES, "support.yaml": team}
    return load_folder(Path("rules"), files)


OPEN = [
    ("cn-office", "2026-12-24", "2026-12-25", 7.5),
    ("cn-office", "2026-12-25", "2026-12-26", 0),
    ("cn-office", "2026-12-31", "2027-01-01", 3),
    ("cn-office", "2026-10-10", "2026-10-11", 7.5),  # A Saturday that is worked instead.
    ("cn-office", "2026-05-14", "2026-05-16", 0),  # The outing.
    ("cn-office", "2026-06-01", "2026-06-02", 6.5),  # The meeting.
    ("de-office", "2026-06-30", "2026-07-02", 8 + 10),
    ("de-office", "2026-07-04", "2026-07-05", 4),
    ("night-desk", "2026-03-06T12:00", "2026-03-08", 8),
]


@pytest.mark.parametrize(("name", "since", "until", "hours"), OPEN, ids=str)
def test_the_calendars_of_the_page_have_these_hours(book: Rulebook, name: str, since: str, until: str, hours: float):
    calendar = book.desk.calendars[name]
    a, b = (int(datetime.fromisoformat(day).replace(tzinfo=calendar.spec.zone).timestamp()) for day in (since, until))
    assert calendar.open_seconds(a, b) / 3600 == hours


def test_the_rules_of_the_page_ask_them(book: Rulebook):
    rules = book.files[0].sections["routing"]
    assert [rule["when"].fields for rule in rules] == [{"open"}, {"created"}, frozenset()]


def test_the_only_warning_is_the_printed_one(book: Rulebook):
    (warning,) = book.warnings
    assert str(warning) == PRINTED[0].text.strip().replace("2026", str(official_until("CN")))


def test_the_mistakes_are_refused_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("rules").mkdir()
    (bad,) = of_kind("yaml", "# rules/_calendars.yaml (refused)\n")
    with pytest.raises(RulesError) as refusal:
        load_folder(Path("rules"), {"_calendars.yaml": bad.text})
    assert [str(problem) for problem in refusal.value.problems] == PRINTED[1].text.strip().splitlines()


def test_every_key_of_a_calendar_is_explained():
    shown = {name for cells in rows(text_of(PAGE)) for name in quoted(cells[0])}
    assert shown == set(shapes.CALENDAR.keys)


def test_how_far_repetitions_are_followed_is_told():
    assert AHEAD == 10
    assert f"ten years after the last event begins, and at least until {FOLLOWED}" in text_of(PAGE)
