"""Working time and the SLA clock: year-long spans against a library and a walk over the days, in the same run.

    python -m benchmarks --only clock

The desk is open from 09:00 to 18:00 on weekdays that are no holiday in China; make-up days are left out, since the
library has none. All three must agree, or the measurement stops. A metric is that of a ticket with 50 events, its
history read anew each time.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any
from zoneinfo import ZoneInfo

import businesstimedelta
import holidays
import pytz

from connector.core.calendars import Calendar, compile_calendar
from connector.core.clock import clocks
from connector.core.clock_policy import read_policy

ZONE = "Asia/Shanghai"
OPEN, CLOSE = dt.time(9), dt.time(18)
YEARS = range(2025, 2029)
HOLIDAYS = frozenset(day for day in holidays.country_holidays("CN", years=YEARS) if day.weekday() < 5)
SPEC = {
    "tz": ZONE, "week": {"mon-fri": ["09:00-18:00"]}, "dates": {day.isoformat(): [] for day in sorted(HOLIDAYS)}
}  # fmt: skip
LIBRARY = "businesstimedelta"
WALK = "day-by-day walk"
OURS = 20_000
"""Questions to us for each one to the library."""

Step = Callable[[str], None]


def steps(rounds: int) -> int:
    return 2 * rounds + 1


def measure(folder: Path, step: Step, *, rounds: int, looks: int) -> dict[str, Any]:  # noqa: ARG001
    """µs for one question about 350 days, ours and theirs, their ratios (how many times ours fits into theirs)."""
    calendar = compile_calendar(SPEC, 2025, 2028)
    spans = _spans(rounds)
    found: dict[str, Any] = {"open_seconds": _open_seconds(calendar, spans, step), "add": _add(calendar, spans, step)}
    found["metric"] = _metric(calendar, looks)
    step("a ticket with 50 events")
    return found


def _spans(rounds: int) -> list[tuple[int, int]]:
    chance = random.Random(20260302)
    first = int(dt.datetime(2026, 1, 5, 3, tzinfo=dt.UTC).timestamp())
    return [(at := first + 60 * chance.randrange(20_000), at + 350 * 86_400 + 60 * n) for n in range(rounds)]


def _open_seconds(calendar: Calendar, spans: list[tuple[int, int]], step: Step) -> dict[str, float]:
    rules = _rules()
    theirs, walked = [], []
    for a, b in spans:
        ours = calendar.open_seconds(a, b)
        taken, said = _timed(lambda a=a, b=b: _seconds(rules.difference(_there(a), _there(b))))
        theirs.append(taken)
        taken, walk = _timed(lambda a=a, b=b: _walk(a, b))
        walked.append(taken)
        if not ours == said == walk:
            raise AssertionError(f"open_seconds({a}, {b}): {ours}, {LIBRARY} {said}, {WALK} {walk}")
        step("open_seconds")
    return _figures(lambda a, b: calendar.open_seconds(a, b), spans, theirs, walked)


def _add(calendar: Calendar, spans: list[tuple[int, int]], step: Step) -> dict[str, float]:
    rules = _rules()
    theirs, walked = [], []
    for a, b in spans:
        # Half an hour into a day: at closing time they go on to the next morning.
        wanted = calendar.open_seconds(a, b) // 32_400 * 32_400 + 1_800
        ours = calendar.add(a, wanted)
        delta = businesstimedelta.BusinessTimeDelta(rules, hours=wanted // 3600, seconds=wanted % 3600)
        taken, said = _timed(lambda a=a, delta=delta: int((_there(a) + delta).timestamp()))
        theirs.append(taken)
        taken, walk = _timed(lambda a=a, wanted=wanted: _walk_until(a, wanted))
        walked.append(taken)
        if not ours == said == walk:
            raise AssertionError(f"add({a}, {wanted}): {ours}, {LIBRARY} {said}, {WALK} {walk}")
        step("add")
    return _figures(lambda a, b: calendar.add(a, (b - a) // 5), spans, theirs, walked)


def _figures(
    ask: Callable[[int, int], Any], spans: list[tuple[int, int]], theirs: list[float], walked: list[float]
) -> dict[str, float]:
    times = OURS // len(spans) + 1
    taken, _ = _timed(lambda: [ask(a, b) for a, b in spans for _ in range(times)])
    ours = taken / (times * len(spans))
    return {
        "us": 1e6 * ours,
        f"{LIBRARY}_us": 1e6 * median(theirs),
        "walk_us": 1e6 * median(walked),
        f"{LIBRARY}_ratio": median(theirs) / ours,
        "walk_ratio": median(walked) / ours,
    }


def _metric(calendar: Calendar, looks: int) -> dict[str, float]:
    policy = read_policy(
        {
            "done_status": ["done"],
            "metrics": {
                "resolution": {
                    "goals": [
                        {"goal_s": 3_600, "calendar": "desk", "when": {"priority": ["urgent"]}},
                        {"goal_s": 288_000, "calendar": "desk"},
                    ],
                    "pause_when": [{"status": ["pending"]}],
                    "thresholds": [0.5, 0.8],
                }
            },
        }
    )
    events, at = list(_events()), int(dt.datetime(2026, 2, 20, 1, tzinfo=dt.UTC).timestamp())
    taken = [_timed(lambda: clocks(policy, {"desk": calendar}, events, at))[0] for _ in range(looks)]
    return {"events": len(events), "us": 1e6 * median(taken)}


def _events() -> Iterable[dict[str, Any]]:
    at = int(dt.datetime(2026, 1, 5, 2, tzinfo=dt.UTC).timestamp())
    yield {"id": "c", "at": at, "type": "created", "by": "customer", "fields": {"status": "open", "priority": "low"}}
    for n in range(1, 50):
        at += 5 * 3_600
        event = {"id": f"e{n}", "at": at, "seq": n}
        match n % 3:
            case 0:
                yield {**event, "type": "field", "field": "status", "value": ("pending", "open")[n % 2]}
            case 1:
                yield {**event, "type": "comment", "by": "customer"}
            case _:
                yield {**event, "type": "comment", "by": "agent"}


def _rules() -> Any:
    zone = pytz.timezone(ZONE)
    days = businesstimedelta.WorkDayRule(start_time=OPEN, end_time=CLOSE, working_days=[0, 1, 2, 3, 4], tz=zone)
    off = businesstimedelta.HolidayRule(holidays.country_holidays("CN", years=YEARS), tz=zone)
    return businesstimedelta.Rules([days, off])


def _there(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, pytz.timezone(ZONE))


def _seconds(delta: Any) -> int:
    return int(delta.timedelta.total_seconds())


def _days(a: int) -> Iterable[tuple[int, int]]:
    """The open spans from the day of `a` on, one day after the other."""
    day = dt.datetime.fromtimestamp(a, ZoneInfo(ZONE)).date()
    while True:
        if day.weekday() < 5 and day not in HOLIDAYS:
            opens = dt.datetime.combine(day, OPEN, ZoneInfo(ZONE)).timestamp()
            closes = dt.datetime.combine(day, CLOSE, ZoneInfo(ZONE)).timestamp()
            yield int(opens), int(closes)
        day += dt.timedelta(days=1)


def _walk(a: int, b: int) -> int:
    total = 0
    for opens, closes in _days(a):
        if opens >= b:
            return total
        total += max(0, min(b, closes) - max(a, opens))
    return total


def _walk_until(a: int, wanted: int) -> int:
    left = wanted
    for opens, closes in _days(a):
        here = max(0, closes - max(a, opens))
        if here >= left:
            return max(a, opens) + left
        left -= here
    raise AssertionError("the days have no end")


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = thread_time()
    found = run()
    return thread_time() - start, found
