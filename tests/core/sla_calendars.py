"""Calendars that random histories run on: every shape the specification names, around the clock changes of 2026."""

from __future__ import annotations

from typing import Any

from .sla_minutes import DAYS

WORKDAYS = DAYS[:5]
WHOLE = [["00:00", "24:00"]]
LUNCH = [["09:00", "12:30"], ["13:15", "18:00"]]
OFFICE = [["09:00", "18:00"]]
NIGHT = [["22:00", "06:00"]]


def week(days: tuple[str, ...], *spans: list[str]) -> dict[str, list[list[str]]]:
    """The same spans on each of `days`."""
    return {day: list(spans) for day in days}


ALWAYS = week(DAYS, *WHOLE)
BERLIN = week(WORKDAYS, *LUNCH)
CALENDARS: dict[str, dict[str, Any]] = {
    "always": {"tz": "UTC", "week": ALWAYS},
    "always, too": {"tz": "UTC", "week": week(DAYS, ["00:00", "00:00"])},
    "office": {
        "tz": "Europe/Berlin",
        "week": BERLIN,
        "dates": {"2026-03-17": [], "2026-03-25": [["09:00", "12:00"]], "2026-03-28": OFFICE, "2026-11-01": []},
    },
    "nights": {"tz": "Europe/Berlin", "week": week(DAYS, *NIGHT)},
    "nights with gaps": {
        "tz": "Europe/Berlin",
        "week": week(("mon", "wed", "fri", "sat"), *NIGHT),
        "dates": {"2026-03-28": [], "2026-03-29": [["20:00", "02:30"]], "2026-10-24": [["23:30", "02:30"]]},
    },
    "the hour that goes and comes": {"tz": "Europe/Berlin", "week": week(DAYS, ["02:00", "03:00"])},
    "wall": {"tz": "America/New_York", "week": ALWAYS},
    "american nights": {"tz": "America/New_York", "week": week(DAYS, ["20:00", "01:30"], ["02:15", "04:00"])},
    "shanghai": {
        "tz": "Asia/Shanghai",
        "week": week(WORKDAYS, *OFFICE),
        "dates": {
            **{f"2026-02-{day}": [] for day in (16, 17, 18, 19, 20, 23)},
            "2026-02-14": OFFICE,
            "2026-02-28": OFFICE,
            "2026-04-06": [],
        },
    },
    "delhi": {"tz": "Asia/Kolkata", "week": week((*WORKDAYS, "sat"), ["09:30", "17:45"])},
    "half an hour": {"tz": "Australia/Lord_Howe", "week": week(DAYS, ["01:15", "02:15"], ["08:00", "24:00"])},
    "nights that run into the day": {
        "tz": "America/New_York",
        "week": week(DAYS, ["12:00", "15:00"], ["15:00", "16:00"], ["22:00", "10:00"], ["09:00", "11:30"]),
    },
    "changed": {
        "tz": "Europe/Berlin",
        "versions": [
            {"from": None, "week": BERLIN},
            {"from": "2026-03-18T10:37:00Z", "week": ALWAYS},
            {"from": "2026-03-29T03:00:00Z", "week": week(DAYS, *NIGHT), "dates": {"2026-03-31": LUNCH}},
            {"from": "2026-10-25T00:30:00Z", "week": week(DAYS, ["01:00", "05:00"])},
            {"from": "2026-10-28T23:00:00Z", "week": BERLIN, "dates": {"2026-10-30": []}},
        ],
    },
    "changed by date": {
        "tz": "America/New_York",
        "versions": [
            {"from": "2026-03-09", "week": week(DAYS, ["21:00", "05:00"])},
            {"from": None, "week": week(WORKDAYS, *OFFICE), "dates": {"2026-03-06": []}},
            {"from": "2026-03-27", "week": ALWAYS},
            {"from": "2026-10-31", "week": week(DAYS, *OFFICE)},
        ],
    },
    "changed in the past": {
        "tz": "Asia/Shanghai",
        "versions": [
            {"from": None, "week": week(WORKDAYS, *OFFICE)},
            {"from": "2025-01-01", "week": week(WORKDAYS, *LUNCH), "dates": {"2026-02-14": LUNCH}},
        ],
    },
    "once": {"tz": "Europe/Berlin", "week": {}, "dates": {"2026-03-30": OFFICE, "2026-04-01": [["10:00", "10:20"]]}},
    "never": {"tz": "Europe/Berlin", "week": {}},
    "never again": {
        "tz": "UTC",
        "versions": [
            {"from": None, "week": ALWAYS},
            {"from": "2026-03-29T12:00:00Z", "week": {}},
        ],
    },
}
