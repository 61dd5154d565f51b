"""Readers for what people write about time: days, spans of a day, time zones."""

from __future__ import annotations

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo, available_timezones

from ..core.calendar_spec import Span, read_span
from .nodes import Node
from .report import nearest, shown
from .scope import Scope
from .shapes import checked

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def day_of(value: str) -> date | None:
    """The calendar day written as `2026-03-01`; None for anything else."""
    if not _DAY.match(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _day_problem(value: str, _node: Node, _scope: Scope) -> str | None:
    return None if day_of(value) else f"{shown(value)} is no calendar day: write it like `2026-03-01`"


def _zone_problem(value: str, _node: Node, _scope: Scope) -> str | None:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        near = nearest(value, available_timezones())
        return f"unknown time zone {shown(value)}{near or ': write it like `Asia/Shanghai`'}"
    return None


def _span_problem(value: str, _node: Node, _scope: Scope) -> str | None:
    return None if span_of(value) else f"{shown(value)} is no span of a day: write it like `09:00-17:30`"


def span_of(value: str) -> Span | None:
    """Start and end in seconds of the day; an end not after its start lies on the next day."""
    try:
        return read_span(value)
    except ValueError:
        return None


day = checked(_day_problem)
zone = checked(_zone_problem)
span = checked(_span_problem)


def ordered(start: str, until: str) -> bool:
    """Is `start` not after `until`? Both as ISO days; unreadable ones are not judged here."""
    first, last = day_of(start), day_of(until)
    return first is None or last is None or last - first >= timedelta(0)
