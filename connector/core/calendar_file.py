"""An `.ics` file of closed days: its events, repeated as they say, as dates and times at which nothing is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from .calendar_spec import Closed
from .calendar_years import EARLIEST, LATEST, joined
from .instants import whole_second

AHEAD = 10
"""So many years after the last event begins, repetitions are followed; at least until `FOLLOWED`."""
FOLLOWED = 2050
MOST_CLOSURES = 20_000
MOST_REPEATING = 500
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
"""What repeats by the hour is no closed day; and a year of it would be read for minutes."""
_OF_THE_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_TIMES = ("DTSTART", "DTEND", "RECURRENCE-ID")


@lru_cache(maxsize=16)
def closed_in(text: str, zone: ZoneInfo) -> Closed:
    """What the events of `text` close; times without a zone of their own are those of `zone`.

    Whole-day events close dates, others the time they take; cancelled ones nothing.
    Raise `ValueError` with a sentence for what cannot be read.
    """
    days: set[date] = set()
    times: list[tuple[int, int]] = []
    for event in _occurrences(_calendars(text)):
        start, end = event.start, event.end
        if isinstance(start, datetime) and isinstance(end, datetime):
            a, b = (whole_second(at if at.tzinfo else at.replace(tzinfo=zone)) for at in (start, end))
            if a < b:
                times.append((a, b))
        else:
            days |= {start + timedelta(number) for number in range((end - start).days)}
        if len(days) + len(times) > MOST_CLOSURES:
            raise ValueError(f"it closes more than {MOST_CLOSURES} times: give repeating events an end")
    return Closed(frozenset(days), tuple(joined(times)))


def _calendars(text: str) -> list[Any]:
    try:
        found = icalendar.Calendar.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no iCalendar file: {_first_line(error)}") from None
    calendars = [each for each in found if isinstance(each, icalendar.Calendar)]
    if not calendars:
        raise ValueError("it is no iCalendar file: no `BEGIN:VCALENDAR` is closed by `END:VCALENDAR`")
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    for event in events:
        _check(event)
    if sum("RRULE" in event for event in events) > MOST_REPEATING:
        raise ValueError(f"more than {MOST_REPEATING} events repeat: is this a file of closed days?")
    return calendars


def _check(event: Any) -> None:
    """Raise `ValueError` for an event that could only be guessed at."""
    if event.errors:
        name, said = event.errors[0]
        raise ValueError(f"an event{_at(event)} has a bad {f'`{name}`' if name else 'line'}: {said}")
    if "DTSTART" not in event:
        raise ValueError(f"an event{_at(event)} lacks its beginning, `DTSTART`")
    for name in _TIMES:
        told = event.get(name)
        if isinstance(told, list):
            raise ValueError(f"an event has more than one `{name}`")
        told_zone = told.params.get("TZID") if told is not None else None
        if told_zone and isinstance(told.dt, datetime) and told.dt.tzinfo is None:
            raise ValueError(f"an event{_at(event)} is in the unknown time zone `{told_zone}`")
    start, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    if end is not None and isinstance(start, datetime) is not isinstance(end, datetime):
        raise ValueError(f"an event{_at(event)} has a day at one end and a time of day at the other")
    if end is not None and _ends_before(start, end):
        raise ValueError(f"an event{_at(event)} ends before it begins")
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        often = str(next(iter(rule.get("FREQ", ())), ""))
        if often not in FREQUENCIES or any(len(rule.get(name, ())) > 1 for name in _OF_THE_DAY):
            raise ValueError(f"an event{_at(event)} repeats more than once a day, or nobody knows how often")


def _ends_before(start: date, end: date) -> bool:
    try:
        return end < start
    except TypeError:  # One of them has a zone, the other has not.
        return False


def _at(event: Any) -> str:
    start = event.get("DTSTART")
    return f" of {start.to_ical().decode()}" if isinstance(start, icalendar.vDDDTypes) else ""


def _occurrences(calendars: list[Any]) -> Iterator[Any]:
    """Every event as often as it takes place; cancelled ones not at all."""
    for calendar in calendars:
        years = [event["DTSTART"].dt.year for event in calendar.walk("VEVENT")]
        if not years:
            continue
        last = min(max(*years, FOLLOWED - AHEAD) + AHEAD, LATEST)
        try:
            query = recurring_ical_events.of(calendar)
            for year in range(max(min(years), EARLIEST), last + 1):
                # An event that goes over the turn of the year is found twice, and closes the same time twice.
                for event in query.between((year, 1, 1), (year + 1, 1, 1)):
                    if str(event.get("STATUS", "")).upper() != "CANCELLED":
                        yield event
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"its repetitions cannot be read: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
