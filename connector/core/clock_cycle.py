"""One cycle of one metric: what it has used up, when it was paused, which thresholds it hit; rules G1 to G5.

Time passes in stretches in which nothing changes; within one all follows from the calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..frozen import EMPTY
from .calendars import Calendar
from .clock_policy import WHOLE, Goal, MetricPolicy, Threshold


class Pace(StrEnum):
    """What a stretch of a cycle was: it counted, stood still for a pause, was solved, or had no goal."""

    COUNTING = "counting"
    PAUSED = "paused"
    SOLVED = "solved"
    NO_GOAL = "no_goal"


@dataclass(frozen=True, slots=True)
class Stretch:
    """[since, until) of a cycle; `seconds` are those that counted, by the calendar of `goal`."""

    since: int
    until: int
    pace: Pace
    seconds: int = 0
    goal: Goal | None = None


@dataclass(slots=True)
class Cycle:
    """Grows by `pass_to`, `take` and `look`; the caller goes through the history in its order."""

    policy: MetricPolicy
    calendars: Mapping[str, Calendar]
    started_at: int
    stopped_at: int | None = None
    cancelled: bool = False
    elapsed: int = 0
    paused: bool = False
    goal: Goal | None = None
    hits: dict[Threshold, int] = field(default_factory=dict)
    breached_at: int | None = None
    stretches: list[Stretch] = field(default_factory=list)
    _now: int = 0
    _last: tuple[int, str] | None = None
    _fields: Mapping[str, Any] | None = None
    _limits: tuple[tuple[Threshold, int, int], ...] = ()

    def __post_init__(self) -> None:
        self._now = self.started_at

    @property
    def open(self) -> bool:
        return self.stopped_at is None

    @property
    def fields(self) -> Mapping[str, Any]:
        """The ticket as the cycle last went by it: once stopped, as it was just before."""
        return self._fields or EMPTY

    def pass_to(self, t: int) -> None:
        """Let time go by until `t`; what is hit at `t` itself is seen by `look`, after the events of `t`."""
        since = self._now
        if t <= since:
            return
        self._now = t
        goal = self.goal
        if not self.open:
            self.stretches.append(Stretch(since, t, Pace.SOLVED))
        elif self.paused:
            self.stretches.append(Stretch(since, t, Pace.PAUSED, goal=goal))
        elif goal is None:
            self.stretches.append(Stretch(since, t, Pace.NO_GOAL))
        else:
            calendar = self.calendars[goal.calendar]
            seconds = calendar.open_seconds(since, t)
            for part, reached, _ in self._limits:
                if 0 < reached - self.elapsed <= seconds and part not in self.hits:
                    hit = calendar.add(since, reached - self.elapsed)
                    if hit is not None and hit < t:
                        self._hit(part, hit)
            self.elapsed += seconds
            self.stretches.append(Stretch(since, t, Pace.COUNTING, seconds, goal))

    def take(self, fields: Mapping[str, Any]) -> None:
        """Go by the goal and the pauses that these fields mean, from now on."""
        if fields is self._fields:
            return
        self._fields = fields
        self.paused = self.policy.paused(fields)
        goal = self.policy.goal(fields)
        if goal is not None:
            changed = goal.pair != self._last
            if changed:
                self.hits.clear()
                parts = (WHOLE, *self.policy.thresholds)
                self._limits = tuple((p, p.reached_at(goal.seconds), p.passed_at(goal.seconds)) for p in parts)
            if self.policy.on_change == "recount" and (changed or self.goal is None):
                calendar = self.calendars[goal.calendar]
                ran = (s for s in self.stretches if s.pace in (Pace.COUNTING, Pace.NO_GOAL))
                self.elapsed = sum(calendar.open_seconds(s.since, s.until) for s in ran)
            elif self.policy.on_change == "restart" and changed:
                self.elapsed = 0
            self._last = goal.pair
        self.goal = goal

    def look(self) -> None:
        """See which thresholds are hit now, after all events of the instant."""
        if not self.open or self.goal is None:
            return
        counting = not self.paused
        for part, reached, passed in self._limits:
            if self.elapsed >= (reached if counting else passed) and part not in self.hits:
                self._hit(part, self._now)

    def stop(self) -> None:
        """It is judged by the goal and the pause of just before."""
        self.stopped_at = self._now

    def resume(self) -> None:
        """Go on; the time since the stop was solved."""
        self.stopped_at = None

    def due(self, part: Threshold) -> int | None:
        """When `part` of the goal was, or is to be, used up; None while nobody can tell."""
        if self.cancelled:
            return None
        if part in self.hits:
            return self.hits[part]
        if self.goal is None or self.paused:
            return None
        since = self._now if self.stopped_at is None else self.stopped_at
        return self.calendars[self.goal.calendar].add(since, part.reached_at(self.goal.seconds) - self.elapsed)

    def pauses(self) -> list[tuple[int, int | None]]:
        """When it was paused or, once resumed, solved; neighbours joined, the last without an end if it lasts."""
        until = self.stopped_at
        found: list[tuple[int, int | None]] = []
        for stretch in self.stretches:
            if stretch.pace not in (Pace.PAUSED, Pace.SOLVED) or (until is not None and stretch.since >= until):
                continue
            if found and found[-1][1] == stretch.since:
                found[-1] = found[-1][0], stretch.until
            else:
                found.append((stretch.since, stretch.until))
        if self.open and self.paused:
            since = found.pop()[0] if found and found[-1][1] == self._now else self._now
            found.append((since, None))
        return found

    def _hit(self, part: Threshold, at: int) -> None:
        self.hits[part] = at
        if part is WHOLE and self.breached_at is None:
            self.breached_at = at
