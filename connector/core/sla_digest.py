"""By what a file's SLA clocks are computed, as a digest: equal ones mean equal clocks for the same history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .calendar_spec import Spec, Version
from .calendars import Calendar
from .digest import value_digest
from .sla_terms import terms_of

SHOWN = 16
_COUNTS = ("on_change", "reopen", "breach_sticky", "warn_at")


def clocks_digest(
    rules: Sequence[Mapping[str, Any]], lists: Mapping[str, Any], calendars: Mapping[str, Calendar]
) -> str:
    """`<which policy applies>.<what they mean>`: conditions and their order, and all else with its calendars."""
    choice = [[rule["id"], getattr(rule.get("when"), "source", None)] for rule in rules]
    steps = [[step.get("at") for step in rule.get("escalate") or ()] for rule in rules]
    means = [[rule["id"], terms_of(rule), [rule.get(name) for name in _COUNTS]] for rule in rules]
    hours = {name: _hours(calendars[name].spec) for name in sorted(set(_named(rules)))}
    text = str(choice)
    used = {name: words for name, words in lists.items() if f"@{name}" in text}
    first, second = value_digest([choice, used]), value_digest([means, steps, hours])
    return f"{first[:SHOWN]}.{second[:SHOWN]}"


def same_choice(one: str, other: str) -> bool:
    """Do two digests choose policies by the same conditions?"""
    return one.partition(".")[0] == other.partition(".")[0]


def _named(rules: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    return (target["calendar"] for rule in rules for each in rule["targets"].values() for target in each.values())


def _hours(spec: Spec) -> list[Any]:
    return [spec.zone.key, *map(_version, spec.versions)]


def _version(version: Version) -> list[Any]:
    dates = sorted((day.isoformat(), spans) for day, spans in version.dates.items())
    closed = [sorted(day.isoformat() for day in version.closed.days), version.closed.times]
    return [version.since, version.week, dates, version.regions, closed]
