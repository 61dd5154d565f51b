"""A ticket's SLA clocks on its page: how each stands, and how its time adds up, in the hours of its desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..engine.clocks import TicketClocks


@dataclass(frozen=True, slots=True)
class SpanView:
    """One stretch: from when to when, what it was, and what it added by which calendar."""

    since: datetime
    until: datetime
    pace: str
    added: timedelta
    calendar: str


@dataclass(frozen=True, slots=True)
class ClockView:
    """One metric that has begun; instants are in the zone of the calendar that counts it.

    `mood` is `bad` for a breach, `warn` for a pause or a goal that is missing, else `ok`. `share` is the part of
    the goal that is used, at most 1.
    """

    metric: str
    state: str
    cycle: int
    used: timedelta
    goal: timedelta | None
    due: datetime | None
    breached: datetime | None
    zone: str
    spans: tuple[SpanView, ...]

    @property
    def share(self) -> float:
        return min(1.0, self.used / self.goal) if self.goal else 0.0

    @property
    def word(self) -> str:
        """The state as a person says it: one that runs on after its deadline is late."""
        return "late" if self.breached and self.state == "running" else self.state

    @property
    def mood(self) -> str:
        if self.breached:
            return "bad"
        return "warn" if self.state in ("paused", "inactive") else "ok"


def clock_views(found: TicketClocks) -> Iterator[ClockView]:
    """The metrics that have begun, in the order of the policy's."""
    for name, metric in found.json()["metrics"].items():
        if metric["state"] != "not_started":
            yield _view(name, metric)


def _view(name: str, metric: Mapping[str, Any]) -> ClockView:
    zone = ZoneInfo(metric["zone"])
    goal = metric["goal_s"]
    return ClockView(
        metric=name,
        state=metric["state"],
        cycle=metric["cycle"],
        used=timedelta(seconds=metric["elapsed_s"]),
        goal=None if goal is None else timedelta(seconds=goal),
        due=_at(metric["due_at"], zone),
        breached=_at(metric["breached_at"], zone),
        zone=zone.key,
        spans=tuple(_span(span, zone) for span in metric["spans"]),
    )


def _span(span: Mapping[str, Any], zone: ZoneInfo) -> SpanView:
    since, until = _at(span["from"], zone), _at(span["to"], zone)
    assert since
    assert until
    return SpanView(since, until, span["pace"], timedelta(seconds=span["seconds"]), span["calendar"] or "")


def _at(text: str | None, zone: ZoneInfo) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(zone)
