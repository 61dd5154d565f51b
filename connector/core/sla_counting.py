"""What a report counts: of a judged cycle and a span as what it counts there, and in which group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .instants import moment_of


class Dimension(StrEnum):
    """What cycles are grouped by."""

    POLICY = "policy"
    PRIORITY = "priority"
    TIER = "tier"
    CHANNEL = "channel"
    TEAM = "team"
    WEEK = "week"


class Verdict(StrEnum):
    """As what a cycle counts in a report; `LATE` is open, with its target used up before the end of the span."""

    MET = "met"
    MISSED = "missed"
    LATE = "late"
    CANCELLED = "cancelled"
    NO_TARGET = "no_target"


class Judged(NamedTuple):
    """What a report needs of a cycle; instants are whole UTC seconds.

    `late_at` is when its target was used up or, as far as is known, will be. `goal_s` is None where there was no
    target in the end. `zone` is that of the calendar that counted it.
    """

    metric: str
    state: str
    started_at: int
    stopped_at: int | None = None
    late_at: int | None = None
    goal_s: int | None = None
    elapsed_s: int = 0
    zone: str | None = None
    policy: str | None = None
    priority: str | None = None
    tier: str | None = None
    channel: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` on, until just before `until`; whole UTC seconds."""

    since: int
    until: int

    def holds(self, at: int | None) -> bool:
        return at is not None and self.since <= at < self.until


def verdict(cycle: Judged, span: Span) -> Verdict | None:
    """As what `cycle` counts in `span`, None if it does not: by when it stopped or, still open then, was late.

    What stopped after the span was open at its end: so the report of a past month stays what it was.
    """
    if cycle.stopped_at is None or cycle.stopped_at >= span.until:
        return Verdict.LATE if span.holds(cycle.late_at) and cycle.state != "cancelled" else None
    if not span.holds(cycle.stopped_at):
        return None
    if cycle.state == "met" and cycle.goal_s is None:
        return Verdict.NO_TARGET
    return Verdict(cycle.state)


def group_of(cycle: Judged, by: Dimension, as_: Verdict) -> str | None:
    """The group of `by` in which `cycle` counts; None for those without a value.

    A week is that of the instant by which it counts, in the zone of its calendar.
    """
    if by is not Dimension.WEEK:
        return getattr(cycle, by.value) or None
    at = cycle.late_at if as_ is Verdict.LATE else cycle.stopped_at
    assert at is not None
    return _week(at // QUARTER, cycle.zone or "UTC")


QUARTER = 900
"""Midnight is a whole number of these in every zone."""


@lru_cache(maxsize=65_536)
def _week(quarter: int, zone: str) -> str:
    local: datetime = moment_of(quarter * QUARTER).astimezone(ZoneInfo(zone))
    return f"{local:%G-W%V}"
