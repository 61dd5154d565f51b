"""Warns of a team that people are chosen from, and that is empty at hours of a working day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from ..core.assigning import assigns, routes
from ..core.calendar_spec import DAYS, Interval, Spec, Version, shown
from ..core.calendar_years import joined, left_of
from ..core.calendars import Calendar
from ..core.presence import day_start
from ..desk import Agent
from .book import RuleFile
from .people import People
from .report import Report

MONDAY = date(2026, 3, 2)
"""Of some week in which few clocks change: hours of the week are the same in all."""
WEEKDAYS = 5


def warn_of_empty_hours(files: Iterable[RuleFile], people: People, report: Report) -> None:
    """One warning for each team with such hours; only where rules choose among its people."""
    teams = {rule.get("team") for file in files for rule in _choosing(file)}
    for team, spot in people.spots.items():
        members = [person for id_, person in sorted(people.people.items()) if team in person.teams]
        if team in teams and (hours := empty_hours(members)):
            report.warn(spot, f"nobody of the team `{team}` works {hours} ({members[0].tz.key}): its tickets wait")


def _choosing(file: RuleFile) -> Iterable[Mapping[str, str]]:
    section = file.sections.get("routing")
    return routes(section) if assigns(section) else ()


def empty_hours(members: list[Agent]) -> str:
    """Hours from Monday to Friday in which nobody works, by the week of their calendars: `mon-fri 18:00-24:00`.

    They are told in the zone of the first. Somebody without a calendar is always there, and a rota differs from
    week to week: with either nothing is told.
    """
    calendars = [each.presence.hours for each in members if each.presence.hours and each.presence.shifts is None]
    if not members or len(calendars) < len(members):
        return ""
    zone = members[0].tz
    plain = [Calendar(Spec(each.spec.zone, (Version(week=each.spec.versions[-1].week),))) for each in calendars]
    gaps = [(DAYS[number], _gaps(plain, zone, number)) for number in range(WEEKDAYS)]
    runs = ((found, [day for day, _ in run]) for found, run in groupby(gaps, key=lambda gap: gap[1]) if found)
    return "; ".join(f"{days[0] if len(days) == 1 else f'{days[0]}-{days[-1]}'} {found}" for found, days in runs)


def _gaps(calendars: list[Calendar], zone: ZoneInfo, day: int) -> str:
    start, end = (day_start(MONDAY + timedelta(day), zone, after) for after in (0, 1))
    worked: list[Interval] = joined(span for each in calendars for span in each.open_spans(start, end))
    return ", ".join(shown((a - start, b - start)) for a, b in left_of(start, end, tuple(worked)))
