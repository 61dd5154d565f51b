"""Short words for one ticket and one clock, for tests that state a rule in three lines."""

from __future__ import annotations

from typing import Any

from connector.core.clock import evaluate

from .sla_minutes import DAYS

Event = dict[str, Any]
CALENDARS: dict[str, Any] = {
    "always": {"tz": "UTC", "week": {day: [["00:00", "24:00"]] for day in DAYS}},
    "office": {"tz": "UTC", "week": {day: [["09:00", "17:00"]] for day in DAYS[:5]}},
    "never": {"tz": "UTC", "week": {}},
}
HOUR = [{"goal_s": 3600, "calendar": "always"}]
FOUR_HOURS = [{"goal_s": 14400, "calendar": "always"}]
VIP_HOUR_ELSE_FOUR = [{"when": {"vip": ["yes"]}, **HOUR[0]}, *FOUR_HOURS]


def at(time: str) -> str:
    """`10:00` or `10:00:30` on Monday 2 March 2026; `3 10:00` on the 3rd."""
    day, _, clock = time.rpartition(" ")
    return f"2026-03-{int(day or 2):02}T{clock}{'' if clock.count(':') == 2 else ':00'}Z"


def created(time: str, by: str = "customer", **fields: Any) -> Event:
    return {"at": at(time), "type": "created", "by": by, "fields": {"status": "open", **fields}}


def comment(time: str, by: str, public: bool = True) -> Event:
    return {"at": at(time), "type": "comment", "by": by, "public": public}


def asks(time: str) -> Event:
    return comment(time, "customer")


def reply(time: str) -> Event:
    return comment(time, "agent")


def sets(time: str, field: str, value: Any) -> Event:
    return {"at": at(time), "type": "field", "field": field, "value": value}


def merged(time: str) -> Event:
    return {"at": at(time), "type": "merged_into", "target": "T-9"}


def look(metric: str, as_of: str, *events: Event, known_at: str | None = None, **config: Any) -> dict[str, Any]:
    """The result of `metric` with a goal of one hour round the clock; an event's place is its `seq` and its id."""
    policy = {"done_status": ["done", "closed"], "metrics": {metric: {"goals": HOUR, **config}}}
    named = [{"id": f"e{number}", "seq": number, **event} for number, event in enumerate(events)]
    return evaluate(policy, CALENDARS, named, at(as_of), known_at and at(known_at))[metric]


def some(outcome: dict[str, Any], *keys: str) -> tuple[Any, ...]:
    """The named values of a result; instants of 2 March as `10:00:00`."""
    return tuple(brief(outcome[key]) for key in keys)


def brief(value: Any) -> Any:
    """`2026-03-02T10:00:00Z` as `10:00:00`, in lists and objects too."""
    if isinstance(value, list):
        return [brief(item) for item in value]
    if isinstance(value, dict):
        return {key: brief(item) for key, item in value.items()}
    return value[11:19] if isinstance(value, str) and value.startswith("2026-03-02T") else value
